import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { derivedId } from "../src/ids.ts";
import { canonicalJson } from "../src/json.ts";
import { sha1 } from "../src/sha1.ts";
import type { Content } from "../src/timeline/model.ts";
import { resolve } from "../src/timeline/resolve.ts";

interface Vector {
  readonly name: string;
  readonly content: Content;
  readonly resolved: string;
}

const file = new URL("../../vectors/timeline-resolve.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vector[];

describe("a timeline resolves byte for byte as the server's does", () => {
  test.each(vectors)("$name", ({ content, resolved }) => {
    const before = JSON.stringify(content);
    expect(canonicalJson(resolve(content))).toBe(resolved);
    expect(JSON.stringify(content)).toBe(before);
  });
});

test.each([
  ["", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
  ["abc", "a9993e364706816aba3e25717850c26c9cd0d89d"],
  ["a".repeat(119), "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56"],
])("SHA-1 of %j", (text, expected) => {
  expect(Buffer.from(sha1(new TextEncoder().encode(text))).toString("hex")).toBe(expected);
});

test("derived ids are the server's", () => {
  expect(derivedId("clp", "clp_a", "48")).toBe("clp_67nfc5ddhqap0tmn02vxtx5415");
});
