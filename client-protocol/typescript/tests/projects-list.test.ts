/** The list of projects has pages; whoever reads it gets all of them, in order. */

import { afterEach, expect, test, vi } from "vitest";
import { listProjects } from "../src/http/client.ts";

afterEach(() => vi.unstubAllGlobals());

test("every page is read, by the cursor of the one before", async () => {
  const pages: Record<string, unknown> = {
    "/v1/projects?state=active": { projects: [{ id: "prj_1" }, { id: "prj_2" }], next: "a+b" },
    "/v1/projects?state=active&cursor=a%2Bb": { projects: [{ id: "prj_3" }], next: null },
  };
  const asked: string[] = [];
  vi.stubGlobal("fetch", (path: string) => {
    asked.push(path);
    return Promise.resolve(new Response(JSON.stringify(pages[path])));
  });
  expect((await listProjects()).map((project) => project.id)).toEqual(["prj_1", "prj_2", "prj_3"]);
  expect(asked).toEqual(Object.keys(pages));
});
