/**
 * What a timeline shows: clips placed on tracks and lanes; and what its document is owed. Both as plain JSON.
 * Only what follows from several registers is here: names, media, colours and texts are read from the document by id.
 */

import type { Transition } from "./model.ts";
import type { Registers } from "./lineage.ts";

/**
 * `start`: timeline frame; [`in`, `out`): window in local frames, its length on the timeline; media frame = `slip` +
 * local frame x `spd`. `anc`: the piece of the main track that carries it. `xo`: as short as its two clips demand.
 */
export interface PlacedClip {
  readonly id: string;
  readonly lane: number;
  readonly start: number;
  readonly in: number;
  readonly out: number;
  readonly slip: number;
  readonly spd: readonly [number, number];
  readonly root: string;
  readonly scn: string | null;
  readonly lock: boolean;
  readonly anc: string | null;
  readonly xo: Transition | null;
}

/** Clips by start and lane. A free track has as many lanes as it needs so that nothing overlaps in a lane. */
export interface PlacedTrack {
  readonly id: string;
  readonly k: string;
  readonly mode: "mag" | "free";
  readonly lock: boolean;
  readonly lanes: number;
  readonly clips: readonly PlacedClip[];
}

/** `at`: timeline frame. */
export interface PlacedMarker {
  readonly id: string;
  readonly at: number;
  readonly d: number;
  readonly k: string;
}

/** Clips that belong together, each with the frames by which its media is later than the first one's. */
export interface Link {
  readonly id: string;
  readonly clips: readonly (readonly [string, number])[];
}

/** `frames`: where the last clip ends. */
export interface View {
  readonly frames: number;
  readonly tracks: readonly PlacedTrack[];
  readonly markers: readonly PlacedMarker[];
  readonly links: readonly Link[];
}

/** Registers to `set` in an entity, which is made if it is not there. `rule`: the invariant that asks for it. */
export interface Repair {
  readonly rule: string;
  readonly root: string;
  readonly id: string;
  readonly set: Registers;
}

/** `repairs`, in this order, make a document with the same view that needs none. */
export interface Resolved {
  readonly view: View;
  readonly repairs: readonly Repair[];
}

export function endOf(clip: PlacedClip): number {
  return clip.start + clip.out - clip.in;
}

/** All that is placed, by id. */
export function placedClips(view: View): Map<string, PlacedClip> {
  return new Map(view.tracks.flatMap((track) => track.clips.map((clip) => [clip.id, clip] as const)));
}
