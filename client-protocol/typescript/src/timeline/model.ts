/**
 * The registers of a timeline as they stand in a document: strict readers, and what is read when there is nothing.
 * The twin of `sync/timeline/model.py`: both read every content alike. Nothing is inherited or repaired here.
 */

import { isRecord, type JsonRecord } from "../json.ts";

/** Exactly one, magnetic, never deleted: positions on it follow from the order of its clips. */
export const MAIN_TRACK = "trk_main";
/** Always there and free: clips whose track is gone are shown on it. No entity has this id. */
export const RECOVERED_TRACK = "rec";
/** No register of frames is further from 0 than this. */
export const FRAMES_MAX = 10_000_000;
const RATE_MAX = 1_000_000;
const TRACK_KINDS = ["video", "audio", "title", "guide"];
const TRANSITIONS = ["dissolve", "wipe", "dip", "fade"];
const MARKER_KINDS = ["note", "chapter", "beat", "todo", "cue"];

/** Root -> id -> entity, as `Y.Map.toJSON()` gives them. */
export type Content = JsonRecord;

/** See docs/timeline.md: local frame `d` of clip `c` at which this clip's local frame 0 was put when its `z` was `h`. */
export interface Anchor {
  readonly c: string;
  readonly d: number;
  readonly h: number;
}

/** To the next clip, `d` frames long, of which `a` lie before the cut. */
export interface Transition {
  readonly k: string;
  readonly d: number;
  readonly a: number;
}

export interface Track {
  readonly id: string;
  readonly ord: string;
  readonly k: string;
  readonly magnetic: boolean;
  readonly lock: boolean;
}

/** What a clip inherits when it does not have it itself. `del`: whether it is deleted. */
export interface ClipValues {
  readonly t: string;
  readonly ord: string;
  readonly z: number;
  readonly slip: number;
  readonly spd: readonly [number, number];
  readonly anc: Anchor | null;
  readonly xo: Transition | null;
  readonly scn: string | null;
  readonly lnk: string | null;
  readonly lock: boolean;
  readonly del: boolean;
}

export type ClipKey = keyof ClipValues | "in" | "out" | "root";

/** The registers that a clip has itself and that can be read. */
export type OwnRegisters = Partial<ClipValues & { readonly in: number; readonly out: number; readonly root: string }>;

/** `of`: the clip that it was split from, at the local frame `cut`; null: it was not, or the two were joined again. */
export interface Clip {
  readonly id: string;
  readonly of: string | null;
  readonly cut: number | null;
  readonly own: OwnRegisters;
}

/** `clip`: its frame `f` is local to that clip; null: of the timeline. */
export interface Marker {
  readonly id: string;
  readonly clip: string | null;
  readonly f: number;
  readonly d: number;
  readonly k: string;
}

/** All entities that can be read, in order of id; clips also when deleted, because others may inherit from them. */
export interface Timeline {
  readonly tracks: ReadonlyMap<string, Track>;
  readonly clips: ReadonlyMap<string, Clip>;
  readonly markers: Map<string, Marker>;
  readonly mainDeleted: boolean;
}

export const CLIP_DEFAULTS: ClipValues = {
  t: "",
  ord: "",
  z: 0,
  slip: 0,
  spd: [1, 1],
  anc: null,
  xo: null,
  scn: null,
  lnk: null,
  lock: false,
  del: false,
};

/** Never fails: what cannot be read is not there. */
export function readTimeline(content: Content): Timeline {
  const tracks = new Map<string, Track>();
  let main: JsonRecord = {};
  for (const [id, entity] of entities(content, "tracks")) {
    if (id === MAIN_TRACK) {
      main = entity;
    } else if (id !== RECOVERED_TRACK && !isDeleted(entity)) {
      tracks.set(id, readTrack(id, entity));
    }
  }
  tracks.set(MAIN_TRACK, readTrack(MAIN_TRACK, main));
  const markers = entities(content, "markers").filter(([, entity]) => !isDeleted(entity));
  return {
    tracks,
    clips: new Map(entities(content, "clips").map(([id, entity]) => [id, readClip(id, entity)])),
    markers: new Map(markers.map(([id, entity]) => [id, readMarker(id, entity)])),
    mainDeleted: isDeleted(main),
  };
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A mark in `del` hides it; null and false do not. */
function isDeleted(entity: JsonRecord): boolean {
  return isMark(register(entity, "del"));
}

function isMark(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}

/** In order of id. A name that is no id is no entity: all that sorts here is ASCII, in every language. */
function entities(content: Content, root: string): [string, JsonRecord][] {
  const found = content[root];
  if (!isMap(found)) {
    return [];
  }
  const ids = Object.keys(found).filter((id) => identifier(id) !== undefined);
  return ids.sort(compareText).flatMap((id): [string, JsonRecord][] => {
    const entity = found[id];
    return isMap(entity) ? [[id, entity]] : [];
  });
}

/** A value of a document that has keys; bytes have none. */
function isMap(value: unknown): value is JsonRecord {
  return isRecord(value) && !(value instanceof Uint8Array);
}

/** Own keys only: a peer may have written any name. */
function register(entity: JsonRecord, key: string): unknown {
  return Object.hasOwn(entity, key) ? (entity[key] ?? null) : undefined;
}

// Registers: undefined is what holds nothing that its type allows, as if it were not there.

function whole(value: unknown, low: number, high: number): number | undefined {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= low && number <= high ? number + 0 : undefined;
}

function frames(value: unknown): number | undefined {
  return whole(value, -FRAMES_MAX, FRAMES_MAX);
}

/** A frame that another can follow. */
function firstFrame(value: unknown): number | undefined {
  return whole(value, -FRAMES_MAX, FRAMES_MAX - 1);
}

function identifier(value: unknown): string | undefined {
  return typeof value === "string" && /^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$/.test(value) ? value : undefined;
}

function orderKey(value: unknown): string | undefined {
  return typeof value === "string" && /^[0-9A-Za-z]{1,256}$/.test(value) ? value : undefined;
}

function flag(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

function link(value: unknown): string | null | undefined {
  return value === null ? null : identifier(value);
}

function anchor(value: unknown): Anchor | null | undefined {
  if (value === null) {
    return null;
  }
  if (!isMap(value)) {
    return undefined;
  }
  const [c, d, h] = [identifier(register(value, "c")), frames(register(value, "d")), frames(register(value, "h"))];
  return c === undefined || d === undefined || h === undefined ? undefined : { c, d, h };
}

/** Media frames per timeline frame as a fraction; negative is backwards, 0 is not a speed. */
function speed(value: unknown): [number, number] | undefined {
  if (!Array.isArray(value) || value.length !== 2) {
    return undefined;
  }
  const [numerator, denominator] = [whole(value[0], -RATE_MAX, RATE_MAX), whole(value[1], 1, RATE_MAX)];
  return numerator === undefined || numerator === 0 || denominator === undefined ? undefined : [numerator, denominator];
}

function transition(value: unknown): Transition | null | undefined {
  if (value === null) {
    return null;
  }
  if (!isMap(value)) {
    return undefined;
  }
  const k = TRANSITIONS.find((each) => each === register(value, "k"));
  const d = whole(register(value, "d"), 1, FRAMES_MAX);
  const a = d === undefined ? undefined : whole(register(value, "a"), 0, d);
  return k === undefined || d === undefined || a === undefined ? undefined : { k, d, a };
}

type Read = (value: unknown) => unknown;
const CLIP_READERS: readonly (readonly [ClipKey, Read])[] = [
  ["t", identifier],
  ["ord", orderKey],
  ["z", frames],
  ["in", firstFrame],
  ["out", frames],
  ["slip", frames],
  ["spd", speed],
  ["anc", anchor],
  ["xo", transition],
  ["scn", link],
  ["lnk", link],
  ["lock", flag],
  ["root", identifier],
  ["del", isMark],
];

function readClip(id: string, entity: JsonRecord): Clip {
  const own: Partial<Record<ClipKey, unknown>> = {};
  for (const [key, read] of CLIP_READERS) {
    const written = register(entity, key);
    const value = written === undefined ? undefined : read(written);
    if (value !== undefined) {
      own[key] = value;
    }
  }
  return { id, of: identifier(register(entity, "of")) ?? null, cut: frames(register(entity, "cut")) ?? null, own: own as OwnRegisters };
}

function readTrack(id: string, entity: JsonRecord): Track {
  return {
    id,
    ord: orderKey(register(entity, "ord")) ?? "",
    k: TRACK_KINDS.find((kind) => kind === register(entity, "k")) ?? "video",
    magnetic: id === MAIN_TRACK || register(entity, "mode") === "mag",
    lock: register(entity, "lock") === true,
  };
}

function readMarker(id: string, entity: JsonRecord): Marker {
  return {
    id,
    clip: register(entity, "on") === "clip" ? (identifier(register(entity, "c")) ?? null) : null,
    f: frames(register(entity, "f")) ?? 0,
    d: Math.max(0, frames(register(entity, "d")) ?? 0),
    k: MARKER_KINDS.find((kind) => kind === register(entity, "k")) ?? "note",
  };
}
