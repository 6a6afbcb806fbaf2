/** What a project uses again: what its owner wants of it, and what it has spared. */

import { intOf, oneOf, recordOf, recordsOf, textOf } from "../json.ts";
import { call } from "./client.ts";

export const REUSES = ["suggest", "exact", "off"] as const;
export type Reuse = (typeof REUSES)[number];

/** `preparesAhead`: the next scene may be drawn before anybody asks for it, while nothing else is to be done. */
export interface ReusePolicy {
  readonly mode: Reuse;
  readonly preparesAhead: boolean;
}

export interface ReuseFigure {
  readonly layer: string;
  readonly stage: string;
  readonly requests: number;
  readonly saved: number;
}

/** Of thirty days. `differing`, `compared`: offers of which somebody said that they showed something else, or the same. */
export interface ReuseReport {
  readonly figures: readonly ReuseFigure[];
  readonly offered: number;
  readonly accepted: number;
  readonly declined: number;
  readonly compared: number;
  readonly differing: number;
}

export function getReusePolicy(project: string): Promise<ReusePolicy> {
  return call("GET", `/v1/projects/${project}/cache/policy`).then(readPolicy);
}

export function putReusePolicy(project: string, policy: ReusePolicy): Promise<ReusePolicy> {
  return call("PUT", `/v1/projects/${project}/cache/policy`, { mode: policy.mode, prepares_ahead: policy.preparesAhead }).then(readPolicy);
}

export async function getReuseReport(project: string): Promise<ReuseReport> {
  const found = recordOf(await call("GET", `/v1/projects/${project}/cache`));
  const hits = recordOf(found["false_hits"]);
  return {
    figures: recordsOf(found, "figures").map((row) => ({ layer: textOf(row["layer"]), stage: textOf(row["stage"]), requests: intOf(row["requests"], 0, 0), saved: intOf(row["saved_micro"], 0, 0) })),
    offered: intOf(found["offered"], 0, 0),
    accepted: intOf(found["accepted"], 0, 0),
    declined: intOf(found["declined"], 0, 0),
    compared: intOf(hits["compared"], 0, 0),
    differing: intOf(hits["different"], 0, 0),
  };
}

function readPolicy(answer: unknown): ReusePolicy {
  const policy = recordOf(answer);
  return { mode: oneOf(policy["mode"], REUSES, "suggest"), preparesAhead: policy["prepares_ahead"] === true };
}
