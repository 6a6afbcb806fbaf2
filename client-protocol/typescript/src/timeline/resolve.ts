/**
 * The film that a timeline document shows, and what has to be written so that it says so itself: a pure function of the
 * converged content, the same as `sync/timeline/resolve.py` byte for byte (client-protocol/vectors/timeline.json).
 */

import { derivedId } from "../ids.ts";
import { compareText } from "../json.ts";
import { entities, isDeleted, type Content, type Raw } from "../registers.ts";
import type { Repair } from "../repair.ts";
import {
  type Clip,
  FRAMES_MAX,
  MAIN_TRACK,
  readClips,
  readTracks,
  RECOVERED,
  type Track,
} from "./content.ts";
import { type View, viewOf } from "./view.ts";

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
    const kept = empty.length < live.length ? null : only;
    const gone = empty.filter((clip) => clip !== kept).map((clip) => clipRepair(clip.id, "del", { by: "repair", at: 0 }, "empty piece"));
    return kept !== null && empty.length === 1 ? [...gone, ...this.#ofLast(kept)] : gone;
  }

  /** A later piece does not show what an earlier one shows. */
  #repeated(live: readonly Clip[]): Repair[] {
    const shown = new Shown();
    return live.flatMap((clip) => {
      const own = this.#window(clip);
      if (own.in >= own.out) {
        return [];
      }
      const last = shown.endBefore(own.out);
      shown.add(own.in, own.out);
      return last > own.in ? [clipRepair(clip.id, "in", last, "repeated media")] : [];
    });
  }

  /** All pieces were trimmed away by people who did not know of each other: one frame of one stays. */
  #ofLast(clip: Clip): Repair[] {
    const { in: begin, isCut } = this.#window(clip);
    if (begin === FRAMES_MAX) {
      // there is no frame behind it
      const line = [clip.id, ...clip.line].filter((id) => this.#clips.get(id)?.in === FRAMES_MAX);
      return line.map((id) => clipRepair(id, "in", FRAMES_MAX - 1, "length"));
    }
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
        const there = byTrack.get(track);
        if (there === undefined) {
          byTrack.set(track, [clip]);
        } else {
          there.push(clip);
        }
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
    const taken: { readonly end: number; readonly lane: number }[] = [];
    const free: number[] = [];
    return clips
      .map((clip) => ({ clip, start: this.#start(clip, main) }))
      .sort((a, b) => a.start - b.start || compareText(a.clip.id, b.clip.id))
      .map(({ clip, start }) => {
        for (const { lane } of taken.splice(0, countWhile(taken, (each) => each.end <= start))) {
          free.splice(countWhile(free, (other) => other < lane), 0, lane);
        }
        const lane = free.shift() ?? taken.length;
        const frames = this.#frames(clip);
        const end = start + frames;
        taken.splice(countWhile(taken, (each) => each.end <= end), 0, { end, lane });
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

/** Windows of media, of which only those are kept that end behind all that begin earlier. */
class Shown {
  readonly #windows: { readonly in: number; readonly out: number }[] = [];

  /** The last end of those that begin before `frame`. */
  endBefore(frame: number): number {
    return this.#windows[countWhile(this.#windows, (each) => each.in < frame) - 1]?.out ?? -FRAMES_MAX;
  }

  add(begin: number, end: number): void {
    const place = countWhile(this.#windows, (each) => each.in <= begin);
    if ((this.#windows[place - 1]?.out ?? -Infinity) < end) {
      const behind = countWhile(this.#windows, (each) => each.out <= end);
      this.#windows.splice(place, behind - place, { in: begin, out: end });
    }
  }
}

/** How many at the beginning of a list hold it, of which none behind the first that does not. */
function countWhile<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && holds(item)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
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
