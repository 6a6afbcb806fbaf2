/**
 * The timeline strip's view of the timeline document: the clips of the main track with their lengths.
 * Free tracks, anchors and transitions are resolved too, but not drawn by this page.
 */

import * as Y from "yjs";

import { intOf, listOf } from "../json.ts";
import { seconds, type SceneView } from "../storyboard/model.ts";
import { compareSlots, isShown, piecesOf } from "./lineage.ts";
import { MAIN_TRACK, readTimeline } from "./model.ts";
import { contentOf, resolve } from "./resolve.ts";

export interface ClipView {
  readonly id: string;
  readonly scene: string | null;
  readonly frames: number;
}

export interface StripSlot {
  readonly clip: string | null;
  readonly scene: SceneView;
  readonly start_s: number;
  readonly duration_s: number;
}

export function readRate(doc: Y.Doc): readonly [number, number] {
  const [rate, base] = listOf(doc.getMap("meta").get("rate"));
  return [intOf(rate, 24, 1), intOf(base, 1, 1)];
}

/** The main track as it is shown. */
export function readClips(doc: Y.Doc): ClipView[] {
  const main = resolve(contentOf(doc)).view.tracks.find((track) => track.id === MAIN_TRACK);
  return (main?.clips ?? []).map((clip) => ({ id: clip.id, scene: clip.scn, frames: clip.out - clip.in }));
}

/** The largest order key of the main track, deleted clips left out. */
export function lastOrd(doc: Y.Doc): string | null {
  const main = [...piecesOf(readTimeline(contentOf(doc)).clips).values()].filter((piece) => piece.values.t === MAIN_TRACK);
  return main.filter(isShown).sort(compareSlots).at(-1)?.values.ord ?? null;
}

/** Every scene once or more, in story order: its clips with their lengths, else its take's or its estimate's. */
export function stripSlots(scenes: readonly SceneView[], clips: readonly ClipView[], rate: readonly [number, number]): StripSlot[] {
  const slots: StripSlot[] = [];
  let start_s = 0;
  for (const scene of scenes) {
    const own = clips.filter((clip) => clip.scene === scene.id);
    const parts = own.length > 0 ? own : [{ id: null, frames: scene.take?.frames ?? scene.estimateFrames }];
    for (const part of parts) {
      const duration_s = seconds(part.frames, rate);
      slots.push({ clip: part.id, scene, start_s, duration_s });
      start_s += duration_s;
    }
  }
  return slots;
}
