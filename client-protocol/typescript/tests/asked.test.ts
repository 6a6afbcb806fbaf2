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
    expect(readAsked(answer)).toEqual({ step: "choose", choices: [{ id: "frames.1", poster: POSTER }], plans: [] });
  });

  it("is null once somebody has chosen, and where nothing is said", () => {
    expect(readAsked({ steps: [{ ...CHOOSE, state: "done", asks: null }] })).toBeNull();
    expect(readAsked({})).toBeNull();
  });

  it("reads what a language model would have otherwise", () => {
    const changes = [{ shot: 2, field: "size", before: "MS", after: "CU" }, { shot: 3, field: "shot", before: null, after: "A hill." }];
    const step = { name: "agree", state: "parked", asks: { question: "whose?", choices: [{ id: "model", changes }, { id: "rules" }] } };
    expect(readAsked({ steps: [step] })?.plans).toEqual([
      { id: "model", changes: [changes[0], { ...changes[1], before: "" }] },
      { id: "rules", changes: [] },
    ]);
    expect(stageName("agree")).toBe("Waiting for your choice");
  });

  it("has a stage with a name of its own", () => {
    expect(stageName("choose")).toBe("Waiting for your choice");
  });
});
