/**
 * What the TV shows next: a slate, then the scene's current take if there is one, scene after scene, for ever.
 * Pure: it neither plays nor waits; every step looks at the newest list, so new takes enter at the next boundary.
 */

import type { FeedScene, FeedTake } from "../http/model.ts";

export type Item =
  | { readonly kind: "slate"; readonly scene: FeedScene; readonly missing: boolean; readonly duration_s: number }
  | { readonly kind: "take"; readonly scene: FeedScene; readonly take: FeedTake };

/** Where we are: the scene's id survives reorderings, its index tells where to go on when the scene is gone. */
export interface Position {
  readonly scene: string;
  readonly index: number;
  readonly part: "slate" | "take";
}

const SLATE_S = 2.5;
const MISSING_S = 4;

/** The slate of the first scene, or null while there are no scenes. */
export function firstPosition(scenes: readonly FeedScene[]): Position | null {
  return slateAt(scenes, 0);
}

/** What follows when the current item has ended. */
export function following(scenes: readonly FeedScene[], at: Position): Position | null {
  const index = indexOf(scenes, at);
  const scene = index === null ? null : scenes[index];
  if (index !== null && at.part === "slate" && scene?.take != null) {
    return { scene: scene.id, index, part: "take" };
  }
  return step(scenes, at, 1);
}

/** The remote control's right (1) and left (-1): the next or previous scene's slate, round the ends. */
export function step(scenes: readonly FeedScene[], at: Position, by: 1 | -1): Position | null {
  const index = indexOf(scenes, at);
  if (index !== null) {
    return slateAt(scenes, index + by);
  }
  return slateAt(scenes, by === 1 ? at.index : at.index - 1); // the scene was deleted: its successor stands there now
}

/** The item at a position, or null when its scene or take is gone. */
export function itemAt(scenes: readonly FeedScene[], at: Position): Item | null {
  const scene = scenes.find((each) => each.id === at.scene);
  if (scene === undefined) {
    return null;
  }
  if (at.part === "take") {
    return scene.take === null ? null : { kind: "take", scene, take: scene.take };
  }
  const missing = scene.take === null;
  return { kind: "slate", scene, missing, duration_s: missing ? MISSING_S : SLATE_S };
}

function slateAt(scenes: readonly FeedScene[], index: number): Position | null {
  const wrapped = scenes.length === 0 ? 0 : ((index % scenes.length) + scenes.length) % scenes.length;
  const scene = scenes[wrapped];
  return scene === undefined ? null : { scene: scene.id, index: wrapped, part: "slate" };
}

function indexOf(scenes: readonly FeedScene[], at: Position): number | null {
  const index = scenes.findIndex((scene) => scene.id === at.scene);
  return index < 0 ? null : index;
}
