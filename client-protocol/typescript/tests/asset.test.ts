import { expect, test } from "vitest";

import { formatBytes, formatSeconds, readAsset, readAssets } from "../src/http/asset.ts";

const HASH = "ab".repeat(32);

test("a file is read with its picture, its length and its end", () => {
  const asset = readAsset({
    id: "ast_1",
    name: "rushes.mov",
    kind: "film",
    bytes: 12,
    state: "ready",
    pct: 100,
    error: null,
    parts: { probe: { media: null, facts: { duration: [3003, 1000] } }, thumb: { media: HASH, facts: {} } },
  });
  expect(asset).toEqual({ id: "ast_1", name: "rushes.mov", kind: "film", bytes: 12, state: "ready", pct: 100, error: "", media: null, thumb: HASH, seconds: 3.003 });
  expect(readAsset({ state: "failed", error: { code: "file.unreadable", msg: "Damaged." } }).error).toBe("Damaged.");
});

test("what is not there, or is nonsense, is nothing", () => {
  for (const value of [null, 7, {}, { parts: { probe: { facts: { duration: [1, 0] } }, thumb: { media: "../x" } } }]) {
    expect(readAsset(value)).toMatchObject({ kind: "document", state: "waiting", thumb: null, seconds: null });
  }
  expect(readAssets({ assets: [{ id: "ast_1" }, {}] })).toHaveLength(2);
  expect(readAssets(null)).toEqual([]);
});

test.each([[0, "0:00"], [59.6, "1:00"], [61, "1:01"], [3_725, "1:02:05"]])("%d s is %s", (seconds, said) => {
  expect(formatSeconds(seconds)).toBe(said);
});

test.each([[1, "1 byte"], [999, "999 bytes"], [1_500, "1.5 kB"], [999_949, "1000 kB"], [999_950, "1.0 MB"], [4_294_967_296, "4.3 GB"]])(
  "%d bytes are %s",
  (bytes, said) => {
    expect(formatBytes(bytes)).toBe(said);
  },
);
