import { expect, test } from "vitest";

import type { FeedScene } from "../src/http/model.ts";
import { firstPosition, following, itemAt, step, type Position } from "../src/tv/playlist.ts";

function scene(id: string, take: string | null): FeedScene {
  return {
    id, number: id, title: id, heading: "", prompt: "", status: "draft", preview: null, run: null,
    take: take === null ? null : { id: take, media: "a".repeat(64), thumb: null, frames: 24, rate: [24, 1] },
  };
}

function shown(scenes: readonly FeedScene[], count: number, from = firstPosition(scenes)): string[] {
  const names: string[] = [];
  let at: Position | null = from;
  for (let index = 0; index < count && at !== null; index += 1) {
    const item = itemAt(scenes, at)!;
    names.push(`${item.kind} ${item.scene.id}`);
    at = following(scenes, at);
  }
  return names;
}

test("slate, take, slate of a missing scene, and round again", () => {
  const scenes = [scene("a", "t1"), scene("b", null), scene("c", "t2")];
  expect(shown(scenes, 7)).toEqual(["slate a", "take a", "slate b", "slate c", "take c", "slate a", "take a"]);
});

test("slates of missing scenes stand longer and say so", () => {
  const scenes = [scene("a", null), scene("b", "t")];
  const [missing, present] = scenes.map((each, index) => itemAt(scenes, { scene: each.id, index, part: "slate" }));
  expect(missing).toMatchObject({ missing: true, duration_s: 4 });
  expect(present).toMatchObject({ missing: false, duration_s: 2.5 });
});

test("a take that comes while its scene's slate stands is played; one that comes later waits for the next round", () => {
  const before = [scene("a", null), scene("b", null)];
  const after = [scene("a", "new"), scene("b", null)];
  const slate = firstPosition(before)!;
  expect(following(after, slate)).toEqual({ scene: "a", index: 0, part: "take" });
  expect(shown(after, 3, { scene: "b", index: 1, part: "slate" })).toEqual(["slate b", "slate a", "take a"]);
});

test("a new order counts from the next scene on", () => {
  const moved = [scene("c", null), scene("a", "t"), scene("b", null)];
  expect(following(moved, { scene: "a", index: 0, part: "take" })?.scene).toBe("b");
});

test("a deleted scene's successor is next, and its predecessor before", () => {
  const rest = [scene("a", null), scene("c", null)];
  expect(step(rest, { scene: "b", index: 1, part: "slate" }, 1)?.scene).toBe("c");
  expect(step(rest, { scene: "b", index: 1, part: "slate" }, -1)?.scene).toBe("a");
  expect(itemAt(rest, { scene: "b", index: 1, part: "take" })).toBeNull();
});

test("the remote control goes round both ends", () => {
  const scenes = [scene("a", null), scene("b", null)];
  expect(step(scenes, firstPosition(scenes)!, -1)?.scene).toBe("b");
  expect(step(scenes, { scene: "b", index: 1, part: "slate" }, 1)?.scene).toBe("a");
});

test("an empty film has no position, also after its last scene went", () => {
  expect(firstPosition([])).toBeNull();
  expect(following([], { scene: "a", index: 0, part: "take" })).toBeNull();
});
