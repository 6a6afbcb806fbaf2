/** What moderation has said about a project's prompts and pictures, and appeals against it. */

import { oneOf, recordOf, recordsOf, textOf, type JsonRecord } from "../json.ts";
import { call } from "./client.ts";

export const OUTCOMES = ["allowed", "flagged", "refused"] as const;
export const APPEAL_STATES = ["open", "upheld", "overturned"] as const;

/** `note`: of whoever decided it, "" before. */
export interface Appeal {
  readonly words: string;
  readonly state: (typeof APPEAL_STATES)[number];
  readonly note: string;
}

/** `reasons`: the judges', none twice. `at`: ISO 8601. */
export interface ModerationVerdict {
  readonly id: string;
  readonly subject: "prompt" | "output";
  readonly outcome: (typeof OUTCOMES)[number];
  readonly reasons: readonly string[];
  readonly at: string;
  readonly appeal: Appeal | null;
}

/** The newest that were not simply allowed, newest first. */
export async function listObjections(project: string): Promise<ModerationVerdict[]> {
  const path = `/v1/projects/${project}/verdicts`;
  const [refused, flagged] = await Promise.all([call("GET", `${path}?outcome=refused`), call("GET", `${path}?outcome=flagged`)]);
  const found = [...recordsOf(refused, "verdicts"), ...recordsOf(flagged, "verdicts")].map(readVerdict);
  return found.sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
}

export async function appealVerdict(verdict: string, words: string): Promise<void> {
  await call("POST", `/v1/verdicts/${verdict}/appeal`, { words });
}

function readVerdict(verdict: JsonRecord): ModerationVerdict {
  const findings = recordsOf(verdict, "opinions").flatMap((opinion) => recordsOf(opinion, "findings"));
  return {
    id: textOf(verdict["id"]),
    subject: oneOf(verdict["subject"], ["prompt", "output"] as const, "prompt"),
    outcome: oneOf(verdict["outcome"], OUTCOMES, "refused"),
    reasons: [...new Set(findings.map((finding) => textOf(finding["reason"])))],
    at: textOf(verdict["created_at"]),
    appeal: verdict["appeal"] === null ? null : readAppeal(recordOf(verdict["appeal"])),
  };
}

function readAppeal(appeal: JsonRecord): Appeal {
  return { words: textOf(appeal["words"]), state: oneOf(appeal["state"], APPEAL_STATES, "open"), note: textOf(appeal["note"]) };
}
