/**
 * What a parked step asks, as the HTTP door shows it, read into checked values. It sends nothing: `client.ts` does.
 */

import { hashOf, listOf, recordOf, recordsOf, textOf } from "../json.ts";

export interface FramesChoice {
  readonly id: string;
  /** The picture to look at: sha256. */
  readonly poster: string;
}

export interface Asked {
  readonly step: string;
  readonly choices: readonly FramesChoice[];
}

/** The question of a run with its steps; null when nothing is asked (any more). */
export function readAsked(answer: unknown): Asked | null {
  for (const step of recordsOf(answer, "steps")) {
    const choices = listOf(recordOf(step["asks"])["choices"]).map(recordOf).flatMap(({ id, poster }) => {
      const hash = hashOf(poster);
      return typeof id === "string" && hash !== null ? [{ id, poster: hash }] : [];
    });
    if (step["state"] === "parked" && choices.length > 0) {
      return { step: textOf(step["name"]), choices };
    }
  }
  return null;
}
