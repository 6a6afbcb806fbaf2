import { expect, test } from "vitest";
import * as Y from "yjs";

import type { Change } from "../src/session/native-client.ts";
import { EntityLocked, Recorder } from "../src/session/replay.ts";
import { OWN_EDIT, OwnEdits } from "../src/storyboard/edit.ts";
import { seeded } from "./random.ts";

const ME = { id: "usr_me" };

/** A storyboard with two scenes, and another replica of it. */
function replicas(): { readonly doc: Y.Doc; readonly other: Y.Doc; readonly scenes: readonly string[] } {
  const doc = new Y.Doc();
  const edits = new OwnEdits(doc, ME, seeded(1));
  const scenes = [edits.addScene(), edits.addScene()];
  textOf(doc, scenes[0]!).insert(0, "Mara waits.");
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  return { doc, other, scenes };
}

function textOf(doc: Y.Doc, scene: string): Y.Text {
  return (doc.getMap("scenes").get(scene) as Y.Map<unknown>).get("prompt") as Y.Text;
}

/** What `act` does, as changes. */
function recorded(doc: Y.Doc, act: () => void): Change[] {
  const recorder = new Recorder(doc);
  const changes: Change[] = [];
  const note = (_update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction): void => {
    changes.push(recorder.record(transaction));
  };
  doc.on("update", note);
  act();
  doc.off("update", note);
  return changes;
}

test("W52 gestures, typing and undo are made again on another replica, with the same result", () => {
  const { doc, other, scenes } = replicas();
  const changes = recorded(doc, () => {
    const edits = new OwnEdits(doc, ME, seeded(2));
    const made = edits.addScene();
    edits.setTitle(made, "The quay");
    edits.moveScene(made, -1);
    for (const [at, letter] of [..." Still."].entries()) {
      doc.transact(() => { textOf(doc, scenes[0]!).insert(11 + at, letter); }, OWN_EDIT);
    }
    textOf(doc, made).insert(0, "Fog.");
    edits.deleteScene(scenes[1]!);
    edits.undo.undo();
    edits.setHeading(scenes[1]!, "INT. SHED - NIGHT");
  });
  changes.forEach((change) => { other.transact(() => { change(other); }); });
  expect(other.getMap("scenes").toJSON()).toEqual(doc.getMap("scenes").toJSON());
});

test("W52 what was typed goes where the words are that it was typed among", () => {
  const { doc, other, scenes } = replicas();
  const changes = recorded(doc, () => {
    textOf(doc, scenes[0]!).insert(4, ", late,");
    textOf(doc, scenes[0]!).delete(textOf(doc, scenes[0]!).length - 1, 1);
  });
  textOf(other, scenes[0]!).insert(0, "Night. ");
  changes.forEach((change) => { change(other); });
  expect(textOf(other, scenes[0]!).toJSON()).toBe("Night. Mara, late, waits");
  expect(changes.map((change) => change.words)).toEqual([", late,", ""]);
});

test("W52 what is typed in a replica that has just come is known too", () => {
  const { other, scenes } = replicas();
  const recorder = new Recorder(other); // before anybody has asked for its roots
  const changes: Change[] = [];
  other.on("update", (_update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
    changes.push(recorder.record(transaction));
  });
  textOf(other, scenes[0]!).insert(0, "Late. ");
  expect(changes.map((change) => change.words)).toEqual(["Late. "]);
});

test("W61 what is locked meanwhile is not written in, and what is gone neither", () => {
  const { doc, other, scenes } = replicas();
  const edits = new OwnEdits(doc, ME, seeded(3));
  const [typed, moved] = [recorded(doc, () => { textOf(doc, scenes[0]!).insert(0, "x"); }), recorded(doc, () => { edits.moveScene(scenes[0]!, 1); })];
  const scene = other.getMap("scenes").get(scenes[0]!) as Y.Map<unknown>;
  scene.set("lock", { by: "usr_a", why: "", run: "run_a" });
  expect(() => { typed[0]!(other); }).toThrow(EntityLocked);
  moved.forEach((change) => { change(other); }); // a generation does not read where its scene stands
  scene.set("lock", { by: "usr_a", why: "" });
  expect(() => { moved.forEach((change) => { change(other); }); }).toThrow(EntityLocked);
  other.getMap("scenes").delete(scenes[0]!);
  expect(() => { typed[0]!(other); }).toThrow("has no");
});
