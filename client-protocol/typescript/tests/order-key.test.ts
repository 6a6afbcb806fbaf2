import { describe, expect, test } from "vitest";

import { compareOrdered, isOrderKey, keyBetween, keysBetween, NoKeyBetween, placeAt } from "../src/storyboard/order-key.ts";
import { seeded } from "./random.ts";

describe("keyBetween", () => {
  test("is strictly between, wherever one inserts", () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const random = seeded(seed);
      const keys: string[] = [];
      for (let count = 0; count < 300; count += 1) {
        const at = Math.floor(random() * (keys.length + 1));
        const key = keyBetween(keys[at - 1] ?? null, keys[at] ?? null, random);
        expect(isOrderKey(key), `seed ${seed}`).toBe(true);
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

  test("several keys ascend", () => {
    const keys = keysBetween("A", "B", 9, seeded(5));
    expect([...keys].sort()).toEqual(keys);
    expect(keys[0]! > "A" && keys[8]! < "B").toBe(true);
  });
});

describe("placeAt", () => {
  const apply = (items: { id: string; ord: string }[], index: number, id: string): string[] => {
    const others = items.filter((item) => item.id !== id);
    const changes = placeAt(others, index, id, seeded(11));
    return items.map((item) => ({ ...item, ord: changes.get(item.id) ?? item.ord })).sort(compareOrdered).map((item) => item.id);
  };

  test("writes one key where neighbours differ", () => {
    const others = [{ id: "a", ord: "A" }, { id: "b", ord: "B" }];
    expect([...placeAt(others, 1, "c", seeded(2)).keys()]).toEqual(["c"]);
  });

  test("makes room between equal keys", () => {
    const items = ["a", "b", "c"].map((id) => ({ id, ord: "M" })).concat({ id: "d", ord: "N" });
    expect(apply(items, 1, "d")).toEqual(["a", "d", "b", "c"]);
    expect(apply(items, 2, "a")).toEqual(["b", "c", "a", "d"]);
  });

  test("makes room where keys are missing altogether", () => {
    const items = ["a", "b", "c"].map((id) => ({ id, ord: "" }));
    expect(apply(items, 1, "a")).toEqual(["b", "a", "c"]);
  });

  test("every move to every place of every list of ties ends where it was meant", () => {
    const random = seeded(23);
    for (let round = 0; round < 300; round += 1) {
      const items = Array.from({ length: 6 }, (_, at) => ({ id: String(at), ord: ["", "A", "A0", "B", "Bz"][Math.floor(random() * 5)]! })).sort(compareOrdered);
      const from = Math.floor(random() * 6);
      const to = Math.floor(random() * 6);
      const id = items[from]!.id;
      const wanted = items.map((item) => item.id).filter((each) => each !== id);
      wanted.splice(to, 0, id);
      expect(apply(items, to, id), JSON.stringify({ items, from, to })).toEqual(wanted);
    }
  });
});
