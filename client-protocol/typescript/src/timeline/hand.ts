/**
 * What the gestures of a timeline are made of: what its person sees, and registers written so that others keep theirs.
 * Which gesture does what is said in `gestures.ts`.
 */

import * as Y from "yjs";

import { GestureImpossible, NoSuchEntity, PREPARATION } from "../gesture.ts";
import { derivedId, newId } from "../ids.ts";
import { compareText } from "../json.ts";
import { entities, type Content, type Raw } from "../registers.ts";
import { insertedKey, keyBetween, type Random } from "../storyboard/order-key.ts";
import { type Clip, FRAMES_MAX, MAIN_TRACK, readClips, register } from "./content.ts";
import { contentOf } from "./read.ts";
import { type Placed, resolve, type Resolved, scaled } from "./resolve.ts";

export interface Hands {
  readonly random: Random;
  /** Who deletes, and when (ms since 1970). */
  readonly mark: { readonly by: string; readonly at: number };
  /** The origin of the transactions, by which undo knows its own. */
  readonly origin?: unknown;
}

export type Registers = Readonly<Record<string, unknown>>;

export class Hand {
  readonly doc: Y.Doc;
  protected readonly hands: Hands;
  protected content: Content = {};
  #raws: ReadonlyMap<string, Raw> = new Map();
  #resolved: Resolved | null = null;
  /** What is written when the gesture is through. */
  #made: { readonly root: string; readonly id: string; readonly registers: Registers; readonly unmade: Registers }[] = [];
  #writes = new Map<string, { readonly root: string; readonly id: string; readonly key: string; readonly value: unknown }>();

  constructor(doc: Y.Doc, hands: Hands) {
    this.doc = doc;
    this.hands = hands;
  }

  seen(): Resolved {
    return resolve(contentOf(this.doc));
  }

  /**
   * One transaction, or nothing of a gesture that cannot be done. New entities are made deleted first, outside undo's sight,
   * and then brought to life: so undo of an insertion writes `del` (consistency.md C20).
   */
  protected gesture<Result>(act: () => Result): Result {
    this.#made = [];
    this.#writes = new Map();
    this.look();
    const result = act();
    const made = this.#made;
    if (made.length > 0) {
      this.doc.transact(() => {
        for (const { root, id, registers, unmade } of made) {
          this.doc.getMap(root).set(id, new Y.Map(Object.entries({ ...registers, ...unmade, del: this.hands.mark })));
        }
      }, PREPARATION);
    }
    if (made.length + this.#writes.size > 0) {
      this.doc.transact(() => {
        for (const { root, id, registers, unmade } of made) {
          const entity = this.#entity(root, id);
          entity.set("del", null);
          for (const key of Object.keys(unmade)) {
            entity.set(key, registers[key]);
          }
        }
        for (const { root, id, key, value } of this.#writes.values()) {
          this.#entity(root, id).set(key, value);
        }
      }, this.hands.origin);
    }
    return result;
  }

  /** What is there, what this gesture writes included. */
  protected look(): void {
    const content: Record<string, Record<string, Raw>> = {};
    for (const [root, held] of Object.entries(contentOf(this.doc))) {
      content[root] = { ...(held as Record<string, Raw>) };
    }
    for (const { root, id, registers } of this.#made) {
      (content[root] ??= {})[id] = { ...registers, del: null };
    }
    for (const { root, id, key, value } of this.#writes.values()) {
      const held = (content[root] ??= {});
      held[id] = { ...held[id], [key]: value };
    }
    this.content = content;
    this.#raws = entities(this.content, "clips");
    this.#resolved = null;
  }

  protected film(): Resolved {
    this.#resolved ??= resolve(this.content);
    return this.#resolved;
  }

  protected place(clip: string): Placed {
    const placed = this.film().placed.get(clip);
    if (placed === undefined) {
      throw new NoSuchEntity("clips", clip);
    }
    return placed;
  }

  protected on(track: string): Placed[] {
    return [...this.film().placed.values()]
      .filter((each) => each.track === track)
      .sort((a, b) => a.start - b.start || a.lane - b.lane || compareText(a.clip.id, b.clip.id));
  }

  /** The clip that ends where it begins, or begins where it ends. Throws `GestureImpossible`. */
  protected touching(each: Placed, before: boolean): Placed {
    const found = this.on(each.track).find((other) => {
      const [first, second] = before ? [other, each] : [each, other];
      return other.lane === each.lane && other !== each && first.start + first.frames === second.start;
    });
    if (found === undefined) {
      throw new GestureImpossible(`no clip touches its ${before ? "head" : "tail"}`);
    }
    return found;
  }

  protected checkTrack(track: string): void {
    const { tracks } = this.film().view as { readonly tracks: readonly { readonly id: string }[] };
    if (!tracks.some((shown) => shown.id === track)) {
      throw new NoSuchEntity("tracks", track);
    }
  }

  protected newId(prefix: string): string {
    return newId(prefix, Uint8Array.from({ length: 16 }, () => Math.floor(this.hands.random() * 256)));
  }

  /** An order key at the index among the others. Pieces of a clip share one: those behind it then get their own. */
  protected keyAt(index: number, clip: string | null = null): string {
    const others = this.on(MAIN_TRACK)
      .map((each) => each.clip)
      .filter((other) => other.id !== clip);
    const at = Math.max(0, Math.min(index, others.length));
    const [key, behind] = insertedKey(others.map((other) => other.ord), at, this.hands.random);
    others.forEach((other, place) => {
      const moved = behind.get(place);
      if (moved !== undefined) {
        this.write(other.id, "ord", moved);
      }
    });
    return key;
  }

  protected inserted(track: string, at: number, frames: number, registers: Registers): string {
    this.checkTrack(track);
    if (frames < 1) {
      throw new GestureImpossible("a clip has at least one frame");
    }
    const clip = this.newId("clp");
    const isMain = track === MAIN_TRACK;
    this.create("clips", clip, {
      t: track,
      ord: isMain ? this.keyAt(at) : keyBetween(null, null, this.hands.random),
      z: isMain ? 0 : Math.max(0, at),
      in: 0,
      out: frames,
      slip: 0,
      root: clip,
      spd: [1, 1],
      on: true,
      ...registers,
    });
    return clip;
  }

  protected makeRoom(each: Placed, frame: number, stop: number): void {
    const end = each.start + each.frames;
    if (end <= frame || each.start >= stop) {
      return;
    }
    if (each.start >= frame && end <= stop) {
      this.set(each.clip.id, "del", this.hands.mark);
    } else if (each.start < frame) {
      this.cutTail(each, -local(each, end - frame));
    } else {
      this.cutHead(each, local(each, stop - each.start));
    }
  }

  protected splitAt(clip: string, frame: number): string {
    const each = this.place(clip);
    const cut = each.in + local(each, frame - each.start);
    if (cut <= each.in || cut >= each.out) {
      throw new GestureImpossible("a clip is split between two of its frames");
    }
    const piece = derivedId("clp", each.clip.root, String(cut));
    if (this.#raws.has(piece)) {
      // it was split there before, and joined again
      this.set(piece, "del", null);
      this.set(piece, "in", cut);
      this.set(piece, "cut", cut);
    } else {
      this.create("clips", piece, { root: each.clip.root, of: clip, in: cut, cut }, { cut: FRAMES_MAX });
    }
    return piece;
  }

  /** Later pieces of the same clip, deleted ones too, in order. */
  protected pieces(each: Placed): Clip[] {
    return [...readClips(this.#raws).values()]
      .filter((other) => other.root === each.clip.root && other.cut !== null)
      .sort((a, b) => cutOf(a) - cutOf(b) || compareText(a.id, b.id));
  }

  protected cutHead(each: Placed, frames: number): void {
    const { clip } = each;
    let begin = Math.min(each.in + frames, each.out - 1);
    const family = [...this.film().placed.values()].filter((other) => other.clip.root === clip.root);
    if (clip.cut !== null && family.some((other) => other.isCut && other.out === clip.cut)) {
      begin = Math.max(begin, clip.cut); // the piece before shows what comes before
    }
    this.set(clip.id, "in", begin);
    if ((clip.speed[0] !== 1 || clip.speed[1] !== 1) && each.track !== MAIN_TRACK && clip.line.length === 0) {
      const start = each.start + each.frames - Math.max(1, scaled(each.out - begin, clip.speed));
      this.write(clip.id, "z", clip.z + start - (each.start + begin - each.in));
    }
  }

  /** Where another piece follows, its cut is what moves; the media of a live one is not shown twice. */
  protected cutTail(each: Placed, frames: number): void {
    const end = Math.max(each.out + frames, each.in + 1);
    const [after, next] = this.pieces(each).filter((piece) => cutOf(piece) >= each.out && piece.id !== each.clip.id);
    if (after === undefined || (!each.isCut && end <= cutOf(after))) {
      this.write(each.clip.id, "out", end);
    } else if (!after.isDeleted) {
      this.set(after.id, "cut", Math.min(end, after.in));
    } else {
      this.set(after.id, "cut", next === undefined ? end : Math.min(end, cutOf(next)));
    }
  }

  /** A register that pieces of this clip take from it: they keep what they had. */
  protected write(clip: string, key: string, value: unknown): void {
    for (const [piece, raw] of this.#raws) {
      if (raw["of"] === clip && !(key in raw)) {
        this.set(piece, key, register(this.#raws, piece, key));
      }
    }
    this.set(clip, key, value);
  }

  /** What is written already is not written again (documents.md A9). */
  protected set(clip: string, key: string, value: unknown): void {
    const raw = this.#raws.get(clip);
    if (raw === undefined) {
      throw new NoSuchEntity("clips", clip);
    }
    check(value);
    if (!(key in raw) || JSON.stringify(raw[key]) !== JSON.stringify(value)) {
      this.put("clips", clip, key, value ?? null);
    }
  }

  protected put(root: string, id: string, key: string, value: unknown): void {
    this.#writes.set(`${root}/${id}/${key}`, { root, id, key, value });
  }

  #entity(root: string, id: string): Y.Map<unknown> {
    const entity = this.doc.getMap(root).get(id);
    if (!(entity instanceof Y.Map)) {
      throw new NoSuchEntity(root, id);
    }
    return entity as Y.Map<unknown>;
  }

  /** `unmade`: what it has to have, besides being deleted, to be as if it had never been: a piece bounds who is before it. */
  protected create(root: string, id: string, registers: Registers, unmade: Registers = {}): void {
    Object.values(registers).forEach(check);
    this.#made.push({ root, id, registers, unmade });
  }
}

/** Frames of the timeline as frames of the clip. */
export function local(each: Placed, frames: number): number {
  const [numerator, denominator] = each.clip.speed;
  return Math.floor((frames * numerator) / denominator);
}

/** What is counted in frames, which are all the numbers that gestures write. Throws `GestureImpossible`. */
export function check(value: unknown): void {
  if (typeof value === "number" && Math.abs(value) > FRAMES_MAX) {
    throw new GestureImpossible(`nothing is further than ${FRAMES_MAX} frames`);
  }
}

function cutOf(piece: Clip): number {
  return piece.cut ?? piece.in;
}
