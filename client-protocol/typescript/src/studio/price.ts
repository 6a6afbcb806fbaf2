/** Prices in words: of a quote before, and of a take after. */

import { inCredits } from "../http/credits.ts";
import type { ModelQuote, Quote } from "../http/quote.ts";
import { textOf, type JsonRecord } from "../json.ts";

/** By what spending is limited, as people call it. */
export const LIMITS: Readonly<Record<string, string>> = {
  wallet: "what is in the wallet",
  wallet_month: "what the wallet pays in a month",
  project: "the project's budget",
  person: "your budget",
  run: "the limit of one run",
};

/** "Four fifths of the project's budget are used." Null: it is somebody else's. */
export function budgetText(told: JsonRecord, me: string): string | null {
  const scope = textOf(told["scope"]);
  if (scope === "person" && told["by"] !== me) {
    return null;
  }
  const what = LIMITS[scope] ?? "a budget";
  return told["percent"] === 100 ? `All of ${what} is used: nothing more is begun that costs.` : `Four fifths of ${what} are used.`;
}

/** "12.5 credits", "1 credit", "nothing". */
export function costText(micro: number): string {
  const amount = inCredits(micro, 2);
  return micro === 0 ? "nothing" : amount === "1" ? "1 credit" : `${amount} credits`;
}

/** "About 19.2 credits, 14.4 to 57.6 by who makes it." */
export function priceText(quote: Quote): string {
  if (!quote.possible) {
    return "It cannot be made like this.";
  }
  if (quote.most === 0) {
    return "Costs nothing.";
  }
  if (quote.least === quote.most) {
    return `${costText(quote.most)} at most.`;
  }
  return `About ${costText(quote.likely)}: ${inCredits(quote.least, 2)} to ${inCredits(quote.most, 2)}, by who makes it.`;
}

export function roomText(quote: Quote): string {
  return `You may spend ${costText(quote.left)}, by ${LIMITS[quote.by] ?? quote.by}.`;
}

/** "9.6 credits", or for how many of the shots it would do. */
export function modelText(model: ModelQuote, shots: number): string {
  if (model.shots === 0) {
    return "not for this";
  }
  const price = costText(model.price);
  return model.shots === shots ? price : `${price} for ${model.shots} of ${shots} shots`;
}
