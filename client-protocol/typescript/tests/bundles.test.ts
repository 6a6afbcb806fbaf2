import { expect, test } from "vitest";
import { build } from "vite";

test("the phone's, the TV's and the first page carry no CRDT code", async () => {
  const built = await build({ configFile: "vite.config.ts", logLevel: "silent", build: { write: false } });
  const chunks = (Array.isArray(built) ? built : [built]).flatMap((output) => ("output" in output ? output.output : []));
  const code = new Map(chunks.flatMap((chunk) => (chunk.type === "chunk" ? [[chunk.fileName, chunk] as const] : [])));
  const modules = (file: string, seen = new Set<string>()): string[] => {
    const chunk = code.get(file);
    if (chunk === undefined || seen.has(file)) {
      return [];
    }
    seen.add(file);
    return [...chunk.moduleIds, ...[...chunk.imports, ...chunk.dynamicImports].flatMap((next) => modules(next, seen))];
  };
  const crdt = /node_modules\/(yjs|lib0|y-protocols|@hocuspocus)\//;
  const entries = [...code.values()].filter((chunk) => chunk.isEntry);
  expect(entries.map((entry) => entry.name).sort()).toEqual(["account", "credits", "device", "index", "join", "people", "project", "review", "share", "studio", "tv"]);
  for (const entry of entries) {
    const found = modules(entry.fileName).some((id) => crdt.test(id));
    expect(found, entry.name).toBe(entry.name === "studio");
  }
});
