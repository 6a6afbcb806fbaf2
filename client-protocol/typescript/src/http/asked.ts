/**
 * What a parked step asks, as the HTTP door shows it, read into checked values. It sends nothing: `client.ts` does.
 */

import { hashOf, listOf, recordOf, recordsOf, textOf } from "../json.ts";

export interface FramesChoice {
  readonly id: string;
  /** The picture to look at: sha256. */
  readonly poster: string;
}

/** One field of one shot that a language model would have otherwise; "" where there is none. */
export interface PlanChange {
  readonly shot: number;
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

/** A plan to agree upon. `changes`: against the rules' own; none for that one. */
export interface PlanChoice {
  readonly id: string;
  readonly changes: readonly PlanChange[];
}

export interface Asked {
  readonly step: string;
  readonly choices: readonly FramesChoice[];
  readonly plans: readonly PlanChoice[];
}

/** The question of a run with its steps; null when nothing is asked (any more). */
export function readAsked(answer: unknown): Asked | null {
  for (const step of recordsOf(answer, "steps")) {
    const offered = listOf(recordOf(step["asks"])["choices"]).map(recordOf);
    const choices = offered.flatMap(({ id, poster }) => {
      const hash = hashOf(poster);
      return typeof id === "string" && hash !== null ? [{ id, poster: hash }] : [];
    });
    const plans = step["name"] === "agree" ? offered.map(readPlan) : [];
    if (step["state"] === "parked" && choices.length + plans.length > 0) {
      return { step: textOf(step["name"]), choices, plans };
    }
  }
  return null;
}

function readPlan(choice: Readonly<Record<string, unknown>>): PlanChoice {
  const changes = listOf(choice["changes"]).map(recordOf).map((change) => ({
    shot: typeof change["shot"] === "number" ? change["shot"] : 0,
    field: textOf(change["field"]),
    before: textOf(change["before"]),
    after: textOf(change["after"]),
  }));
  return { id: textOf(choice["id"]), changes };
}
