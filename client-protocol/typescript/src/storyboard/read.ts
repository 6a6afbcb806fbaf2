/**
 * Reads the storyboard document into `SceneView`s: deleted scenes left out, numbers checked, in story order.
 * It never writes, and a value of the wrong shape reads as missing, because any client may have written it.
 */

import * as Y from "yjs";

import { hashOf, intOf, listOf, oneOf, recordOf, textOf, type JsonRecord } from "../json.ts";
import {
  RUN_STATES,
  STATUSES,
  type LockView,
  type OfferView,
  type PreviewView,
  type RunView,
  type SceneView,
  type ShotView,
  type TakeView,
} from "./model.ts";
import { nodesOf } from "./content.ts";
import { Story } from "./resolve.ts";
import type { Slug } from "./slug.ts";
import { Tree } from "./tree.ts";

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

/** Every scene that is seen, in the order of the story, with the shots that are seen in it. */
export function readScenes(doc: Y.Doc): SceneView[] {
  const runs = newestRuns(doc.getMap("jobs"));
  const shots: Entity = doc.getMap("shots");
  const takes: Entity = doc.getMap("takes");
  const previews: Entity = doc.getMap("prev");
  const story = new Story(new Tree(nodesOf(doc)));
  return story.scenes().flatMap((node) => {
    const scene = sceneEntity(doc, node.id);
    return scene === null
      ? []
      : [
          {
            ...readHeading(node.id, scene),
            shots: story.within("shots", node).map((shot) => readShot(shots.get(shot.id) as Entity)),
            run: runs.get(node.id) ?? null,
            preview: readPreview(previews.get(node.id)),
            take: readTake(textOf(scene.get("cur")), takes),
          },
        ];
  });
}

export function readSlug(value: unknown): Slug {
  const slug = recordOf(value);
  return { ie: textOf(slug["ie"]), loc: textOf(slug["loc"]), tod: textOf(slug["tod"]) };
}

function readHeading(id: string, scene: Entity): Omit<SceneView, "shots" | "run" | "preview" | "take"> {
  return {
    id,
    number: textOf(scene.get("num")),
    title: textOf(scene.get("title")),
    slug: readSlug(scene.get("slug")),
    status: oneOf(scene.get("st"), STATUSES, "draft"),
    lock: readLock(scene.get("lock")),
    estimateFrames: intOf(scene.get("est_f"), ESTIMATE_FRAMES, 1, FRAMES_MAX),
  };
}

/** Whatever stands there locks. */
function readLock(value: unknown): LockView | null {
  if (value === null || value === undefined) {
    return null;
  }
  const lock = recordOf(value);
  return { by: textOf(lock["by"]), why: textOf(lock["why"]), take: textOf(lock["take"]) || null, run: textOf(lock["run"]) || null };
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
    cost: costOf(job),
    offer: readOffer(recordOf(job.get("offer"))),
  };
}

function readOffer(offer: JsonRecord): OfferView | null {
  const id = textOf(offer["id"]);
  const made = { take: textOf(offer["take"]), scene: textOf(offer["scn"]), number: intOf(offer["n"], 1, 1), thumb: hashOf(offer["thumb"]) };
  return id === "" ? null : { id, ...made };
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
    cost: costOf(take as Entity),
  };
}

function costOf(entity: Entity): number | null {
  const cost = intOf(entity.get("cost"), -1);
  return cost < 0 ? null : cost;
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
