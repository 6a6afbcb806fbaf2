import { describe, expect, test } from "vitest";
import * as Y from "yjs";

import { diffText, mapEdit, mapIndex, splitsPair, type TextEdit } from "../src/text/diff.ts";
import { seeded } from "./random.ts";

const applied = (text: string, edit: TextEdit | null): string =>
  edit === null ? text : text.slice(0, edit.index) + edit.insert + text.slice(edit.index + edit.remove);

describe("diffText", () => {
  test.each([
    ["", "a", 1, { index: 0, remove: 0, insert: "a" }],
    ["abc", "abXc", 3, { index: 2, remove: 0, insert: "X" }],
    ["abc", "ac", 1, { index: 1, remove: 1, insert: "" }],
    ["one two", "one 2", 5, { index: 4, remove: 3, insert: "2" }],
  ])("%j to %j", (before, after, caret, edit) => {
    expect(diffText(before, after, caret)).toEqual(edit);
  });

  test("the caret tells which of equal letters was typed", () => {
    expect(diffText("aaa", "aaaa", 1)).toEqual({ index: 0, remove: 0, insert: "a" });
    expect(diffText("aaa", "aaaa", 3)).toEqual({ index: 2, remove: 0, insert: "a" });
  });

  test("nothing changed", () => {
    expect(diffText("same", "same", 2)).toBeNull();
  });

  test("never parts a surrogate pair, though both halves of two emoji are alike", () => {
    // U+1F600 and U+1F601 share their high half, U+1F600 and U+1F200 nothing, U+1FA00's low half equals U+1F600's
    for (const [before, after] of [["\u{1F600}", "\u{1F601}"], ["x\u{1F600}y", "x\u{1FA00}y"], ["\u{1F600}\u{1F600}", "\u{1F600}"], ["\u{1F600}", "\u{1F600}\u{1F601}"]] as const) {
      for (let caret = 0; caret <= after.length; caret += 1) {
        const edit = diffText(before, after, caret)!;
        expect(applied(before, edit)).toBe(after);
        expect(splitsPair(before, edit.index) || splitsPair(before, edit.index + edit.remove)).toBe(false);
        expect(edit.insert.isWellFormed()).toBe(true);
      }
    }
  });

  test("is right for any two texts and any caret", () => {
    const letters = ["a", "b", "\n", "\u{1F600}", "\u{1F601}", "\u{1FA00}", "\u00e9"];
    for (let seed = 0; seed < 2_000; seed += 1) {
      const random = seeded(seed);
      const text = (): string => Array.from({ length: Math.floor(random() * 8) }, () => letters[Math.floor(random() * letters.length)]).join("");
      const [before, after] = [text(), text()];
      const edit = diffText(before, after, Math.floor(random() * (after.length + 1)));
      expect(applied(before, edit), `seed ${seed}`).toBe(after);
      if (edit !== null) {
        expect(splitsPair(before, edit.index) || splitsPair(before, edit.index + edit.remove), `seed ${seed}`).toBe(false);
      }
    }
  });

  test("half a pair, as a broken paste leaves it, becomes the replacement character", () => {
    expect(diffText("", "\ud83d", 1)?.insert).toBe("\ufffd");
  });
});

describe("mapIndex", () => {
  test("follows what Yjs reports", () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const random = seeded(seed);
      const text = new Y.Doc().getText();
      text.insert(0, "0123456789");
      const index = Math.floor(random() * 11);
      const marked = text.toString().charAt(index);
      let mapped = index;
      const outcome = { removed: false };
      text.observe((event) => {
        mapped = mapIndex(index, event.delta, "right");
      });
      text.doc!.transact(() => {
        const at = Math.floor(random() * 10);
        const length = Math.min(10 - at, Math.floor(random() * 4));
        outcome.removed = index >= at && index < at + length;
        text.delete(at, length);
        text.insert(Math.floor(random() * (text.length + 1)), "xyz");
      });
      if (marked !== "" && !outcome.removed) {
        expect(text.toString().charAt(mapped), `seed ${seed}`).toBe(marked);
      }
    }
  });

  test("an insertion exactly there goes where the caller says", () => {
    expect(mapIndex(2, [{ retain: 2 }, { insert: "ab" }], "left")).toBe(2);
    expect(mapIndex(2, [{ retain: 2 }, { insert: "ab" }], "right")).toBe(4);
  });
});

test("an edit that was composed while others typed keeps its place", () => {
  const edit = { index: 4, remove: 3, insert: "X" };
  expect(mapEdit(edit, [[{ insert: ">> " }]])).toEqual({ index: 7, remove: 3, insert: "X" });
  expect(mapEdit(edit, [[{ retain: 5 }, { delete: 10 }]])).toEqual({ index: 4, remove: 1, insert: "X" });
});
