import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { derivedId } from "../src/ids.ts";
import { canonical } from "../src/json.ts";
import type { Content } from "../src/registers.ts";
import { MAIN_TRACK } from "../src/timeline/content.ts";
import { resolve } from "../src/timeline/resolve.ts";

interface Case {
  readonly name: string;
  readonly content: Content;
  readonly resolved: string;
}

const CASES = JSON.parse(readFileSync(new URL("../../vectors/timeline.json", import.meta.url), "utf8")) as readonly Case[];

test.each(CASES)("the film and its repairs are those of Python: $name", ({ content, resolved }) => {
  const film = resolve(content);
  const repairs = film.repairs.map((repair) => [repair.root, repair.id, repair.key, repair.value, repair.name]);
  expect(canonical({ view: film.view, repairs })).toBe(resolved);
});

test("what JSON cannot say is read as Python reads it", () => {
  const film = resolve({ tracks: new Map(), clips: { a: { t: MAIN_TRACK, in: 2n, out: 12n }, b: new Uint8Array(3) }, markers: [] });
  expect([...film.placed.values()].map((each) => [each.clip.id, each.in, each.out])).toEqual([["a", 2, 12]]);
});

test("derived ids are those of Python", () => {
  expect(derivedId("clp", "clp_root", "24")).toBe("clp_5dk51tq0kkb0dra7zn3ep748bp");
  expect(derivedId("mrk", "x".repeat(200))).toBe("mrk_26303qgt0fbf89528hf8y4fdpb");
});
