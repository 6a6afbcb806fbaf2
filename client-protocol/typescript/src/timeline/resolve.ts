/**
 * `resolve`: what a timeline shows and what must be repaired in it, as a pure function of its converged content.
 * The twin of `sync/timeline/resolve.py`: no clock, no order of arrival, no randomness, the same answer byte for byte.
 */

import * as Y from "yjs";

import { derivedId } from "../ids.ts";
import { gather, isShown, part, piecesOf, settled, type Piece, type Pieces, type Registers } from "./lineage.ts";
import { FRAMES_MAX, MAIN_TRACK, RECOVERED_TRACK, readTimeline, type Anchor, type ClipKey, type Content, type Timeline } from "./model.ts";
import { carrierOf, mainTrack, viewOf, type MainTrack } from "./place.ts";
import type { Repair, Resolved } from "./view.ts";

/** What `resolve` reads of a document. */
export function contentOf(doc: Y.Doc): Content {
  return Object.fromEntries(["tracks", "clips", "markers"].map((root) => [root, doc.getMap(root).toJSON()]));
}

/** `content`: root -> id -> entity as plain JSON values; it is not changed. */
export function resolve(content: Content): Resolved {
  const timeline = readTimeline(content);
  const pieces = piecesOf(timeline.clips);
  const repairs = [
    ...mainStays(timeline),
    ...tracksExist(timeline, pieces),
    ...somethingIsLeft(timeline, pieces),
    ...noMediaTwice(pieces),
    ...anchorsHold(pieces),
  ];
  return { view: viewOf(timeline, pieces), repairs };
}

function repairOf(rule: string, root: string, id: string, set: Registers): Repair {
  return { rule, root, id, set };
}

function* mainStays(timeline: Timeline): Generator<Repair> {
  if (timeline.mainDeleted) {
    yield repairOf("track.main_deleted", "tracks", MAIN_TRACK, { del: null });
  }
}

/** A clip whose track is gone is shown on the track of what was recovered. */
function* tracksExist(timeline: Timeline, pieces: Pieces): Generator<Repair> {
  for (const piece of pieces.values()) {
    if (!piece.values.del && !timeline.tracks.has(piece.values.t) && piece.values.t !== RECOVERED_TRACK) {
      piece.values = { ...piece.values, t: RECOVERED_TRACK };
      yield repairOf("clip.no_track", "clips", piece.id, { t: RECOVERED_TRACK });
    }
  }
}

/** A clip that two people trimmed past each other keeps one frame, and a marker says so. */
function* somethingIsLeft(timeline: Timeline, pieces: Pieces): Generator<Repair> {
  const rule = "clip.trimmed_to_nothing";
  for (const piece of pieces.values()) {
    if (!isShown(piece) || piece.tail > piece.head) {
      continue;
    }
    for (const [heir, kept] of settled(pieces, piece.id, ["out"])) {
      yield repairOf(rule, "clips", heir, kept);
    }
    piece.tail = piece.wholeTail = piece.head + 1;
    yield repairOf(rule, "clips", piece.id, { out: piece.tail });
    const marker = derivedId("mrk", "trimmed", piece.id, `${piece.head}`);
    if (!timeline.markers.has(marker)) {
      timeline.markers.set(marker, { id: marker, clip: piece.id, f: piece.head, d: 0, k: "todo" });
      const named = { name: "trimmed to nothing", del: null };
      yield repairOf(rule, "markers", marker, { on: "clip", c: piece.id, f: piece.head, d: 0, k: "todo", ...named });
    }
  }
}

function noMediaTwice(pieces: Pieces): Repair[] {
  const families = new Map<string, Piece[]>();
  for (const piece of pieces.values()) {
    if (isShown(piece)) {
      gather(families, piece.root, piece);
    }
  }
  const changed = new Map([...families.values()].flatMap((family) => [...part(family)]));
  const writes = new Map<string, Registers>();
  for (const [id, registers] of changed) {
    for (const [heir, kept] of settled(pieces, id, Object.keys(registers) as ClipKey[])) {
      writes.set(heir, { ...writes.get(heir), ...kept });
    }
  }
  for (const [id, registers] of changed) {
    writes.set(id, { ...writes.get(id), ...registers });
  }
  return [...pieces.keys()].flatMap((id) => {
    const registers = writes.get(id);
    return registers === undefined ? [] : [repairOf("split.media_twice", "clips", id, registers)];
  });
}

/** A clip that is attached to nothing stays where it was: at the anchor's place in the order, else at its `z`. */
function* anchorsHold(pieces: Pieces): Generator<Repair> {
  const main = mainTrack(pieces);
  for (const piece of pieces.values()) {
    const { anc } = piece.values;
    if (isShown(piece) && anc !== null && carrierOf(main, piece, anc) === undefined) {
      const z = lastPlace(piece, anc, main);
      piece.values = { ...piece.values, anc: null, z };
      yield repairOf("anchor.lost", "clips", piece.id, { anc: null, z });
    }
  }
}

function lastPlace(piece: Piece, anchor: Anchor, main: MainTrack): number {
  const origin = main.ghosts.get(anchor.c);
  const z = piece.values.z;
  return origin === undefined ? z : Math.max(-FRAMES_MAX, Math.min(FRAMES_MAX, origin + anchor.d + z - anchor.h));
}
