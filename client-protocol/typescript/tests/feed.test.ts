import { describe, expect, test } from "vitest";

import { feedOf, progressOf, reduceFeed, type Feed } from "../src/http/feed.ts";
import { readProjects, readSnapshot } from "../src/http/model.ts";
import { focusOf, showingOf } from "../src/review/focus.ts";

const HASH = "a".repeat(64);
const NEWER = "b".repeat(64);

const scene = (id: string, more: object = {}): object => ({
  id, num: "1", title: "", prompt: "", status: "draft", preview: null, take: null, run: null, ...more,
});
const feed = (...scenes: object[]): Feed => feedOf(readSnapshot({ cursor: 10, project: { title: "Film" }, scenes }));
const event = (kind: "job" | "preview" | "take" | "scene" | "decision", cursor: number, payload: object): Parameters<typeof reduceFeed>[1] => ({
  kind, cursor, payload: { scn: "scn_a", ...payload },
});

describe("reading answers", () => {
  test("a snapshot", () => {
    const take = { id: "tak_a", media: HASH, thumb: HASH, frames: 96.0, rate: [24, 1] };
    const [read] = feed(scene("scn_a", { slug: { ie: "INT", loc: "hall", tod: "day" }, take, run: { id: "run_a", state: "running", stage: "clip", pct: 30 } })).scenes;
    expect(read).toMatchObject({ heading: "INT. HALL \u2014 DAY", take: { frames: 96, rate: [24, 1] }, run: { pct: 30 } });
  });

  test("lists of projects, bare or named", () => {
    const project = { id: "prj_a", title: "T", role: "editor" };
    expect(readProjects([project])).toEqual(readProjects({ projects: [project], next: null }));
  });

  test("nonsense is empty, not an exception", () => {
    expect(readSnapshot(null).scenes).toEqual([]);
    expect(readSnapshot({ scenes: [3, { take: { media: "//evil" } }] }).scenes.every((each) => each.take === null)).toBe(true);
  });
});

describe("following", () => {
  test("a run from its request to its take", () => {
    let state = feed(scene("scn_a"), scene("scn_b"));
    state = reduceFeed(state, event("job", 11, { run: "run_a", st: "queued", stage: "queued", pct: 0 }));
    expect(progressOf(state.scenes[0]!)).toBe(0);
    state = reduceFeed(state, { kind: "tick", payload: { scn: "scn_a", run: "run_a", stage: "frames", pct: 22 } });
    state = reduceFeed(state, event("job", 12, { run: "run_a", st: "running", stage: "frames", pct: 20 }));
    expect(progressOf(state.scenes[0]!), "a milestone that a tick has overtaken moves nothing back").toBe(22);
    state = reduceFeed(state, event("preview", 13, { run: "run_a", f: 1, media: HASH }));
    expect(showingOf(state.scenes[0]!)).toBe("preview");
    state = reduceFeed(state, event("take", 14, { take: "tak_a", media: NEWER, thumb: HASH, frames: 96, rate: [24, 1] }));
    state = reduceFeed(state, event("job", 15, { run: "run_a", st: "complete", stage: "finish", pct: 100 }));
    expect(progressOf(state.scenes[0]!)).toBeNull();
    expect(showingOf(state.scenes[0]!)).toBe("take");
    expect(state).toMatchObject({ cursor: 15, arrivals: ["tak_a"] });
    expect(state.scenes[1]).toEqual(feed(scene("scn_b")).scenes[0]);
  });

  test("a snapshot read again moves a run's progress nowhere back", () => {
    const run = (pct: number, id = "run_a"): object => ({ run: { id, state: "running", stage: "enhance", pct } });
    const ticked = reduceFeed(feed(scene("scn_a", run(2))), { kind: "tick", payload: { scn: "scn_a", run: "run_a", stage: "frames", pct: 12 } });
    const again = (more: object): Feed => feedOf(readSnapshot({ cursor: 11, scenes: [scene("scn_a", more)] }), ticked);
    expect(again(run(2)).scenes[0]!.run).toMatchObject({ stage: "frames", pct: 12 });
    expect(again(run(30)).scenes[0]!.run).toMatchObject({ stage: "enhance", pct: 30 });
    expect(again(run(1, "run_b")).scenes[0]!.run).toMatchObject({ id: "run_b", pct: 1 });
    expect(again({ run: { id: "run_a", state: "failed", stage: "frames", pct: 2 } }).scenes[0]!.run).toMatchObject({ state: "failed", pct: 2 });
  });

  test("what the snapshot already held changes nothing", () => {
    const state = feed(scene("scn_a"));
    expect(reduceFeed(state, event("preview", 10, { f: 9, media: HASH }))).toBe(state);
  });

  test("a tick after the end wakes no run", () => {
    let state = feed(scene("scn_a"));
    state = reduceFeed(state, event("job", 11, { run: "run_a", st: "cancelled", pct: 30 }));
    state = reduceFeed(state, { kind: "tick", payload: { scn: "scn_a", run: "run_a", pct: 60 } });
    expect(progressOf(state.scenes[0]!)).toBeNull();
  });

  test("a decision is told apart from everything else", () => {
    const state = reduceFeed(feed(scene("scn_a")), event("decision", 11, { verdict: "approved" }));
    expect(state).toMatchObject({ cursor: 11, decided: 11, stale: false });
    expect(reduceFeed(state, event("scene", 12, {})).decided).toBe(11);
  });

  test("a changed scene asks for a new snapshot, which keeps the arrivals", () => {
    let state = reduceFeed(feed(scene("scn_a")), event("take", 11, { take: "tak_a", media: HASH }));
    state = reduceFeed(state, event("scene", 12, {}));
    expect(state.stale).toBe(true);
    expect(feedOf(readSnapshot({ cursor: 12, scenes: [] }), state)).toMatchObject({ stale: false, arrivals: ["tak_a"] });
  });
});

describe("what the reviewer sees large", () => {
  const take = (id: string): object => ({ take: { id, media: HASH } });
  const running = { run: { id: "run_a", state: "running", stage: "clip", pct: 3 } };

  test("the work under way, else the newest take, else the first take, else the first scene", () => {
    const quiet = feed(scene("scn_a"), scene("scn_b", take("tak_b")), scene("scn_c", take("tak_c")));
    expect(focusOf(quiet, null)?.id).toBe("scn_b");
    expect(focusOf({ ...quiet, arrivals: ["tak_b", "tak_c"] }, null)?.id).toBe("scn_c");
    expect(focusOf(feed(scene("scn_a", take("tak_a")), scene("scn_b", running)), null)?.id).toBe("scn_b");
    expect(focusOf(feed(scene("scn_a")), null)?.id).toBe("scn_a");
    expect(focusOf(feed(), null)).toBeNull();
  });

  test("a chosen scene stays, until it is gone", () => {
    const both = feed(scene("scn_a"), scene("scn_b", running));
    expect(focusOf(both, "scn_a")?.id).toBe("scn_a");
    expect(focusOf(both, "scn_gone")?.id).toBe("scn_b");
  });
});
