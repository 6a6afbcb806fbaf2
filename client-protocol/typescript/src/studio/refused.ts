/** Says what became of edits that the hub refused: kept as a proposal, or only here, for the person to take along. */

import type { Announcer } from "../page/announcer.ts";
import type { RefusedEdit } from "../session/native-client.ts";
import { EntityLocked } from "../session/replay.ts";

export function tellRefused(edits: readonly RefusedEdit[], announcer: Announcer): void {
  const isLocked = edits.some((edit) => edit.reason === "scene.locked" || edit.error instanceof EntityLocked);
  const why = isLocked ? "The scene was locked while you changed it." : `Your change was refused (${edits[0]?.reason ?? ""}).`;
  const lost = edits.filter((edit) => edit.error !== null).map((edit) => edit.change.words ?? "").join("");
  if (edits.some((edit) => edit.error === null)) {
    announcer.warn(`${why} Your change is not lost: it waits as a proposal.`);
  }
  if (lost !== "") {
    announcer.ask(`${why} These words were not taken: \u201c${lost}\u201d`, "Copy them", () => void navigator.clipboard.writeText(lost));
  }
}
