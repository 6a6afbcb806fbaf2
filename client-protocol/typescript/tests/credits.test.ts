import { expect, test } from "vitest";

import { lastMonths } from "../src/credits/statement.ts";
import { inCredits } from "../src/http/credits.ts";

test("amounts are exact, and what is left is never rounded up", () => {
  expect(inCredits(1_234_500_000)).toBe((1_234.5).toLocaleString());
  expect(inCredits(1)).toBe((0.000001).toLocaleString([], { maximumFractionDigits: 6 }));
  expect(inCredits(1_999_999, 2)).toBe((1.99).toLocaleString());
  expect(inCredits(-500_000)).toBe((-0.5).toLocaleString());
});

test("twelve months, newest first, as UTC counts them", () => {
  const months = lastMonths(new Date("2026-01-01T00:30:00Z"));
  expect([months.length, months[0], months[1], months.at(-1)]).toEqual([12, "2026-01", "2025-12", "2025-02"]);
});
