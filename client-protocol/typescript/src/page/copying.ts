/** A copy of a project on its way: followed until it is there. What a copy is the studio says. */

import { getDuplication } from "../http/client.ts";
import type { Duplication } from "../http/model.ts";

const LOOK_MS = 400;

/** Stays until it is there. Throws where it came to nothing. */
export async function copied(asked: Promise<Duplication>, show: (copy: Duplication) => void): Promise<void> {
  let copy = await asked;
  while (copy.state === "queued" || copy.state === "running") {
    show(copy);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    copy = await getDuplication(copy.id);
  }
  if (copy.state !== "complete") {
    throw new Error(copy.state === "cancelled" ? "The copy was stopped." : "It could not be copied.");
  }
}

export function percent({ done, total }: Duplication): number {
  return total === 0 ? 0 : Math.floor((100 * done) / total);
}
