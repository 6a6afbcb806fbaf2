/**
 * The timeline document read strictly, the same as `sync/timeline/content.py`: whatever a client has written, every replica
 * reads it alike. Numbers are integers within a range or they are not there, ids are ASCII, and there is one default.
 */

import { entities, idOrNull, isDeleted, isId, isMap, orderKey, type Content, type Raw } from "../registers.ts";

export const MAIN_TRACK = "trk_main";
/** The track of clips whose own is gone; no entity of the document, always there. */
export const RECOVERED = "rec";
export const FRAMES_MAX = 10_000_000;
export const RATIO_MAX = 1_000;
const KINDS = ["video", "audio", "title", "guide"];
const GENERATIONS_MAX = 32;
/** Registers that a piece takes from the clip that it was split from, until it has its own. */
const INHERITED = new Set("t ord z out slip anc spd scn sht src xo lnk lvl pan cdl fx".split(" "));

export interface Track {
  readonly id: string;
  readonly kind: string;
  readonly ord: string;
}

export interface Clip {
  readonly id: string;
  readonly root: string;
  /** The clips that it was split from, nearest first. */
  readonly line: readonly string[];
  readonly isDeleted: boolean;
  readonly track: string | null;
  readonly ord: string;
  readonly z: number;
  readonly in: number;
  readonly out: number;
  /** Where it begins to be this piece; null for a clip that was never split off. */
  readonly cut: number | null;
  readonly slip: number;
  readonly anchor: { readonly clip: string; readonly home: number } | null;
  readonly hasAnchor: boolean;
  readonly speed: readonly [number, number];
  readonly scene: string | null;
  readonly dissolve: { readonly k: string; readonly d: number; readonly a: number } | null;
  readonly link: string | null;
}

export function whole(value: unknown, fallback: number, low = -FRAMES_MAX, high = FRAMES_MAX): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= low && number <= high ? number + 0 : fallback;
}

/** Those that live. The main track always does. */
export function readTracks(content: Content): Map<string, Track> {
  const tracks = new Map<string, Track>();
  for (const [key, raw] of entities(content, "tracks")) {
    if (key !== RECOVERED && (key === MAIN_TRACK || !isDeleted(raw))) {
      tracks.set(key, readTrack(key, raw));
    }
  }
  if (!tracks.has(MAIN_TRACK)) {
    tracks.set(MAIN_TRACK, readTrack(MAIN_TRACK, {}));
  }
  return tracks;
}

function readTrack(id: string, raw: Raw): Track {
  const kind = raw["k"];
  return { id, kind: typeof kind === "string" && KINDS.includes(kind) ? kind : "video", ord: orderKey(raw["ord"]) };
}

/** None for who stands in a circle, or too far down. */
export function ancestors(raws: ReadonlyMap<string, Raw>, id: string): string[] {
  const found: string[] = [];
  let parent = idOrNull(raws.get(id)?.["of"]);
  while (parent !== null && raws.has(parent)) {
    if (parent === id || found.includes(parent) || found.length === GENERATIONS_MAX) {
      return [];
    }
    found.push(parent);
    parent = idOrNull(raws.get(parent)?.["of"]);
  }
  return found;
}

/** A clip's register, its own or the nearest ancestor's; undefined if nobody has it. */
export function register(raws: ReadonlyMap<string, Raw>, id: string, key: string): unknown {
  const own = raws.get(id);
  if (own !== undefined && (key in own || !INHERITED.has(key))) {
    return own[key];
  }
  const holder = ancestors(raws, id).find((parent) => key in (raws.get(parent) ?? {}));
  return holder === undefined ? undefined : raws.get(holder)?.[key];
}

/** All of them, deleted ones too: they still bound their neighbours. */
export function readClips(raws: ReadonlyMap<string, Raw>): Map<string, Clip> {
  return new Map([...raws.keys()].map((id) => [id, readClip(raws, id)]));
}

function readClip(raws: ReadonlyMap<string, Raw>, id: string): Clip {
  const raw = raws.get(id) ?? {};
  const line = ancestors(raws, id);
  const lineage = [raw, ...line.map((parent) => raws.get(parent) ?? {})];
  const get = (key: string): unknown => lineage.find((each) => key in each)?.[key];
  const begin = whole(raw["in"], 0);
  const anchor = get("anc");
  return {
    id,
    root: line.at(-1) ?? id,
    line,
    isDeleted: isDeleted(raw),
    track: idOrNull(get("t")),
    ord: orderKey(get("ord")),
    z: whole(get("z"), 0),
    in: begin,
    out: whole(get("out"), begin + 1),
    cut: line.length > 0 ? whole(raw["cut"], begin) : null,
    slip: whole(get("slip"), 0),
    anchor: isMap(anchor) && isId(anchor["c"]) ? { clip: anchor["c"], home: whole(anchor["h"], 0) } : null,
    hasAnchor: anchor != null,
    speed: readSpeed(get("spd")),
    scene: idOrNull(get("scn")),
    dissolve: readDissolve(get("xo")),
    link: idOrNull(get("lnk")),
  };
}

function readSpeed(value: unknown): readonly [number, number] {
  if (!Array.isArray(value) || value.length !== 2) {
    return [1, 1];
  }
  return [whole(value[0], 1, 1, RATIO_MAX), whole(value[1], 1, 1, RATIO_MAX)];
}

function readDissolve(value: unknown): Clip["dissolve"] {
  if (!isMap(value) || typeof value["k"] !== "string" || !["dissolve", "wipe", "dip", "fade"].includes(value["k"])) {
    return null;
  }
  const d = whole(value["d"], 0, 0);
  return { k: value["k"], d, a: Math.min(d, whole(value["a"], Math.floor(d / 2), 0)) };
}
