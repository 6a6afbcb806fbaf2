import { describe, expect, test } from "vitest";
import * as Y from "yjs";

import { readProposals, readShown, reasonText, type Names } from "../src/proposals/model.ts";
import { readScenes } from "../src/storyboard/read.ts";
import { lockText } from "../src/studio/lock-bar.ts";

const names: Names = { scene: (id) => (id === "scn_3" ? "Scene 3" : null), person: (id) => (id === "usr_ana" ? "Ana Ruiz" : "somebody") };
const row = { id: "prp_1", author: "usr_ben", author_name: "Ben", created_at: "2026-01-02T03:04:05Z" };

describe("a proposal in words", () => {
  test("what it would change, what a lock holds up first", () => {
    const shown = readShown(
      {
        proposal: { ...row, reason: "scene.locked", detail: "" },
        held: [{ root: "scenes", entity: "scn_3", change: "changed", keys: [{ key: "prompt", before: null, after: null, words: [{ op: "same", text: "A " }, { op: "added", text: "red " }] }] }],
        changes: [
          { root: "scenes", entity: "scn_9", change: "changed", keys: [{ key: "title", before: "Old", after: "New", words: null }, { key: "neg", before: "rain", after: null, words: null }] },
          { root: "scenes", entity: "scn_3", change: "changed", keys: [{ key: "del", before: null, after: { by: "usr_ben" }, words: null }] },
          { root: "shots", entity: "sht_1", change: "added", keys: [] },
        ],
        kept: [],
      },
      names,
    );
    expect(shown.held).toBe(true);
    expect(shown.lines).toEqual([
      { place: "Scene 3, prompt", words: [{ op: "same", text: "A " }, { op: "added", text: "red " }] },
      { place: "Scene, title", words: [{ op: "removed", text: "Old" }, { op: "added", text: "New" }] },
      { place: "Scene, what is not to be seen", words: [{ op: "removed", text: "rain" }, { op: "added", text: "nothing" }] },
      { place: "Scene 3", words: [{ op: "removed", text: "deleted" }] },
      { place: "Shot", words: [{ op: "added", text: "new shot" }] },
    ]);
  });

  test.each([
    ["scene.locked", "scn_3 is locked by usr_ana: the client\nhas seen it", "Scene 3 was locked by Ana Ruiz: the client\nhas seen it"],
    ["scene.locked", "scn_4 is locked by usr_x", "The scene was locked by somebody."],
    ["client.foreign", "7 belongs to somebody who is here", "It came under another person's name."],
    ["schema.range", "scenes.scn_3: from 1 to 2", "It was refused (schema.range)."],
  ])("why: %s", (reason, detail, said) => {
    const [proposal] = readProposals({ proposals: [{ ...row, reason, detail }] });
    expect(proposal).toMatchObject({ authorName: "Ben", createdAt: Date.UTC(2026, 0, 2, 3, 4, 5) });
    expect(proposal === undefined ? "" : reasonText(proposal, names)).toBe(said);
  });

  test("what is no proposal is read as an empty one", () => {
    expect(readProposals({ proposals: [7, null] }).map((each) => each.id)).toEqual(["", ""]);
    expect(readShown(null, names)).toMatchObject({ lines: [], held: false });
  });
});

test("a lock as the document has it, and in words", () => {
  const doc = new Y.Doc();
  const locks = [undefined, null, { by: "usr_ana", why: "done", at: 1 }, { by: "usr_ana", take: "tak_1" }, { run: "run_1" }, "old"];
  locks.forEach((lock, index) => {
    const scene = new Y.Map<unknown>();
    scene.set("ord", String.fromCharCode(97 + index));
    if (lock !== undefined) {
      scene.set("lock", lock);
    }
    doc.getMap("scenes").set(`scn_${index}`, scene);
  });
  const said = readScenes(doc).map((scene) => (scene.lock === null ? "" : lockText(scene.lock, names.person(scene.lock.by))));
  expect(said).toEqual([
    "",
    "",
    "Locked by Ana Ruiz: done",
    "Approved by Ana Ruiz.",
    "Being generated: edits wait until it has ended.",
    "Locked by somebody.",
  ]);
});
