import { describe, expect, test } from "vitest";

import { CHARS_KEPT_MAX, CHARS_MAX, hasRoom, insertedKey, keyBetween, NoKeyBetween, rekeyed, spread } from "../src/storyboard/order-key.ts";
import { orderKey } from "../src/registers.ts";
import { seeded } from "./random.ts";

describe("keyBetween", () => {
  test("is strictly between, wherever one inserts", () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const random = seeded(seed);
      const keys: string[] = [];
      for (let count = 0; count < 300; count += 1) {
        const at = Math.floor(random() * (keys.length + 1));
        const key = keyBetween(keys[at - 1] ?? null, keys[at] ?? null, random);
        expect(orderKey(key), `seed ${seed}`).toBe(key);
        keys.splice(at, 0, key);
      }
      expect([...keys].sort(), `seed ${seed}`).toEqual(keys);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  test("fits between neighbours that differ in the last place only", () => {
    for (const [before, after] of [["A", "A1"], ["A", "B"], ["Az", "B"], ["0", "01"], ["zzzz", "zzzzz"], ["V", "V0001"]] as const) {
      const key = keyBetween(before, after, seeded(1));
      expect(key > before && key < after, `${before} < ${key} < ${after}`).toBe(true);
    }
  });

  test("goes below the first and above the last key for ever", () => {
    const random = seeded(7);
    let low = keyBetween(null, null, random);
    let high = low;
    for (let count = 0; count < 200; count += 1) {
      const lower = keyBetween(null, low, random);
      const higher = keyBetween(high, null, random);
      expect(lower < low && higher > high).toBe(true);
      [low, high] = [lower, higher];
    }
    expect(high.length).toBeLessThan(48);
  });

  test("two people who insert at the same place get different keys", () => {
    const random = seeded(3);
    const keys = new Set(Array.from({ length: 500 }, () => keyBetween("V", "W", random)));
    expect(keys.size).toBe(500);
  });

  test("names the neighbours when nothing fits", () => {
    expect(() => keyBetween("B", "A", seeded(1))).toThrow(NoKeyBetween);
    expect(() => keyBetween("A", "A0", seeded(1))).toThrow('"A" and "A0"');
  });
});

describe("many keys at once", () => {
  const ascend = (keys: readonly string[]): boolean => keys.every((key, place) => place === 0 || hasRoom(keys[place - 1] ?? "", key));
  const some = (random: () => number): string => {
    const size = [1, 2, 3, 50, CHARS_MAX][Math.floor(random() * 5)] ?? 1;
    return ["V", "z".repeat(size), `${"0".repeat(size - 1)}1`, `V${"0".repeat(size - 1)}`][Math.floor(random() * 4)] ?? "V";
  };

  test("are short and in order", () => {
    for (const [low, high] of [["", ""], ["V", ""], ["z", ""], ["", "1"], ["V", "V1"], ["Vz", "W"]] as const) {
      const keys = spread(low, high, 4_000);
      expect(keys.length === 4_000 && ascend([low, ...keys, ...(high === "" ? [] : [high])])).toBe(true);
      expect(Math.max(...keys.map((key) => key.length))).toBeLessThanOrEqual(low.length + high.length + 3);
    }
  });

  test("there is room between any two, whatever they were, and short ones stay", () => {
    for (let seed = 0; seed < 100; seed += 1) {
      const random = seeded(seed);
      const keys = Array.from({ length: Math.floor(random() * 40) }, () => some(random)).sort();
      const made = rekeyed(keys);
      expect(made.length === keys.length && ascend(made) && made.every((key) => key.length <= CHARS_KEPT_MAX), `seed ${seed}`).toBe(true);
      expect(rekeyed(made)).toEqual(made);
      const at = Math.floor(random() * (keys.length + 1));
      const [key, others] = insertedKey(keys, at, random);
      const all = keys.map((old, place) => others.get(place) ?? old);
      expect(hasRoom(all[at - 1] ?? "", key) && (all[at] === undefined || hasRoom(key, all[at])), `seed ${seed}`).toBe(true);
      expect([key, ...others.values()].every((each) => each.length <= CHARS_MAX)).toBe(true);
    }
    expect(rekeyed(["B", "D", "z".repeat(CHARS_MAX)])).toEqual(["B", "D", "E"]);
  });
});
