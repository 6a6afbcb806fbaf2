/**
 * The timeline strip's view of the timeline document: the clips of the main track as they are seen.
 * Free tracks, anchors and transitions are not drawn by this page.
 */

import * as Y from "yjs";

import { intOf, listOf } from "../json.ts";
import { seconds, type SceneView } from "../storyboard/model.ts";
import type { Content } from "../registers.ts";
import { MAIN_TRACK } from "./content.ts";
import { type Placed, resolve, type Resolved } from "./resolve.ts";

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

/** What `resolve` reads. */
export function contentOf(doc: Y.Doc): Content {
  return Object.fromEntries(["tracks", "clips", "markers"].map((root) => [root, doc.getMap(root).toJSON()]));
}

/** The main track in its order. */
export function readClips(doc: Y.Doc): ClipView[] {
  return mainTrack(resolve(contentOf(doc))).map(({ clip, frames }) => ({ id: clip.id, scene: clip.scene, frames }));
}

/** The order key of the last clip, deleted ones left out. */
export function lastOrd(doc: Y.Doc): string | null {
  return mainTrack(resolve(contentOf(doc))).at(-1)?.clip.ord ?? null;
}

export function mainTrack(film: Resolved): Placed[] {
  return [...film.placed.values()].filter((each) => each.track === MAIN_TRACK).sort((a, b) => a.start - b.start);
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
