/**
 * What was made in a run and how it was measured, as the HTTP door shows it, read into checked values.
 * It sends nothing: `client.ts` does.
 */

import { hashOf, listOf, oneOf, recordOf, recordsOf, textOf, type JsonRecord } from "../json.ts";

export type Verdict = "pass" | "warn" | "fail";

export interface OutputView {
  /** That measured it, or whose provider sent it. */
  readonly step: string;
  /** The file's SHA-256. */
  readonly media: string;
  /** False: it was turned away, and nobody here paid for it. */
  readonly accepted: boolean;
  readonly verdict: Verdict;
  /** 0..1 */
  readonly score: number;
  /** What is doubtful or wrong, for people. */
  readonly faults: readonly string[];
}

export function readOutputs(answer: unknown): OutputView[] {
  return recordsOf(answer, "outputs").flatMap(readOutput);
}

function readOutput(output: JsonRecord): OutputView[] {
  const media = hashOf(output["media"]);
  if (media === null) {
    return [];
  }
  const faults = listOf(output["measures"])
    .map(recordOf)
    .filter(({ verdict }) => verdict === "warn" || verdict === "fail")
    .map(({ sentence }) => textOf(sentence));
  const score = output["score"];
  return [
    {
      step: textOf(output["step"]),
      media,
      accepted: output["accepted"] === true,
      verdict: oneOf(output["verdict"], ["pass", "warn", "fail"], "warn"),
      score: typeof score === "number" ? Math.min(1, Math.max(0, score)) : 0,
      faults,
    },
  ];
}
