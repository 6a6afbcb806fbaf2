/** What was measured in a run, and the moments of a take, as they are read and said. */

import { describe, expect, it } from "vitest";

import { readOutputs } from "../src/http/output.ts";
import { readMoments } from "../src/studio/moments.ts";
import { headOf } from "../src/studio/outputs.ts";

const MEDIA = "ab".repeat(32);
const OUTPUT = {
  step: "judge.2",
  media: MEDIA,
  accepted: true,
  verdict: "warn",
  score: 0.934,
  measures: [
    { name: "decodes", value: 1, verdict: "pass", sentence: "Every frame and sample decodes." },
    { name: "frozen", value: 0.5, verdict: "warn", sentence: "The picture stands still for 0.50 s at a time." },
    { name: "aesthetic", value: null, verdict: null, sentence: "No model that could judge this is plugged in." },
  ],
};

describe("readOutputs", () => {
  it("keeps what is doubtful or wrong", () => {
    const [output] = readOutputs({ outputs: [OUTPUT] });
    expect(output).toMatchObject({ step: "judge.2", verdict: "warn", score: 0.934 });
    expect(output?.faults).toEqual(["The picture stands still for 0.50 s at a time."]);
  });

  it("reads nothing into what is not there", () => {
    expect(readOutputs({})).toEqual([]);
    expect(readOutputs({ outputs: [{}] })).toEqual([]);
    const bare = { step: "", media: MEDIA, accepted: false, verdict: "warn", score: 0, faults: [] };
    expect(readOutputs({ outputs: [{ media: MEDIA, score: "much" }] })).toEqual([bare]);
  });
});

it.each([
  ["judge.2", true, "warn", 0.934, "Shot 2 is doubtful: 93 of 100."],
  ["measure", true, "pass", 1, "The whole take is good: 100 of 100."],
  ["judge.1", true, "fail", 0.5, "Shot 1 is wrong in places: 50 of 100."],
  ["shot.1", false, "fail", 0, "Shot 1 was turned away, and cost nothing."],
] as const)("%s accepted %s, %s, %s: %s", (step, accepted, verdict, score, said) => {
  expect(headOf({ step, accepted, verdict, score })).toBe(said);
});

describe("readMoments", () => {
  it("reads time, picture and place in the sheet", () => {
    const text = "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n/v1/media/ab?exp=1&sig=c#xywh=0,0,160,90\n\n00:01:02.500 --> 00:01:03.000\ns.jpg#xywh=160,90,160,90\n";
    expect(readMoments(text)).toEqual([
      { atSeconds: 0, picture: "/v1/media/ab?exp=1&sig=c", x: 0, y: 0, wide: 160, tall: 90 },
      { atSeconds: 62.5, picture: "s.jpg", x: 160, y: 90, wide: 160, tall: 90 },
    ]);
  });

  it("finds none in other text", () => {
    expect(readMoments("")).toEqual([]);
    expect(readMoments("<html>#xywh=1,2,3,4</html>")).toEqual([]);
  });
});
