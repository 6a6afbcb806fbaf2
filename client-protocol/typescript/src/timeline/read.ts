/**
 * The timeline strip's view of the timeline document: the live clips of the main track with their lengths.
 * Not the full `resolve()`: free tracks, anchors and transitions are not drawn by this page.
 */

import * as Y from "yjs";

import { intOf, isRecord, listOf, textOf } from "../json.ts";
import { seconds, type SceneView } from "../storyboard/model.ts";
import { isOrderKey } from "../storyboard/order-key.ts";

export const MAIN_TRACK = "trk_main";
const FRAMES_MAX = 10_000_000;

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

interface OrderedClip extends ClipView {
  readonly ord: string;
  readonly root: string;
  readonly in: number;
}

export function readRate(doc: Y.Doc): readonly [number, number] {
  const [rate, base] = listOf(doc.getMap("meta").get("rate"));
  return [intOf(rate, 24, 1), intOf(base, 1, 1)];
}

/** By (ord, root, in, id): pieces of a split stay together and ties fall alike everywhere. */
export function readClips(doc: Y.Doc): ClipView[] {
  return orderedClips(doc).map(({ id, scene, frames }) => ({ id, scene, frames }));
}

/** The order key of the last clip, deleted ones left out. */
export function lastOrd(doc: Y.Doc): string | null {
  return orderedClips(doc).at(-1)?.ord ?? null;
}

function orderedClips(doc: Y.Doc): OrderedClip[] {
  const clips: OrderedClip[] = [];
  for (const [id, value] of doc.getMap("clips")) {
    if (value instanceof Y.Map && !isRecord(value.get("del")) && value.get("t") === MAIN_TRACK) {
      clips.push(readClip(id, value as Y.Map<unknown>));
    }
  }
  return clips.sort((a, b) => compare(a.ord, b.ord) || compare(a.root, b.root) || a.in - b.in || compare(a.id, b.id));
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

function readClip(id: string, clip: Y.Map<unknown>): OrderedClip {
  const start = intOf(clip.get("in"), 0, -FRAMES_MAX, FRAMES_MAX);
  const end = intOf(clip.get("out"), start + 1, -FRAMES_MAX, FRAMES_MAX);
  return {
    id,
    scene: textOf(clip.get("scn")) || null,
    frames: Math.max(1, end - start),
    ord: readOrd(clip.get("ord")),
    root: textOf(clip.get("root")),
    in: start,
  };
}

function readOrd(value: unknown): string {
  return typeof value === "string" && isOrderKey(value) ? value : "";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
