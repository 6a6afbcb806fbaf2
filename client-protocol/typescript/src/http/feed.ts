/**
 * A project as one value that follows the server: a snapshot, then the events and ticks of its stream.
 * Pure; `stream.ts` brings the events. The phone and the TV draw what this holds.
 */

import { intOf, oneOf, textOf, type JsonRecord } from "../json.ts";
import { RUN_STATES } from "../storyboard/model.ts";
import { readPreview, readTake, type FeedRun, type FeedScene, type Snapshot } from "./model.ts";

export interface Feed {
  readonly cursor: number;
  readonly title: string;
  readonly scenes: readonly FeedScene[];
  /** Ids of the takes that arrived while this page was open, oldest first. */
  readonly arrivals: readonly string[];
  /** Rises with every decision of a reviewer. */
  readonly decided: number;
  /** Something changed that events tell only in part: read the snapshot again. */
  readonly stale: boolean;
}

export type FeedEvent =
  | { readonly kind: "job" | "preview" | "take" | "scene" | "decision"; readonly cursor: number; readonly payload: JsonRecord }
  | { readonly kind: "tick"; readonly payload: JsonRecord };

const ARRIVALS_MAX = 64;
const FINAL = new Set(["complete", "failed", "cancelled"]);

/** Ticks run ahead of the rows that a snapshot shows: a run that goes on is never shown further back than before. */
export function feedOf(snapshot: Snapshot, before: Feed | null = null): Feed {
  const shown = new Map(before?.scenes.map((scene) => [scene.id, scene.run]));
  return {
    cursor: snapshot.cursor,
    title: snapshot.title,
    scenes: snapshot.scenes.map((scene) => ({ ...scene, run: furthest(scene.run, shown.get(scene.id) ?? null) })),
    arrivals: before?.arrivals ?? [],
    decided: snapshot.cursor,
    stale: false,
  };
}

/** An event that the snapshot already holds changes nothing: cursors only grow. */
export function reduceFeed(feed: Feed, event: FeedEvent): Feed {
  if (event.kind === "tick") {
    return { ...feed, scenes: changed(feed, event.payload, (scene) => ticked(scene, event.payload)) };
  }
  if (event.cursor <= feed.cursor) {
    return feed;
  }
  const next = { ...feed, cursor: event.cursor };
  switch (event.kind) {
    case "job":
      return { ...next, scenes: changed(feed, event.payload, (scene) => ({ ...scene, run: readJob(event.payload, scene.run) })) };
    case "preview":
      return { ...next, scenes: changed(feed, event.payload, (scene) => previewed(scene, event.payload)) };
    case "take":
      return taken(next, event.payload);
    case "decision":
      return { ...next, decided: event.cursor };
    case "scene":
      return { ...next, stale: true };
  }
}

/** 0..100 while a run is under way, else null. */
export function progressOf(scene: FeedScene): number | null {
  return scene.run !== null && !FINAL.has(scene.run.state) ? scene.run.pct : null;
}

function furthest(run: FeedRun | null, shown: FeedRun | null): FeedRun | null {
  const goesOn = run !== null && !FINAL.has(run.state) && run.id === shown?.id;
  return goesOn && shown.pct > run.pct ? { ...run, state: shown.state, stage: shown.stage, pct: shown.pct } : run;
}

function taken(feed: Feed, payload: JsonRecord): Feed {
  const take = readTake(payload);
  if (take === null) {
    return feed;
  }
  const scenes = changed(feed, payload, (scene) => ({ ...scene, take, status: "complete" }));
  return { ...feed, scenes, arrivals: [...feed.arrivals, take.id].slice(-ARRIVALS_MAX) };
}

function changed(feed: Feed, payload: JsonRecord, change: (scene: FeedScene) => FeedScene): readonly FeedScene[] {
  const id = textOf(payload["scn"]);
  return feed.scenes.map((scene) => (scene.id === id ? change(scene) : scene));
}

/** A tick may overtake the event that started its run, and may come after the one that ended it. */
function ticked(scene: FeedScene, payload: JsonRecord): FeedScene {
  const run = textOf(payload["run"]);
  const known = scene.run;
  if (known?.id === run && FINAL.has(known.state)) {
    return scene;
  }
  const pct = intOf(payload["pct"], 0, 0, 100);
  const floor = known?.id === run ? known.pct : 0;
  return { ...scene, run: { id: run, state: "running", stage: textOf(payload["stage"]), pct: Math.max(floor, pct) } };
}

function readJob(payload: JsonRecord, known: FeedRun | null): FeedRun {
  const id = textOf(payload["run"]);
  const state = oneOf(payload["st"], RUN_STATES, "running");
  const pct = intOf(payload["pct"], known?.id === id ? known.pct : 0, 0, 100);
  const floor = known?.id === id && state === "running" ? known.pct : 0;
  return { id, state, stage: textOf(payload["stage"], known?.stage ?? ""), pct: Math.max(floor, pct) };
}

function previewed(scene: FeedScene, payload: JsonRecord): FeedScene {
  const preview = readPreview(payload);
  return preview === null ? scene : { ...scene, preview };
}
