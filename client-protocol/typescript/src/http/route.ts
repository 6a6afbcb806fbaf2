/**
 * A decision of the router as the HTTP door shows it, read into checked values: who makes something, who does not, and why.
 * It sends nothing: `client.ts` does.
 */

import { intOf, listOf, recordOf, recordsOf, textOf, type JsonRecord } from "../json.ts";

export interface Judged {
  /** Stable: `price.over_cap`. */
  readonly reason: string;
  /** For people. */
  readonly sentence: string;
}

export interface RouteView {
  readonly step: string;
  /** From 1: one more after every model that failed. */
  readonly turn: number;
  /** Who was chosen and why, or why nobody was. */
  readonly sentence: string;
  readonly failed: boolean;
  /** Null until there is a result. */
  readonly tookSeconds: number | null;
  /** Everybody else, who came furthest first. */
  readonly others: readonly Judged[];
}

export function readRoutes(answer: unknown): RouteView[] {
  return recordsOf(answer, "routes").map(readRoute);
}

function readRoute(route: JsonRecord): RouteView {
  const judged = listOf(route["judged"]).map(recordOf);
  const chosen = typeof route["model"] === "string" ? judged[0] : undefined;
  const came = recordOf(route["came"]);
  const took = came["took_s"];
  return {
    step: textOf(route["step"]),
    turn: intOf(route["turn"], 1, 1),
    sentence: textOf(route["sentence"]),
    failed: typeof came["fault"] === "string",
    tookSeconds: typeof took === "number" ? took : null,
    others: judged.filter((each) => each !== chosen).map(readJudged),
  };
}

function readJudged(judged: JsonRecord): Judged {
  return { reason: textOf(judged["reason"]), sentence: textOf(judged["sentence"]) };
}
