/**
 * The storyboard as the pages draw it: plain, checked values.
 * Nothing here knows Yjs; `read.ts` makes these from a document.
 */

import type { Slug } from "./slug.ts";

export const STATUSES = ["draft", "pending", "generating", "complete", "locked", "failed"] as const;
export type SceneStatus = (typeof STATUSES)[number];

export const RUN_STATES = ["queued", "running", "complete", "failed", "cancelled"] as const;
export type RunState = (typeof RUN_STATES)[number];

/** In the order in which a generation passes through them. */
export const STAGES = ["enhance", "frames", "clip", "voice", "finish"] as const;

export interface ShotView {
  readonly size: string;
  readonly angle: string;
  readonly move: string;
  readonly lensMm: number;
  readonly frames: number;
}

/** A take that is there and shows the same as the run is to make. */
export interface OfferView {
  readonly id: string;
  readonly take: string;
  readonly scene: string;
  readonly number: number;
  readonly thumb: string | null;
}

export interface RunView {
  readonly id: string;
  readonly state: RunState;
  readonly stage: string;
  readonly pct: number;
  readonly error: string | null;
  /** What was paid for it, in micro-credits; null until it has ended. */
  readonly cost: number | null;
  /** Null as well once somebody has answered. */
  readonly offer: OfferView | null;
}

export interface PreviewView {
  readonly run: string;
  readonly step: number;
  readonly media: string;
  readonly width: number;
  readonly height: number;
}

export interface TakeView {
  readonly id: string;
  readonly number: number;
  readonly media: string;
  readonly thumb: string | null;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly rate: readonly [number, number];
  /** In micro-credits; null: nobody counted. */
  readonly cost: number | null;
}

/** Nobody edits a locked scene. `run`: the generation that holds it; `take`: the one that is approved. */
export interface LockView {
  readonly by: string;
  readonly why: string;
  readonly take: string | null;
  readonly run: string | null;
}

export interface SceneView {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly slug: Slug;
  readonly status: SceneStatus;
  readonly estimateFrames: number;
  readonly shots: readonly ShotView[];
  readonly run: RunView | null;
  readonly preview: PreviewView | null;
  readonly take: TakeView | null;
  readonly lock: LockView | null;
}

export type ActiveRun = RunView & { readonly state: "queued" | "running" };

export function isActive(run: RunView | null): run is ActiveRun {
  return run !== null && (run.state === "queued" || run.state === "running");
}

/** Nobody works at it until somebody has chosen. */
export function asksPeople(run: ActiveRun): boolean {
  return run.stage === "choose" || run.stage === "agree";
}

/** The scene with the progress that the server shows at the moment; one of another run than the document's is old. */
export function withTick(scene: SceneView, tick: { run: string; stage: string; pct: number } | undefined): SceneView {
  if (tick === undefined || !isActive(scene.run) || scene.run.id !== tick.run) {
    return scene;
  }
  const run = { ...scene.run, state: "running", stage: tick.stage, pct: Math.max(tick.pct, scene.run.pct) } as const;
  return { ...scene, run };
}

/** The picture to show while a take is made: only of the run that is being made. */
export function previewOf(scene: SceneView): PreviewView | null {
  return scene.preview !== null && (scene.take === null || isActive(scene.run)) ? scene.preview : null;
}

export function seconds(frames: number, rate: readonly [number, number]): number {
  return (frames * rate[1]) / rate[0];
}

/** "4.0 s" or "1:04". */
export function formatDuration(duration_s: number): string {
  if (duration_s < 60) {
    return `${duration_s.toFixed(1)} s`;
  }
  const whole = Math.round(duration_s);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
