import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";
import * as Y from "yjs";

import { canonical } from "../src/json.ts";
import { MAIN_TRACK } from "../src/timeline/content.ts";
import { Timeline } from "../src/timeline/gestures.ts";
import { seeded } from "./random.ts";

interface Sequence {
  readonly name: string;
  readonly state: string;
  readonly steps: readonly { readonly gesture: string; readonly arguments: readonly unknown[]; readonly error?: string }[];
  readonly resolved: string;
}

const SEQUENCES = JSON.parse(readFileSync(new URL("../../vectors/timeline-gestures.json", import.meta.url), "utf8")) as readonly Sequence[];
const MARK = { by: "usr_x", at: 1 };

function film(state: Uint8Array, client = 5): Timeline {
  const doc = new Y.Doc();
  doc.clientID = client;
  Y.applyUpdate(doc, state);
  return new Timeline(doc, { random: seeded(client), mark: MARK, origin: "own" });
}

function resolved(hand: Timeline): string {
  const { view, repairs } = hand.seen();
  return canonical({ view, repairs: repairs.map((repair) => [repair.root, repair.id, repair.key, repair.value, repair.name]) });
}

test.each(SEQUENCES)("gestures do what they do in Python: $name", ({ state, steps, resolved: wanted }) => {
  const hand = film(Uint8Array.from(state.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
  for (const step of steps) {
    const name = step.gesture.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    const gesture = hand[name as "move"].bind(hand) as (...all: unknown[]) => unknown;
    if (step.error === undefined) {
      gesture(...step.arguments);
    } else {
      expect(() => gesture(...step.arguments)).toThrow(expect.objectContaining({ name: step.error }) as Error);
    }
  }
  expect(resolved(hand)).toBe(wanted);
});

describe("what only this side can say", () => {
  const empty = Y.encodeStateAsUpdate(new Y.Doc());

  test("insert and overwrite make room, on the main track and between pieces of a clip", () => {
    const hand = film(empty);
    const first = hand.insert(MAIN_TRACK, 0, 40, { scn: "scn_1" });
    hand.split(first, 20);
    hand.insert(MAIN_TRACK, 1, 5);
    hand.overwrite(MAIN_TRACK, 3, 4);
    const shown = [...hand.seen().placed.values()].sort((a, b) => a.start - b.start).map((each) => [each.start, each.frames]);
    expect(shown).toEqual([
      [0, 3],
      [3, 4],
      [7, 13],
      [20, 5],
      [25, 20],
    ]);
  });

  test("nothing is written of a gesture that cannot be done, nor one beyond the last frame", () => {
    const hand = film(empty);
    const far = 10_000_000;
    const clip = hand.insert(MAIN_TRACK, 0, far);
    const before = Y.encodeStateVector(hand.doc);
    expect(() => { hand.link(clip, "clp_gone"); }).toThrow(expect.objectContaining({ name: "NoSuchEntity" }) as Error);
    const gestures = [
      () => hand.insert(MAIN_TRACK, 0, far + 1),
      () => { hand.trimTail(clip, 1); },
      () => { hand.slip(clip, -far - 1); },
      () => hand.marker(far + 1, "far"),
    ];
    for (const gesture of gestures) {
      expect(gesture).toThrow(expect.objectContaining({ name: "GestureImpossible" }) as Error);
    }
    expect(Y.encodeStateVector(hand.doc)).toEqual(before);
  });

  test("a track and a clip find a place behind the longest key", () => {
    const hand = film(empty);
    const clips = [0, 1].map((place) => hand.insert(MAIN_TRACK, place, 10 + place));
    const first = hand.addTrack("audio", "Sound");
    (hand.doc.getMap("clips").get(clips[1]!) as Y.Map<unknown>).set("ord", "z".repeat(256));
    (hand.doc.getMap("tracks").get(first) as Y.Map<unknown>).set("ord", "z".repeat(256));
    const second = hand.addTrack("title", "Titles");
    clips.push(hand.insert(MAIN_TRACK, 2, 12));
    const { tracks } = hand.seen().view as { tracks: { id: string; clips: { id: string }[] }[] };
    expect(tracks.map((track) => track.id)).toEqual([MAIN_TRACK, first, second]);
    expect(tracks[0]!.clips.map((each) => each.id)).toEqual(clips);
  });

  test("markers, links and tracks", () => {
    const hand = film(empty);
    const track = hand.addTrack("audio", "Sound");
    const picture = hand.insert(MAIN_TRACK, 0, 40);
    const sound = hand.insert(track, 4, 40);
    hand.link(picture, sound);
    const marker = hand.marker(10, "look", picture);
    const { view } = hand.seen();
    expect(view).toMatchObject({ markers: [{ id: marker, at: 10, d: 0 }] });
    expect(JSON.stringify(view)).toContain('"off":');
    hand.unlink(sound);
    expect(JSON.stringify(hand.seen().view)).not.toContain('"off":');
  });

  test("one gesture is one transaction with its origin, so undo takes back all of it and nothing else (C20)", () => {
    const hand = film(empty);
    const other = film(empty, 6);
    const clip = hand.insert(MAIN_TRACK, 0, 40);
    const undo = new Y.UndoManager(hand.doc.getMap("clips"), {
      trackedOrigins: new Set(["own"]),
      captureTimeout: 0,
      ignoreRemoteMapChanges: true,
    });
    hand.retime(clip, 2, 1);
    hand.slip(clip, 7);
    Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(hand.doc));
    other.trimTail(clip, -10);
    Y.applyUpdate(hand.doc, Y.encodeStateAsUpdate(other.doc));
    undo.undo();
    undo.undo();
    const each = hand.seen().placed.get(clip)!;
    expect([each.frames, each.clip.slip, each.clip.speed]).toEqual([30, 0, [1, 1]]);
    undo.redo();
    expect(hand.seen().placed.get(clip)!.frames).toBe(15);
  });

  test("undo of an insertion, a track and a marker writes `del` and removes nothing; redo brings them back (C20)", () => {
    const hand = film(empty);
    const undo = new Y.UndoManager(
      ["clips", "tracks", "markers"].map((root) => hand.doc.getMap(root)),
      { trackedOrigins: new Set(["own"]), captureTimeout: 0, ignoreRemoteMapChanges: true },
    );
    const clip = hand.insert(MAIN_TRACK, 0, 40);
    const piece = hand.split(clip, 25);
    const track = hand.addTrack("audio", "Voices");
    const marker = hand.marker(3, "here");
    const there = (): boolean[] => {
      const { tracks, markers } = hand.seen().view as { tracks: { id: string }[]; markers: { id: string }[] };
      const placed = hand.seen().placed;
      return [placed.has(clip), placed.has(piece), tracks.some((each) => each.id === track), markers.some((each) => each.id === marker)];
    };
    for (const expected of [[true, true, true, false], [true, true, false, false], [true, false, false, false], [false, false, false, false]]) {
      undo.undo();
      expect(there()).toEqual(expected);
      expect(hand.seen().placed.get(clip)?.frames ?? 0).toBe(expected[1] === true ? 25 : expected[0] === true ? 40 : 0);
    }
    expect(hand.seen().placed.size).toBe(0);
    for (const [root, id] of [["clips", clip], ["clips", piece], ["tracks", track], ["markers", marker]] as const) {
      expect(hand.doc.getMap(root).has(id), `${id} is never removed`).toBe(true);
    }
    for (let step = 0; step < 4; step += 1) {
      undo.redo();
    }
    expect(there()).toEqual([true, true, true, true]);
    expect(hand.seen().placed.get(clip)!.frames).toBe(25);
  });

  test("undo of a gesture that was repaired meanwhile takes back what is left of it", () => {
    const hand = film(empty);
    const other = film(empty, 6);
    const clip = hand.insert(MAIN_TRACK, 0, 40);
    Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(hand.doc));
    const undo = new Y.UndoManager(hand.doc.getMap("clips"), {
      trackedOrigins: new Set(["own"]),
      captureTimeout: 0,
      ignoreRemoteMapChanges: true,
    });
    hand.trimTail(clip, -30);
    other.trimHead(clip, 30);
    Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(hand.doc));
    const repaired = other.seen().repairs.find((each) => each.id === clip)!;
    (other.doc.getMap("clips").get(clip) as Y.Map<unknown>).set(repaired.key!, repaired.value);
    Y.applyUpdate(hand.doc, Y.encodeStateAsUpdate(other.doc));
    expect(hand.seen().placed.get(clip)!.frames).toBe(1);
    undo.undo();
    expect(hand.seen().placed.get(clip)!.frames).toBe(10);
  });
});
