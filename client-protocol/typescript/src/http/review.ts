/**
 * What reviewers decide about takes, and how it is sent. A decision is never changed: a later one is read beside it.
 */

import { oneOf, recordOf, recordsOf, textOf, type JsonRecord } from "../json.ts";
import { call } from "./client.ts";

export const VERDICTS = ["approved", "changes"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** `at`: ISO 8601. */
export interface Decision {
  readonly id: string;
  readonly verdict: Verdict;
  readonly note: string;
  readonly by: string;
  readonly at: string;
}

/** Newest first. */
export async function listDecisions(take: string): Promise<Decision[]> {
  return recordsOf(await call("GET", `/v1/takes/${take}/decisions?limit=10`), "decisions").map(readDecision);
}

/** The same `key` is the same decision, however often it is sent. */
export async function decide(take: string, verdict: Verdict, note: string, key: string): Promise<Decision> {
  return readDecision(recordOf(await call("POST", `/v1/takes/${take}/decisions`, { verdict, note }, { "idempotency-key": key })));
}

function readDecision(decision: JsonRecord): Decision {
  return {
    id: textOf(decision["id"]),
    verdict: oneOf(decision["verdict"], VERDICTS, "changes"),
    note: textOf(decision["note"]),
    by: textOf(decision["by_name"], "Somebody"),
    at: textOf(decision["at"]),
  };
}
