import { describe, expect, test } from "vitest";

import { hasRoom, keyBetween, middleKey, NoKeyBetween } from "../src/storyboard/order-key.ts";
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

describe("middleKey", () => {
  test("is strictly between, wherever one inserts, and counts on behind the last", () => {
    const keys: string[] = [];
    const random = seeded(9);
    for (let count = 0; count < 1_000; count += 1) {
      const at = random() < 0.5 ? keys.length : Math.floor(random() * (keys.length + 1));
      const key = middleKey(keys[at - 1] ?? "", keys[at] ?? "");
      expect(hasRoom(keys[at - 1] ?? "", key) && (keys[at] === undefined || hasRoom(key, keys[at]))).toBe(true);
      keys.splice(at, 0, key);
    }
    let last = "z";
    for (let count = 0; count < 5_000; count += 1) {
      expect(middleKey(last, "") > last).toBe(true);
      last = middleKey(last, "");
    }
    expect(last.length).toBeLessThanOrEqual(5);
  });

  test("is above the lower one also where the other is out of order", () => {
    expect([middleKey("b", "a"), middleKey("A", "A0"), middleKey("", "")]).toEqual(["c", "B", "V"]);
  });
});
