/**
 * Reads the storyboard document into `SceneView`s: deleted scenes left out, numbers checked, in story order.
 * It never writes, and a value of the wrong shape reads as missing, because any client may have written it.
 */

import * as Y from "yjs";

import { hashOf, intOf, isRecord, listOf, oneOf, recordOf, textOf } from "../json.ts";
import {
  RUN_STATES,
  STATUSES,
  type PreviewView,
  type RunView,
  type SceneView,
  type ShotView,
  type TakeView,
} from "./model.ts";
import { compareOrdered, isOrderKey } from "./order-key.ts";
import type { Slug } from "./slug.ts";

export type Entity = Y.Map<unknown>;

export const ESTIMATE_FRAMES = 96;
const FRAMES_MAX = 1_000_000;
const SIDE_PX_MAX = 16_384;

export function scenesRoot(doc: Y.Doc): Entity {
  return doc.getMap("scenes");
}

export function sceneEntity(doc: Y.Doc, id: string): Entity | null {
  const value = scenesRoot(doc).get(id);
  return value instanceof Y.Map ? (value as Entity) : null;
}

export function promptText(doc: Y.Doc, id: string): Y.Text | null {
  const value = sceneEntity(doc, id)?.get("prompt");
  return value instanceof Y.Text ? value : null;
}

/** Every live scene, by (ord, id). */
export function readScenes(doc: Y.Doc): SceneView[] {
  const runs = newestRuns(doc.getMap("jobs"));
  const shots = shotsByScene(doc.getMap("shots"));
  const takes = doc.getMap("takes");
  const previews = doc.getMap("prev");
  const scenes: SceneView[] = [];
  for (const [id, value] of scenesRoot(doc)) {
    if (value instanceof Y.Map && !isRecord(value.get("del"))) {
      const scene = value as Entity;
      const run = runs.get(id) ?? null;
      const take = readTake(textOf(scene.get("cur")), takes);
      scenes.push({
        ...readHeading(id, scene),
        shots: shots.get(id) ?? [],
        run,
        preview: readPreview(previews.get(id)),
        take,
      });
    }
  }
  return scenes.sort(compareOrdered);
}

export function readSlug(value: unknown): Slug {
  const slug = recordOf(value);
  return { ie: textOf(slug["ie"]), loc: textOf(slug["loc"]), tod: textOf(slug["tod"]) };
}

export function readOrd(value: unknown): string {
  return typeof value === "string" && isOrderKey(value) ? value : "";
}

function readHeading(id: string, scene: Entity): Omit<SceneView, "shots" | "run" | "preview" | "take"> {
  return {
    id,
    ord: readOrd(scene.get("ord")),
    number: textOf(scene.get("num")),
    title: textOf(scene.get("title")),
    slug: readSlug(scene.get("slug")),
    status: oneOf(scene.get("st"), STATUSES, "draft"),
    estimateFrames: intOf(scene.get("est_f"), ESTIMATE_FRAMES, 1, FRAMES_MAX),
  };
}

/** A scene may have been generated again and again: its newest run, by the time of its request. */
function newestRuns(jobs: Entity): Map<string, RunView> {
  const newest = new Map<string, { at: number; run: RunView }>();
  for (const [id, value] of jobs) {
    if (!(value instanceof Y.Map)) {
      continue;
    }
    const job = value as Entity;
    const scene = textOf(job.get("scn"));
    const at = instantOf(job.get("at0"));
    const known = newest.get(scene);
    if (known === undefined || at > known.at || (at === known.at && id > known.run.id)) {
      newest.set(scene, { at, run: readRun(id, job) });
    }
  }
  return new Map([...newest].map(([scene, each]) => [scene, each.run]));
}

function readRun(id: string, job: Entity): RunView {
  const failure = recordOf(job.get("err"));
  return {
    id,
    state: oneOf(job.get("st"), RUN_STATES, "queued"),
    stage: textOf(job.get("stage")),
    pct: intOf(job.get("pct"), 0, 0, 100),
    error: textOf(failure["msg"]) || textOf(failure["code"]) || null,
  };
}

/** Milliseconds; the server may write a number or an ISO 8601 text. */
function instantOf(value: unknown): number {
  if (typeof value === "string") {
    const parsed = Date.parse(value);
    return Number.isNaN(parsed) ? 0 : parsed;
  }
  return typeof value === "bigint" ? Number(value) : typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function readPreview(value: unknown): PreviewView | null {
  const preview = recordOf(value);
  const media = hashOf(preview["media"]);
  if (media === null) {
    return null;
  }
  return {
    run: textOf(preview["run"]),
    step: intOf(preview["f"], 0),
    media,
    width: intOf(preview["w"], 0, 0, SIDE_PX_MAX),
    height: intOf(preview["h"], 0, 0, SIDE_PX_MAX),
  };
}

function readTake(id: string, takes: Entity): TakeView | null {
  const take = takes.get(id);
  if (!(take instanceof Y.Map)) {
    return null;
  }
  const media = hashOf(take.get("hash"));
  if (media === null) {
    return null;
  }
  const [rate, base] = listOf(take.get("rate"));
  return {
    id,
    number: intOf(take.get("n"), 1, 1),
    media,
    thumb: hashOf(take.get("thumb")),
    frames: intOf(take.get("frames"), 1, 1, FRAMES_MAX),
    width: intOf(take.get("w"), 0, 0, SIDE_PX_MAX),
    height: intOf(take.get("h"), 0, 0, SIDE_PX_MAX),
    rate: [intOf(rate, 24, 1), intOf(base, 1, 1)],
  };
}

function shotsByScene(shots: Entity): Map<string, ShotView[]> {
  const found: { scene: string; id: string; ord: string; shot: ShotView }[] = [];
  for (const [id, value] of shots) {
    if (value instanceof Y.Map && !isRecord(value.get("del"))) {
      const shot = value as Entity;
      found.push({ scene: textOf(shot.get("par")), id, ord: readOrd(shot.get("ord")), shot: readShot(shot) });
    }
  }
  const byScene = new Map<string, ShotView[]>();
  for (const each of found.sort(compareOrdered)) {
    byScene.set(each.scene, [...(byScene.get(each.scene) ?? []), each.shot]);
  }
  return byScene;
}

function readShot(shot: Entity): ShotView {
  return {
    size: textOf(shot.get("size")),
    angle: textOf(shot.get("angle")),
    move: textOf(shot.get("move")),
    lensMm: intOf(shot.get("lens_mm"), 0, 0, 2_000),
    frames: intOf(shot.get("dur_f"), 0, 0, FRAMES_MAX),
  };
}
