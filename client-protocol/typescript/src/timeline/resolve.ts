/**
 * The film that a timeline document shows, and what has to be written so that it says so itself: a pure function of the
 * converged content, the same as `sync/timeline/resolve.py` byte for byte (client-protocol/vectors/timeline.json).
 */

import { derivedId } from "../ids.ts";
import { compareText } from "../json.ts";
import { entities, idOrNull, isDeleted, type Content, type Raw } from "../registers.ts";
import type { Repair } from "../repair.ts";
import {
  type Clip,
  FRAMES_MAX,
  MAIN_TRACK,
  readClips,
  readTracks,
  RECOVERED,
  type Track,
  whole,
} from "./content.ts";

const ROUNDS_MAX = 64;
const TRIMMED = "trimmed to nothing";

interface Window {
  readonly in: number;
  readonly out: number;
  /** Its end is where another piece of the same clip begins. */
  readonly isCut: boolean;
}

/** A clip as it is seen: `start` and `frames` on the timeline, `in` and `out` in its local frames. */
export interface Placed extends Window {
  readonly clip: Clip;
  readonly track: string;
  readonly lane: number;
  readonly start: number;
  readonly frames: number;
}

export type View = Readonly<Record<string, unknown>>;

export interface Resolved {
  readonly placed: ReadonlyMap<string, Placed>;
  readonly view: View;
  readonly repairs: readonly Repair[];
}

/** Throws nothing, whatever is in the document. */
export function resolve(content: Content): Resolved {
  const raws = new Map([...entities(content, "clips")].map(([key, raw]): [string, Record<string, unknown>] => [key, { ...raw }]));
  const tracks = readTracks(content);
  const repairs = new Map<string, Repair>();
  const note = (repair: Repair): void => void repairs.set(`${repair.root}\n${repair.id}\n${repair.key ?? ""}`, repair);
  trackRepairs(content).forEach(note);
  let film = new Film(raws, tracks);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const found = film.repairs();
    if (found.length === 0) {
      break;
    }
    for (const repair of found) {
      note(repair);
      const raw = raws.get(repair.id);
      if (raw !== undefined && repair.key !== null) {
        raw[repair.key] = repair.value;
      }
    }
    film = new Film(raws, tracks);
  }
  const made = [...repairs.entries()].sort(([one], [other]) => compareText(one, other)).map(([, repair]) => repair);
  const placed = film.placed();
  return { placed, view: viewOf(content, tracks, placed), repairs: [...made, ...markerRepairs(content, made)] };
}

function trackRepairs(content: Content): Repair[] {
  const found: Repair[] = [];
  for (const [id, raw] of entities(content, "tracks")) {
    const mode = id === MAIN_TRACK ? "mag" : "free";
    if (id === MAIN_TRACK && isDeleted(raw)) {
      found.push({ root: "tracks", id, key: "del", value: null, name: "main track" });
    }
    if (raw["mode"] !== mode) {
      found.push({ root: "tracks", id, key: "mode", value: mode, name: "main track" });
    }
  }
  return found;
}

/** Where something was trimmed to nothing by two people at once, somebody has to look. */
function markerRepairs(content: Content, repairs: readonly Repair[]): Repair[] {
  const known = entities(content, "markers");
  return repairs
    .filter((repair) => repair.name === "length" && repair.key === "out")
    .map((repair) => ({
      root: "markers",
      id: derivedId("mrk", repair.id, TRIMMED),
      key: null,
      value: { on: "clip", c: repair.id, f: 0, d: 0, k: "todo", name: TRIMMED },
      name: "length",
    }))
    .filter((repair) => !known.has(repair.id));
}

class Film {
  readonly #clips: ReadonlyMap<string, Clip>;
  readonly #tracks: ReadonlyMap<string, Track>;
  readonly #families = new Map<string, Clip[]>();
  readonly #windows = new Map<string, Window>();

  constructor(raws: ReadonlyMap<string, Raw>, tracks: ReadonlyMap<string, Track>) {
    this.#tracks = tracks;
    this.#clips = readClips(raws);
    for (const clip of this.#clips.values()) {
      const family = this.#families.get(clip.root);
      if (family === undefined) {
        this.#families.set(clip.root, [clip]);
      } else {
        family.push(clip);
      }
    }
    for (const family of this.#families.values()) {
      family.sort(comparePieces);
      this.#see(family);
    }
  }

  /** What of each piece is seen: not what its ancestors have trimmed off, not beyond the next piece. */
  #see(family: readonly Clip[]): void {
    family.forEach((clip, place) => {
      const begin = clip.line.reduce((from, parent) => Math.max(from, this.#clips.get(parent)?.in ?? from), clip.in);
      const next = family[place + 1]?.cut ?? null;
      const isCut = next !== null && next < clip.out;
      this.#windows.set(clip.id, { in: begin, out: isCut ? next : clip.out, isCut });
    });
  }

  #window(clip: Clip): Window {
    return this.#windows.get(clip.id) ?? { in: clip.in, out: clip.out, isCut: false };
  }

  #trackOf(clip: Clip): string {
    return clip.track !== null && this.#tracks.has(clip.track) ? clip.track : RECOVERED;
  }

  repairs(): Repair[] {
    const roots = [...this.#families.keys()].sort(compareText);
    const found = roots.flatMap((root) => this.#ofFamily(this.#families.get(root) ?? []));
    return found.length > 0 ? found : [...this.#clips.values()].flatMap((clip) => this.#ofClip(clip));
  }

  #ofFamily(family: readonly Clip[]): Repair[] {
    const live = family.filter((clip) => !clip.isDeleted);
    const repeated = this.#repeated(live);
    if (repeated.length > 0) {
      return repeated;
    }
    const empty = live.filter((clip) => this.#window(clip).in >= this.#window(clip).out);
    const [only] = empty;
    if (only === undefined) {
      return [];
    }
    if (live.length === 1 && family.length === 1) {
      return [clipRepair(only.id, "out", Math.min(only.in + 1, FRAMES_MAX), "length")];
    }
    const kept = empty.length < live.length ? null : only;
    const gone = empty.filter((clip) => clip !== kept).map((clip) => clipRepair(clip.id, "del", { by: "repair", at: 0 }, "empty piece"));
    return kept !== null && empty.length === 1 ? [...gone, ...this.#ofLast(kept)] : gone;
  }

  /** A later piece does not show what an earlier one shows. */
  #repeated(live: readonly Clip[]): Repair[] {
    return live.flatMap((clip, place) => {
      const own = this.#window(clip);
      const ends = live
        .slice(0, place)
        .map((other) => this.#window(other))
        .filter((other) => Math.max(own.in, other.in) < Math.min(own.out, other.out))
        .map((other) => other.out);
      return ends.length > 0 ? [clipRepair(clip.id, "in", Math.max(...ends), "repeated media")] : [];
    });
  }

  /** All pieces were trimmed away by people who did not know of each other: one frame of one stays. */
  #ofLast(clip: Clip): Repair[] {
    const { in: begin, isCut } = this.#window(clip);
    const family = this.#families.get(clip.root) ?? [];
    const pushed = family
      .slice(family.indexOf(clip) + 1)
      .filter((other) => other.cut !== null && other.cut <= begin)
      .map((other) => clipRepair(other.id, "cut", begin + 1, "length"));
    return isCut ? pushed : [clipRepair(clip.id, "out", begin + 1, "length"), ...pushed];
  }

  #ofClip(clip: Clip): Repair[] {
    const found: Repair[] = [];
    if (clip.isDeleted) {
      return found;
    }
    if (clip.track !== RECOVERED && this.#trackOf(clip) === RECOVERED) {
      found.push(clipRepair(clip.id, "t", RECOVERED, "orphan"));
    }
    if (clip.hasAnchor && !this.#holds(clip)) {
      found.push(clipRepair(clip.id, "anc", null, "anchor"));
    }
    return found;
  }

  /** Whether its anchor is a live clip of the main track; so anchors make no circles. */
  #holds(clip: Clip): boolean {
    const target = clip.anchor === null ? undefined : this.#clips.get(clip.anchor.clip);
    return target !== undefined && !target.isDeleted && this.#trackOf(target) === MAIN_TRACK;
  }

  placed(): Map<string, Placed> {
    const byTrack = new Map<string, Clip[]>();
    for (const clip of this.#clips.values()) {
      if (!clip.isDeleted) {
        const track = this.#trackOf(clip);
        byTrack.set(track, [...(byTrack.get(track) ?? []), clip]);
      }
    }
    const main = this.#magnetic(byTrack.get(MAIN_TRACK) ?? []);
    byTrack.delete(MAIN_TRACK);
    const free = [...byTrack].flatMap(([track, clips]) => this.#free(track, clips, main));
    return new Map([...main, ...free]);
  }

  #frames(clip: Clip): number {
    const { in: begin, out } = this.#window(clip);
    return Math.max(1, scaled(out - begin, clip.speed));
  }

  /** One after another; pieces of a split stay together and ties fall alike everywhere. */
  #magnetic(clips: Clip[]): Map<string, Placed> {
    clips.sort(
      (a, b) =>
        compareText(a.ord, b.ord) || compareText(a.root, b.root) || this.#window(a).in - this.#window(b).in || compareText(a.id, b.id),
    );
    const placed = new Map<string, Placed>();
    let at = 0;
    for (const clip of clips) {
      const frames = this.#frames(clip);
      placed.set(clip.id, { clip, track: MAIN_TRACK, lane: 0, start: at, frames, ...this.#window(clip) });
      at += frames;
    }
    return placed;
  }

  /** Each where it says, in the first lane that is free there: overlap is no loss. */
  #free(track: string, clips: readonly Clip[], main: ReadonlyMap<string, Placed>): [string, Placed][] {
    const ends: number[] = [];
    return clips
      .map((clip) => ({ clip, start: this.#start(clip, main) }))
      .sort((a, b) => a.start - b.start || compareText(a.clip.id, b.clip.id))
      .map(({ clip, start }) => {
        const free = ends.findIndex((end) => end <= start);
        const lane = free < 0 ? ends.length : free;
        const frames = this.#frames(clip);
        ends[lane] = start + frames;
        return [clip.id, { clip, track, lane, start, frames, ...this.#window(clip) }];
      });
  }

  /** A retimed clip turns about the head of its first piece. */
  #start(clip: Clip, main: ReadonlyMap<string, Placed>): number {
    const own = this.#window(clip);
    const first = clip.line.length > 0 ? this.#families.get(clip.root)?.[0] : undefined;
    const head = first === undefined ? own.in : this.#window(first).in;
    const base = clip.anchor === null ? undefined : main.get(clip.anchor.clip);
    const moved = base === undefined || clip.anchor === null ? 0 : base.start - base.in - clip.anchor.home;
    return Math.max(0, clip.z + head + scaled(own.in - head, clip.speed) + moved);
  }
}

function clipRepair(id: string, key: string, value: unknown, name: string): Repair {
  return { root: "clips", id, key, value, name };
}

function comparePieces(a: Clip, b: Clip): number {
  if (a.cut === null || b.cut === null) {
    return a.cut === b.cut ? compareText(a.id, b.id) : a.cut === null ? -1 : 1;
  }
  return a.cut - b.cut || compareText(a.id, b.id);
}

/** Media frames as timeline frames, rounded half up. */
export function scaled(frames: number, [numerator, denominator]: readonly [number, number]): number {
  return Math.floor((2 * frames * denominator + numerator) / (2 * numerator));
}


// The view ----------------------------------------------------------------------------------------------

function viewOf(content: Content, tracks: ReadonlyMap<string, Track>, placed: ReadonlyMap<string, Placed>): View {
  const links = new Map<string, Placed>();
  for (const each of [...placed.values()].sort((a, b) => compareText(a.clip.id, b.clip.id))) {
    if (each.clip.link !== null && !links.has(each.clip.link)) {
      links.set(each.clip.link, each);
    }
  }
  const on = (track: string): Placed[] => [...placed.values()].filter((each) => each.track === track);
  const shown = [...tracks.values()]
    .sort((a, b) => compareText(a.ord, b.ord) || compareText(a.id, b.id))
    .map((track) => trackView(track.id, track.kind, on(track.id), links));
  const recovered = on(RECOVERED);
  if (recovered.length > 0) {
    shown.push(trackView(RECOVERED, "video", recovered, links));
  }
  const frames = [...placed.values()].reduce((end, each) => Math.max(end, each.start + each.frames), 0);
  return { frames, tracks: shown, markers: markerViews(content, placed) };
}

function trackView(id: string, kind: string, clips: Placed[], links: ReadonlyMap<string, Placed>): View {
  clips.sort((a, b) => a.lane - b.lane || a.start - b.start || compareText(a.clip.id, b.clip.id));
  const lanes = clips.reduce((most, each) => Math.max(most, each.lane + 1), 0);
  return { id, k: kind, lanes, clips: clips.map((each, place) => clipView(each, clips[place + 1], links)) };
}

function clipView(each: Placed, after: Placed | undefined, links: ReadonlyMap<string, Placed>): View {
  const { clip } = each;
  const shown: Record<string, unknown> = {
    id: clip.id,
    lane: each.lane,
    start: each.start,
    frames: each.frames,
    in: each.in,
    out: each.out,
    media: each.in + clip.slip,
    scn: clip.scene,
  };
  if (clip.speed[0] !== 1 || clip.speed[1] !== 1) {
    shown["spd"] = clip.speed;
  }
  if (clip.anchor !== null && each.track !== MAIN_TRACK) {
    shown["anc"] = clip.anchor.clip;
  }
  const dissolve = dissolveView(each, after);
  if (dissolve !== null) {
    shown["xo"] = dissolve;
  }
  const first = clip.link === null ? undefined : links.get(clip.link);
  const off = first === undefined ? 0 : each.start - each.in - clip.slip - (first.start - first.in - first.clip.slip);
  if (off !== 0) {
    shown["off"] = off;
  }
  return shown;
}

/** Into the next clip, if it follows at once; at most half of either. */
function dissolveView(each: Placed, after: Placed | undefined): View | null {
  const wanted = each.clip.dissolve;
  if (wanted === null || each.isCut || after?.lane !== each.lane || after.start !== each.start + each.frames) {
    return null;
  }
  const before = Math.min(wanted.a, Math.floor(each.frames / 2));
  const behind = Math.min(wanted.d - wanted.a, Math.floor(after.frames / 2));
  return before + behind > 0 ? { k: wanted.k, d: before + behind, a: before } : null;
}

function markerViews(content: Content, placed: ReadonlyMap<string, Placed>): View[] {
  const shown: { id: string; at: number; d: number }[] = [];
  for (const [id, raw] of entities(content, "markers")) {
    const on = raw["on"] === "clip" ? placed.get(idOrNull(raw["c"]) ?? "") : undefined;
    if (!isDeleted(raw) && (raw["on"] !== "clip" || on !== undefined)) {
      const frame = whole(raw["f"], 0);
      shown.push({ id, at: on === undefined ? frame : frame + on.start - on.in, d: whole(raw["d"], 0, 0) });
    }
  }
  return shown.sort((a, b) => a.at - b.at || compareText(a.id, b.id));
}
