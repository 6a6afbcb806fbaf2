/** Decisions of the router as they are read and said: what the door sends, and what it may leave out. */

import { describe, expect, it } from "vitest";

import { readRoutes } from "../src/http/route.ts";
import { cameOf, stepName } from "../src/studio/routes.ts";

const JUDGED = [
  { title: "Kling 3.0", reason: "chosen.cheapest", sentence: "Kling 3.0 costs least of 2." },
  { title: "Runway Gen-4.5", reason: "rank.lower", sentence: "Runway Gen-4.5 costs 20 credits more." },
];
const ROUTE = {
  step: "shot.1",
  turn: 1,
  provider: "kling",
  model: "kling-3.0",
  sentence: "Kling 3.0 costs least of 2.",
  judged: JUDGED,
  came: { took_s: 41.6, fault: null },
};

describe("readRoutes", () => {
  it("keeps the chosen one apart from the others", () => {
    const [route] = readRoutes({ routes: [ROUTE] });
    expect(route).toMatchObject({ failed: false, tookSeconds: 41.6 });
    expect(route?.others).toEqual([{ reason: "rank.lower", sentence: "Runway Gen-4.5 costs 20 credits more." }]);
  });

  it("has everybody among the others where nobody was left", () => {
    const [route] = readRoutes({ routes: [{ ...ROUTE, provider: null, model: null }] });
    expect(route?.others).toHaveLength(2);
  });

  it("reads nothing into what is not there", () => {
    expect(readRoutes({})).toEqual([]);
    expect(readRoutes({ routes: [{}] })).toEqual([
      { step: "", turn: 1, sentence: "", failed: false, tookSeconds: null, others: [] },
    ]);
  });
});

describe("what is said of a decision", () => {
  it.each([
    ["shot.1", 1, "Shot 1"],
    ["shot.12", 2, "Shot 12, try 2"],
    ["voice", 1, "Voice"],
  ])("%s in turn %i is %s", (step, turn, name) => {
    expect(stepName({ step, turn })).toBe(name);
  });

  it.each([
    [false, 41.6, "It took 42 s."],
    [false, 0.2, "It took 1 s."],
    [true, null, "It failed."],
    [false, null, ""],
  ])("failed %s after %s s: %s", (failed, tookSeconds, said) => {
    expect(cameOf({ failed, tookSeconds })).toBe(said);
  });
});
