import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";
import * as Y from "yjs";

import { canonical } from "../src/json.ts";
import { contentOf, TEXTS, type Root } from "../src/storyboard/content.ts";
import { Storyboard } from "../src/storyboard/gestures.ts";
import { resolve, view } from "../src/storyboard/resolve.ts";
import { undoOf } from "../src/storyboard/undo.ts";
import { seeded } from "./random.ts";

interface Sequence {
  readonly name: string;
  readonly content: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly steps: readonly { readonly gesture: string; readonly arguments: readonly unknown[]; readonly error?: string }[];
  readonly resolved: string;
}

const SEQUENCES = JSON.parse(readFileSync(new URL("../../vectors/storyboard-gestures.json", import.meta.url), "utf8")) as readonly Sequence[];

function board(state: Uint8Array, client = 5): Storyboard {
  const doc = new Y.Doc();
  doc.clientID = client;
  Y.applyUpdate(doc, state);
  return new Storyboard(doc, { random: seeded(client), by: "usr_x", now_ms: () => 1, origin: "own" });
}

function said(hand: Storyboard): string {
  const content = contentOf(hand.doc);
  const resolved = resolve(content);
  const repairs = resolved.repairs.map((repair) => [repair.root, repair.id, repair.key, repair.value, repair.name]);
  return canonical({ view: view(content, resolved), repairs });
}

function filled(content: Sequence["content"]): Storyboard {
  const doc = new Y.Doc();
  for (const [root, entities] of Object.entries(content)) {
    for (const [id, registers] of Object.entries(entities)) {
      const shared = Object.entries(registers).map(([key, value]): [string, unknown] => [
        key,
        key === TEXTS[root as Root] ? new Y.Text(value as string) : value,
      ]);
      doc.getMap(root).set(id, new Y.Map(shared));
    }
  }
  return board(Y.encodeStateAsUpdate(doc));
}

test.each(SEQUENCES)("gestures do what they do in Python: $name", ({ content, steps, resolved }) => {
  const hand = filled(content);
  for (const step of steps) {
    const name = step.gesture.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    const gesture = hand[name as "addScene"].bind(hand) as (...all: unknown[]) => unknown;
    if (step.error === undefined) {
      gesture(...step.arguments);
    } else {
      expect(() => gesture(...step.arguments), step.gesture).toThrow(expect.objectContaining({ name: step.error }) as Error);
    }
  }
  expect(said(hand)).toBe(resolved);
});

describe("what only this side can say", () => {
  const empty = Y.encodeStateAsUpdate(new Y.Doc());
  const meet = (one: Storyboard, other: Storyboard): void => {
    Y.applyUpdate(one.doc, Y.encodeStateAsUpdate(other.doc));
    Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(one.doc));
    expect(said(one)).toBe(said(other));
  };
  const titles = (hand: Storyboard): unknown[] => {
    const content = contentOf(hand.doc) as { scenes: Record<string, { title: unknown }> };
    return resolve(content).story.scenes().map((node) => content.scenes[node.id]?.title);
  };

  test("reorder of one scene by two people leaves one scene", () => {
    const ada = board(empty);
    const [a, , c] = ["A", "B", "C"].map((title) => ada.addScene({ title }));
    const ben = board(Y.encodeStateAsUpdate(ada.doc), 6);
    ada.moveScene(a!);
    ben.moveScene(a!, "", c);
    meet(ada, ben);
    expect(titles(ada).sort()).toEqual(["A", "B", "C"]);
  });

  test("undo takes back one's own work and nobody else's, and redo brings it back", () => {
    const ada = board(empty);
    const scene = ada.addScene({ title: "A", prompt: "Fog." });
    const shot = ada.addShot({ desc: "hands" }, scene);
    const ben = board(Y.encodeStateAsUpdate(ada.doc), 6);
    const undo = undoOf(ada.doc, "own");
    ada.editScene(scene, { title: "Pier", neg: "rain" });
    undo.stopCapturing();
    ada.splitScene(scene, ada.addShot({ desc: "feet" }, scene));
    ben.editScene(scene, { num: "7" });
    ben.editShot(shot, { desc: "her hands" });
    meet(ada, ben);
    undo.undo();
    expect(titles(ada)).toEqual(["Pier"]);
    undo.undo();
    meet(ada, ben);
    const { scenes, shots } = contentOf(ada.doc) as Record<"scenes" | "shots", Record<string, Record<string, unknown>>>;
    expect(scenes[scene]).toMatchObject({ title: "A", num: "7", prompt: "Fog." });
    expect(scenes[scene]!["neg"]).toBeUndefined();
    expect(shots[shot]!["desc"]).toBe("her hands");
    expect(Object.values(shots).every((each) => "del" in each), "an entity is never removed (C20)").toBe(true);
    undo.redo();
    expect((contentOf(ada.doc) as { scenes: Record<string, { neg: unknown }> }).scenes[scene]!.neg).toBe("rain");
    undo.redo();
    expect(titles(ada)).toHaveLength(2);
  });

  test("undo of a move survives the repair of its place (C20)", () => {
    const still = (client: number, state: Uint8Array): Storyboard => {
      const { doc } = board(state, client);
      return new Storyboard(doc, { random: () => 0, by: "usr_x", now_ms: () => 1, origin: "own" });
    };
    const ada = still(5, empty);
    const act = ada.addAct({ title: "One" });
    const [first, moved, last] = ["a", "b", "c"].map((title) => ada.addScene({ title }, "", null, `scn_${title}`));
    const ben = still(6, Y.encodeStateAsUpdate(ada.doc));
    const undo = undoOf(ada.doc, "own");
    ada.moveScene(moved!, act);
    ben.moveScene(first!, act);
    meet(ada, ben);
    const [repair, ...others] = resolve(contentOf(ada.doc)).repairs;
    expect([repair?.id, repair?.name, others]).toEqual([moved, "order", []]);
    (ben.doc.getMap("scenes").get(moved!) as Y.Map<unknown>).set("ord", repair?.value); // as the server does
    meet(ada, ben);
    undo.undo();
    meet(ada, ben);
    const { story, repairs } = resolve(contentOf(ada.doc));
    expect(story.within("scenes").map((node) => node.id)).toEqual([act, moved, last]);
    expect(repairs).toEqual([]);
  });

  test("what cannot be done writes nothing", () => {
    const ada = board(empty);
    const scene = ada.addScene({ title: "A" });
    const before = Y.encodeStateVector(ada.doc);
    expect(() => { ada.editScene(scene, { neg: "rain", cur: "tak_1" }); }).toThrow(expect.objectContaining({ name: "ServerOnly" }) as Error);
    expect(() => { ada.editScene(scene, { neg: "rain", ord: "V" }); }).toThrow(expect.objectContaining({ name: "SchemaKey" }) as Error);
    expect(() => ada.duplicateScene(scene, scene)).toThrow(expect.objectContaining({ name: "GestureImpossible" }) as Error);
    ada.editScene(scene, { title: "A" });
    expect(Y.encodeStateVector(ada.doc)).toEqual(before);
  });

  test("of a text only what differs is written, and both edits are kept", () => {
    const ada = board(empty);
    const scene = ada.addScene({ prompt: "Fog over the pier." });
    const ben = board(Y.encodeStateAsUpdate(ada.doc), 6);
    ada.editScene(scene, { prompt: "Thick fog over the pier." });
    ben.editScene(scene, { prompt: "Fog over the pier 🎬." });
    meet(ada, ben);
    expect((contentOf(ada.doc) as { scenes: Record<string, { prompt: string }> }).scenes[scene]!.prompt).toBe("Thick fog over the pier 🎬.");
  });
});
