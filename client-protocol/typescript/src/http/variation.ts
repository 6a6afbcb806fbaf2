/** Going on from a take: what is changed, as the HTTP door takes it. */

import { call } from "./client.ts";

/** Shares of the picture's width and height, from its upper left corner. */
export type Point = readonly [x: number, y: number];

/** `radius`: a share of the picture's width. */
export interface Stroke {
  readonly radius: number;
  readonly points: readonly Point[];
}

export type Change =
  | { readonly kind: "words"; readonly prompt: string }
  | { readonly kind: "pictures" }
  | { readonly kind: "part"; readonly words: string; readonly mask: readonly Stroke[] };

/** The key makes the request repeatable: a lost answer never starts a second run. */
export async function vary(take: string, change: Change, key: string): Promise<void> {
  await call("POST", `/v1/takes/${take}/variations`, { change }, { "idempotency-key": key });
}
