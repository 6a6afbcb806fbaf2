/** A take that a run's people may use instead of what is made: as the HTTP door shows it, and how it is answered. */

import { intOf, recordOf, textOf } from "../json.ts";
import { call } from "./client.ts";

export interface Offer {
  readonly id: string;
  /** The words that the take was made for. */
  readonly prompt: string;
  /** What it had cost, in micro-credits. */
  readonly saves: number;
}

/** Why somebody does not want it: it shows something else, or another of the same is wanted. */
export type Because = "differs" | "another";

/** Null where there is none, or it is answered. */
export async function getOffer(run: string): Promise<Offer | null> {
  const offer = recordOf(recordOf(await call("GET", `/v1/runs/${run}`))["offer"]);
  const id = textOf(offer["id"]);
  return id === "" || textOf(offer["answer"]) !== "" ? null : { id, prompt: textOf(offer["prompt"]), saves: intOf(offer["saves_micro"], 0, 0) };
}

export async function acceptOffer(run: string, offer: string): Promise<void> {
  await call("POST", `/v1/runs/${run}/offer`, { offer, answer: "accept" });
}

export async function declineOffer(run: string, offer: string, because: Because): Promise<void> {
  await call("POST", `/v1/runs/${run}/offer`, { offer, answer: "decline", because });
}
