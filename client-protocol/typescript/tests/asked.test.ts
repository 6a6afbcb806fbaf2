/** What a parked run asks, as it is read: only what can be looked at and chosen. */

import { describe, expect, it } from "vitest";

import { readAsked } from "../src/http/asked.ts";
import { stageName } from "../src/page/stages.ts";

const POSTER = "a".repeat(64);
const CHOOSE = {
  name: "choose",
  state: "parked",
  asks: { question: "frames", choices: [{ id: "frames.1", poster: POSTER }, { id: "frames.2", poster: "../x" }] },
};

describe("readAsked", () => {
  it("finds the parked step among the others, and offers only what has a picture", () => {
    const answer = { steps: [{ name: "enhance", state: "done", asks: null }, CHOOSE] };
    expect(readAsked(answer)).toEqual({ step: "choose", choices: [{ id: "frames.1", poster: POSTER }] });
  });

  it("is null once somebody has chosen, and where nothing is said", () => {
    expect(readAsked({ steps: [{ ...CHOOSE, state: "done", asks: null }] })).toBeNull();
    expect(readAsked({})).toBeNull();
  });

  it("has a stage with a name of its own", () => {
    expect(stageName("choose")).toBe("Waiting for your choice");
  });
});
