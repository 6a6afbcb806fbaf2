import { describe, expect, it } from "vitest";

import { besides } from "../src/text/words.ts";

const alone = (text: string, other: string): string[] => besides(text, other).filter((piece) => piece.alone).map((piece) => piece.text);

describe("two texts side by side", () => {
  it("has nothing alone in another order, or with other capitals", () => {
    expect(alone("Rain, 35mm. MARA waits.", "Mara waits. 35mm, rain.")).toEqual([]);
  });

  it("has a word alone that the other has not, or not as often", () => {
    expect(alone("a red coat, a red hat", "a red coat, a hat")).toEqual(["red"]);
    expect(alone("Mara's coat", "Maras coat")).toEqual(["Mara's"]);
    expect(alone("", "words")).toEqual([]);
  });

  it("loses nothing of a text", () => {
    for (const text of ["", " two  words\n", "Ünï-code, 12:30 — “quoted”", "a b a"]) {
      expect(besides(text, "a").map((piece) => piece.text).join("")).toBe(text);
    }
  });
});
