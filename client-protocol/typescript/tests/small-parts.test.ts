import { describe, expect, test } from "vitest";
import * as Y from "yjs";

import { isId, newId } from "../src/ids.ts";
import { initials } from "../src/page/badge.ts";
import { inkOn } from "../src/page/colour.ts";
import { readPresence } from "../src/presence/model.ts";
import { formatDuration } from "../src/storyboard/model.ts";
import { OwnEdits } from "../src/storyboard/edit.ts";
import { readScenes } from "../src/storyboard/read.ts";
import { formatSlug, parseSlug } from "../src/storyboard/slug.ts";
import { pieces } from "../src/text/carets.ts";
import { appendClip } from "../src/timeline/edit.ts";
import { readClips, readRate, stripSlots } from "../src/timeline/read.ts";
import { seeded } from "./random.ts";

test("ids are 26 base32 characters of 128 bits, as the server reads them", () => {
  expect(newId("scn", new Uint8Array(16))).toBe(`scn_${"0".repeat(26)}`);
  expect(newId("scn", new Uint8Array(16).fill(255))).toBe(`scn_7${"z".repeat(25)}`);
  expect(isId("scn", newId("scn"))).toBe(true);
  expect(isId("scn", `scn_8${"0".repeat(25)}`)).toBe(false);
});

describe("scene headings", () => {
  test.each([
    ["int. kitchen - night", { ie: "INT", loc: "KITCHEN", tod: "NIGHT" }],
    ["EXT. HARBOUR \u2014 LOW TIDE - DAWN", { ie: "EXT", loc: "HARBOUR \u2014 LOW TIDE", tod: "DAWN" }],
    ["int/ext. car - day", { ie: "I/E", loc: "CAR", tod: "DAY" }],
    ["I/E CAR", { ie: "I/E", loc: "CAR", tod: "" }],
    ["interior of a whale", { ie: "", loc: "INTERIOR OF A WHALE", tod: "" }],
    ["", { ie: "", loc: "", tod: "" }],
  ])("%s", (text, slug) => {
    expect(parseSlug(text)).toEqual(slug);
    expect(parseSlug(formatSlug(slug))).toEqual(slug);
  });
});

describe("presence", () => {
  const server = { user: { name: "StoryForge", kind: "server" }, ticks: { scn_a: { run: "run_a", stage: "clip", pct: 40, st: "running" } } };

  test("people without oneself, and the server's ticks", () => {
    const cursor = { scene: "scn_a", anchor: {}, head: {} };
    const states = new Map<number, unknown>([
      [1, { user: { id: "usr_me", name: "Me" } }],
      [7, { user: { id: "usr_ada", name: "Ada", color: "#ff8800" }, cursor, scene: "scn_b" }],
      [9, server],
      [11, null],
      [12, { user: { name: "" } }],
    ]);
    const presence = readPresence(states, 1);
    expect(presence.people).toEqual([{ client: 7, user: "usr_ada", name: "Ada", colour: "#ff8800", cursor, scene: "scn_b" }]);
    expect(presence.ticks.get("scn_a")).toEqual({ run: "run_a", stage: "clip", pct: 40, state: "running" });
  });

  test("a person who poses as the server is a person", () => {
    const posing = { ...server, user: { ...server.user, id: "usr_x" } };
    const presence = readPresence(new Map([[5, posing]]), 1);
    expect(presence.ticks.size).toBe(0);
    expect(presence.people).toHaveLength(1);
  });

  test("names are readable on every colour", () => {
    expect([inkOn("#1971c2"), inkOn("#ffd43b"), inkOn("#000000"), inkOn("#ffffff")]).toEqual(["#ffffff", "#101215", "#ffffff", "#101215"]);
  });

  test("initials", () => {
    expect([initials("Ada Lindqvist"), initials("ben"), initials("\u{1F600} x y")]).toEqual(["AL", "B", "\u{1F600}Y"]);
  });
});

describe("carets over a text", () => {
  const ada = { client: 1, name: "Ada", colour: "#ffffff", anchor: 2, head: 5 };
  const ben = { client: 2, name: "Ben", colour: "#000000", anchor: 99, head: 99 };

  test("the pieces together are the text", () => {
    const cut = pieces("0123456789", [ada, ben]);
    expect(cut.map((piece) => piece.text).join("")).toBe("0123456789");
    expect(cut.find((piece) => piece.text === "234")?.selectedBy).toBe(ada);
    expect(cut.filter((piece) => piece.carets.includes(ada)).map((piece) => piece.text)).toEqual(["56789"]);
    expect(cut.at(-1)).toMatchObject({ text: "", carets: [ben] });
  });
});

describe("the timeline strip", () => {
  test("clips follow the story, with their own lengths; a scene without a clip has its estimate", () => {
    const storyboard = new Y.Doc();
    const timeline = new Y.Doc();
    const edits = new OwnEdits(storyboard, { id: "usr_me" }, seeded(1));
    const ids = [1, 2, 3].map(() => edits.addScene());
    timeline.getMap("meta").set("rate", [25.0, 1.0]);
    appendClip(timeline, ids[1]!, 50, seeded(1));
    appendClip(timeline, ids[0]!, 100, seeded(2));
    timeline.getMap("clips").set("bad", "text");
    const slots = stripSlots(readScenes(storyboard), readClips(timeline), readRate(timeline));
    expect(slots.map((slot) => [slot.scene.id, slot.start_s, slot.duration_s])).toEqual([
      [ids[0], 0, 4],
      [ids[1], 4, 2],
      [ids[2], 6, 96 / 25],
    ]);
  });

  test("durations in words", () => {
    expect([formatDuration(4), formatDuration(59.94), formatDuration(64.2)]).toEqual(["4.0 s", "59.9 s", "1:04"]);
  });
});
