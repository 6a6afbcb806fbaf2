import { describe, expect, test } from "vitest";
import * as Y from "yjs";

import { OWN_EDIT, OwnEdits } from "../src/storyboard/edit.ts";
import { Storyboard } from "../src/storyboard/gestures.ts";
import { isActive, previewOf, withTick } from "../src/storyboard/model.ts";
import { promptText, readScenes, sceneEntity } from "../src/storyboard/read.ts";
import { seeded } from "./random.ts";

const ME = { id: "usr_me" };
const HASH = "a".repeat(64);

function board(count: number): { doc: Y.Doc; ids: string[]; edits: OwnEdits } {
  const doc = new Y.Doc();
  const made = new OwnEdits(doc, ME, seeded(1), () => 1);
  const ids = Array.from({ length: count }, () => made.addScene());
  return { doc, ids, edits: new OwnEdits(doc, ME, seeded(2), () => 9) };
}

const order = (doc: Y.Doc): string[] => readScenes(doc).map((scene) => scene.id);

function put(doc: Y.Doc, root: string, id: string, registers: Record<string, unknown>): void {
  const entity = new Y.Map<unknown>();
  for (const [key, value] of Object.entries(registers)) {
    entity.set(key, value);
  }
  doc.getMap(root).set(id, entity);
}

describe("reading", () => {
  test("anything of the wrong shape reads as missing and nothing throws", () => {
    const doc = new Y.Doc();
    doc.getMap("scenes").set("not-an-entity", "text");
    put(doc, "scenes", "scn_a", { ord: 7, num: null, title: ["x"], slug: "INT", prompt: "plain", st: "unheard-of", cur: 3, est_f: 12.5, del: false });
    put(doc, "jobs", "run_a", { scn: "scn_a", st: 1, stage: null, pct: 300, at0: "yesterday" });
    put(doc, "takes", "tak_a", { hash: "../../etc" });
    doc.getMap("prev").set("scn_a", { media: "javascript:alert(1)", f: 1 });
    const [scene] = readScenes(doc);
    expect(scene).toMatchObject({ id: "scn_a", number: "", title: "", status: "draft", estimateFrames: 96, preview: null, take: null });
    expect(scene!.run).toMatchObject({ state: "queued", pct: 0 });
    expect(promptText(doc, "scn_a")).toBeNull();
  });

  test("numbers that pycrdt wrote as floats are whole numbers", () => {
    const { doc, ids } = board(1);
    put(doc, "takes", "tak_a", { scn: ids[0], n: 2.0, hash: HASH, thumb: HASH, rate: [24.0, 1.0], frames: 96.0, w: 1280.0, h: 720n });
    sceneEntity(doc, ids[0]!)!.set("cur", "tak_a");
    expect(readScenes(doc)[0]!.take).toMatchObject({ number: 2, frames: 96, rate: [24, 1], width: 1280, height: 720 });
  });

  test("the newest run of a scene counts, by the time of its request", () => {
    const { doc, ids } = board(1);
    put(doc, "jobs", "run_z", { scn: ids[0], st: "complete", pct: 100, at0: 1_000 });
    put(doc, "jobs", "run_a", { scn: ids[0], st: "running", stage: "clip", pct: 40, at0: "2026-01-01T00:00:00Z" });
    expect(readScenes(doc)[0]!.run).toEqual({ id: "run_a", state: "running", stage: "clip", pct: 40, error: null, cost: null, offer: null });
  });

  test("ties of the order key fall by id on every replica", () => {
    const doc = new Y.Doc();
    put(doc, "scenes", "scn_b", { ord: "V" });
    put(doc, "scenes", "scn_a", { ord: "V" });
    put(doc, "scenes", "scn_0", { ord: "W" });
    expect(order(doc)).toEqual(["scn_a", "scn_b", "scn_0"]);
  });

  test("a tick moves the bar of its own run only, and never back", () => {
    const { doc, ids } = board(1);
    put(doc, "jobs", "run_a", { scn: ids[0], st: "running", stage: "clip", pct: 40 });
    const [scene] = readScenes(doc);
    expect(withTick(scene!, { run: "run_a", stage: "voice", pct: 63 }).run).toMatchObject({ stage: "voice", pct: 63 });
    expect(withTick(scene!, { run: "run_a", stage: "clip", pct: 12 }).run?.pct).toBe(40);
    expect(withTick(scene!, { run: "run_old", stage: "voice", pct: 90 }).run?.pct).toBe(40);
    expect(withTick(scene!, undefined)).toBe(scene);
  });

  test("a preview is shown while its scene is made, not in front of a finished take", () => {
    const { doc, ids } = board(1);
    doc.getMap("prev").set(ids[0]!, { run: "run_a", f: 2, media: HASH, w: 10, h: 5 });
    put(doc, "takes", "tak_a", { hash: HASH });
    sceneEntity(doc, ids[0]!)!.set("cur", "tak_a");
    expect(previewOf(readScenes(doc)[0]!)).toBeNull();
    put(doc, "jobs", "run_a", { scn: ids[0], st: "running" });
    expect(previewOf(readScenes(doc)[0]!)?.step).toBe(2);
    expect(isActive(readScenes(doc)[0]!.run)).toBe(true);
  });
});

describe("editing", () => {
  test("scenes are numbered on, and moving renumbers none", () => {
    const { doc, ids, edits } = board(3);
    edits.moveScene(ids[2]!, -2);
    expect(readScenes(doc).map((scene) => scene.number)).toEqual(["3", "1", "2"]);
    const before = Y.encodeStateVector(doc);
    edits.moveScene(ids[2]!, -1);
    expect(Y.encodeStateVector(doc)).toEqual(before);
  });

  test("a scene moves past the end of a sequence and into it", () => {
    const { doc, ids, edits } = board(3);
    const hand = new Storyboard(doc, { random: seeded(3), by: "usr_x", now_ms: () => 1 });
    const sequence = hand.addSequence({ title: "S" }, "", ids[1]);
    hand.moveScene(ids[1]!, sequence);
    expect(order(doc)).toEqual(ids);
    edits.moveScene(ids[0]!, 1);
    expect([order(doc), sceneEntity(doc, ids[0]!)!.get("par")]).toEqual([[ids[1], ids[0], ids[2]], sequence]);
    edits.moveScene(ids[0]!, 1);
    expect([order(doc), sceneEntity(doc, ids[0]!)!.get("par")]).toEqual([[ids[1], ids[2], ids[0]], ""]);
    edits.moveScene(ids[0]!, -2);
    expect(order(doc)).toEqual([ids[0], ids[1], ids[2]]);
  });

  test("the shots of a scene that was merged are read in the other", () => {
    const { doc, ids } = board(2);
    const hand = new Storyboard(doc, { random: seeded(3), by: "usr_x", now_ms: () => 1 });
    hand.addShot({ size: "CU" }, ids[0]);
    hand.addShot({ size: "MCU" }, ids[1]);
    hand.mergeScenes(ids[0]!, ids[1]!);
    expect(readScenes(doc).map((scene) => scene.shots.map((shot) => shot.size))).toEqual([["CU", "MCU"]]);
  });

  test("two people who reorder at the same time end with one order", () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const random = seeded(seed);
      const { doc: one, ids, edits } = board(6);
      const two = new Y.Doc();
      Y.applyUpdate(two, Y.encodeStateAsUpdate(one));
      const others = new OwnEdits(two, ME, random, () => 1);
      for (let count = 0; count < 5; count += 1) {
        edits.moveScene(ids[Math.floor(random() * 6)]!, random() < 0.5 ? -2 : 1);
        others.moveScene(ids[Math.floor(random() * 6)]!, random() < 0.5 ? -1 : 2);
      }
      Y.applyUpdate(two, Y.encodeStateAsUpdate(one));
      Y.applyUpdate(one, Y.encodeStateAsUpdate(two));
      expect(order(one), `seed ${seed}`).toEqual(order(two));
      expect(new Set(order(one)).size).toBe(6);
    }
  });

  test("undo of a new scene writes `del` and deletes no entity (consistency.md C20); redo brings it back", () => {
    const { doc, ids, edits } = board(1);
    const added = edits.addScene();
    expect(order(doc)).toEqual([ids[0], added]);
    edits.undo.undo();
    expect(order(doc)).toEqual([ids[0]]);
    expect(sceneEntity(doc, added)!.get("del")).toEqual({ by: "usr_me", at: 9 });
    edits.undo.redo();
    expect(order(doc)).toEqual([ids[0], added]);
    expect(promptText(doc, added)).not.toBeNull();
  });

  test("undo takes back one's own gestures and nobody else's", () => {
    const { doc, ids, edits } = board(2);
    promptText(doc, ids[0]!)!.insert(0, "from afar ");
    doc.transact(() => { promptText(doc, ids[0]!)!.insert(0, "mine "); }, OWN_EDIT);
    edits.undo.stopCapturing();
    edits.deleteScene(ids[1]!);
    edits.undo.undo();
    expect(order(doc)).toEqual(ids);
    edits.undo.undo();
    expect(promptText(doc, ids[0]!)!.toJSON()).toBe("from afar ");
    expect(edits.undo.canUndo()).toBe(false);
  });

  test("undo still works after the server has written the same register", () => {
    const { doc, ids, edits } = board(1);
    edits.setTitle(ids[0]!, "Mine");
    sceneEntity(doc, ids[0]!)!.set("title", "Repaired");
    edits.undo.undo();
    expect(readScenes(doc)[0]!.title).toBe("");
  });

  test("a register that already holds the value is not written again", () => {
    const { doc, ids, edits } = board(1);
    edits.setTitle(ids[0]!, "The lamp");
    edits.setHeading(ids[0]!, "int. boathouse - dawn");
    const before = Y.encodeStateVector(doc);
    edits.setTitle(ids[0]!, "The lamp ");
    edits.setHeading(ids[0]!, "INT. BOATHOUSE \u2014 DAWN");
    expect(Y.encodeStateVector(doc)).toEqual(before);
  });
});
