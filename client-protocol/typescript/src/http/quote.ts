/** What a generation would cost, as the HTTP door says it before anybody asks for it. Amounts are micro-credits. */

import { intOf, listOf, recordOf, recordsOf, textOf, type JsonRecord } from "../json.ts";
import { call } from "./client.ts";

/** How a scene is generated. `models`: the only ones that may make it, `provider/model`; none: all that the project allows. */
export interface Wish {
  readonly boards: number;
  readonly purpose: "draft" | "final";
  readonly models: readonly string[];
  readonly spendMax: number | null;
}

export const DRAFT: Wish = { boards: 1, purpose: "draft", models: [], spendMax: null };

export interface ModelQuote {
  /** `provider/model`. */
  readonly name: string;
  readonly title: string;
  /** How many of the scene's shots it may make. */
  readonly shots: number;
  /** What those would cost. */
  readonly price: number;
  /** Why it is chosen, or not, or cannot be. */
  readonly sentence: string;
}

export interface Quote {
  /** Every shot has somebody who may make it. */
  readonly possible: boolean;
  readonly sentence: string;
  readonly least: number;
  readonly likely: number;
  readonly most: number;
  readonly shots: number;
  readonly models: readonly ModelQuote[];
  /** What may still be spent on a run, and what limits it. */
  readonly left: number;
  readonly by: string;
}

/** As the door takes it. */
export function spelledWish(wish: Wish): object {
  return { boards: wish.boards, purpose: wish.purpose, models: wish.models, spend_max_microcredits: wish.spendMax };
}

export function quote(project: string, episode: string, scene: string, wish: Wish): Promise<Quote> {
  return call("POST", `/v1/projects/${project}/scenes/${scene}/runs/quote?episode=${episode}`, spelledWish(wish)).then(readQuote);
}

export function readQuote(answer: unknown): Quote {
  const quoted = recordOf(answer);
  const room = recordOf(quoted["room"]);
  return {
    possible: quoted["possible"] === true,
    sentence: textOf(quoted["sentence"]),
    least: intOf(quoted["least_micro"], 0),
    likely: intOf(quoted["likely_micro"], 0),
    most: intOf(quoted["most_micro"], 0),
    shots: listOf(quoted["shots"]).length,
    models: recordsOf(answer, "models").map(readModel),
    left: intOf(room["left_micro"], 0),
    by: textOf(room["by"]),
  };
}

function readModel(model: JsonRecord): ModelQuote {
  return {
    name: `${textOf(model["provider"])}/${textOf(model["model"])}`,
    title: textOf(model["title"]),
    shots: intOf(model["shots"], 0),
    price: intOf(model["price_micro"], 0),
    sentence: textOf(model["sentence"]),
  };
}
