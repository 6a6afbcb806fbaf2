/**
 * Clips that were split: what a part inherits, where the cuts end it, and how parts of one clip are kept apart.
 * The twin of `sync/timeline/lineage.py`; docs/timeline.md explains it.
 */

import { CLIP_DEFAULTS, compareText, type Clip, type ClipKey, type ClipValues, type OwnRegisters, type Transition } from "./model.ts";

/** Registers as they are written. */
export type Registers = Record<string, unknown>;

/**
 * A clip with everything that it inherits. Its window is [`head`, `tail`) in local frames; `wholeTail`: where it would
 * end if nothing were split off it. `endIsCut`: the piece that was split off has the transition.
 */
export interface Piece {
  readonly id: string;
  readonly parent: string | null;
  readonly cut: number | null;
  readonly own: OwnRegisters;
  readonly root: string;
  values: ClipValues;
  head: number;
  wholeTail: number;
  tail: number;
  heirs: string[];
  isPart: boolean;
  endIsCut: boolean;
}

export type Pieces = ReadonlyMap<string, Piece>;

/** A part that was trimmed away as a whole is legal and not shown. */
export function isShown(piece: Piece): boolean {
  return !piece.values.del && (piece.tail > piece.head || !piece.isPart);
}

export function transitionOf(piece: Piece): Transition | null {
  return piece.endIsCut ? null : piece.values.xo;
}

/** The order on a magnetic track: parts stay together, ties fall alike everywhere. */
export function compareSlots(a: Piece, b: Piece): number {
  return compareText(a.values.ord, b.values.ord) || compareText(a.root, b.root) || a.head - b.head || compareText(a.id, b.id);
}

/** Every clip, deleted ones too, in order of id. */
export function piecesOf(clips: ReadonlyMap<string, Clip>): Pieces {
  const parents = parentsOf(clips);
  const cuts = cutsOf(clips, parents);
  const made = new Map<string, Piece>();
  for (const clip of parentsFirst(clips, parents)) {
    const above = made.get(parents.get(clip.id) ?? "");
    const piece = pieceOf(clip, above, cuts);
    made.set(clip.id, piece);
    if (above !== undefined) {
      above.heirs.push(clip.id);
      if (piece.cut !== null) {
        above.isPart = true;
        above.endIsCut ||= !("xo" in piece.own);
      }
    }
  }
  const pieces = new Map<string, Piece>();
  for (const id of clips.keys()) {
    const piece = made.get(id);
    if (piece !== undefined) {
      piece.heirs.sort(compareText);
      pieces.set(id, piece);
    }
  }
  return pieces;
}

function pieceOf(clip: Clip, above: Piece | undefined, cuts: ReadonlyMap<string, readonly number[]>): Piece {
  const { own } = clip;
  const cut = above === undefined ? null : clip.cut;
  let [head, tail] = [0, own.in ?? 0];
  if (above !== undefined) {
    const later = cut === null ? undefined : cuts.get(above.id)?.find((each) => each > cut);
    head = cut === null ? above.head : Math.max(above.head, cut);
    tail = Math.min(above.wholeTail, later ?? above.wholeTail);
  }
  const wholeTail = own.out ?? tail;
  return {
    id: clip.id,
    parent: above?.id ?? null,
    cut,
    own,
    root: above?.root ?? own.root ?? clip.id,
    values: inherited(own, above?.values ?? CLIP_DEFAULTS),
    head: own.in ?? head,
    wholeTail,
    tail: Math.min(wholeTail, cuts.get(clip.id)?.[0] ?? wholeTail),
    heirs: [],
    isPart: above !== undefined,
    endIsCut: false,
  };
}

function inherited(own: OwnRegisters, above: ClipValues): ClipValues {
  const values = { ...above } as Record<string, unknown>;
  for (const key of Object.keys(CLIP_DEFAULTS) as (keyof ClipValues)[]) {
    if (key in own) {
      values[key] = own[key];
    }
  }
  return values as unknown as ClipValues;
}

/** Parent -> where it was cut, in order. */
function cutsOf(clips: ReadonlyMap<string, Clip>, parents: ReadonlyMap<string, string | null>): Map<string, number[]> {
  const cuts = new Map<string, number[]>();
  for (const [id, parent] of parents) {
    const cut = clips.get(id)?.cut ?? null;
    if (parent !== null && cut !== null) {
      gather(cuts, parent, cut);
    }
  }
  for (const each of cuts.values()) {
    each.sort((a, b) => a - b);
  }
  return cuts;
}

/** Clip -> the one it was split from, if that is there. In a circle the smallest id is from none. */
function parentsOf(clips: ReadonlyMap<string, Clip>): Map<string, string | null> {
  const parents = new Map<string, string | null>();
  for (const [id, { of }] of clips) {
    parents.set(id, of !== null && of !== id && clips.has(of) ? of : null);
  }
  const done = new Set<string>();
  for (const start of clips.keys()) {
    const path = new Set<string>();
    let at: string | null = start;
    while (at !== null && !done.has(at) && !path.has(at)) {
      path.add(at);
      at = parents.get(at) ?? null;
    }
    if (at !== null && path.has(at)) {
      const walked = [...path];
      const circle = walked.slice(walked.indexOf(at)).sort(compareText);
      parents.set(circle[0] ?? at, null);
    }
    for (const each of path) {
      done.add(each);
    }
  }
  return parents;
}

function* parentsFirst(clips: ReadonlyMap<string, Clip>, parents: ReadonlyMap<string, string | null>): Generator<Clip> {
  const done = new Set<string>();
  for (const start of clips.values()) {
    const path: Clip[] = [];
    let at: Clip | undefined = start;
    while (at !== undefined && !done.has(at.id)) {
      path.push(at);
      done.add(at.id);
      at = clips.get(parents.get(at.id) ?? "");
    }
    yield* path.reverse();
  }
}

/** Part -> the registers to give it before `keys` of the piece are written, so that it stays as it is. */
export function settled(pieces: Pieces, id: string, keys: readonly ClipKey[]): Map<string, Registers> {
  const found = new Map<string, Registers>();
  for (const heirId of pieces.get(id)?.heirs ?? []) {
    const heir = pieces.get(heirId);
    const missing = heir === undefined ? [] : keys.filter((key) => !(key in heir.own)).map((key) => [key, registerOf(heir, key)]);
    if (missing.length > 0) {
      found.set(heirId, Object.fromEntries(missing) as Registers);
    }
  }
  return found;
}

/** What to write so that `key` of the piece is its own and means what it means now. */
export function registerOf(piece: Piece, key: ClipKey): unknown {
  switch (key) {
    case "in":
      return piece.head;
    case "out":
      return piece.wholeTail;
    case "root":
      return piece.root;
    case "del":
      return piece.values.del ? { by: "split", at: 0 } : null;
    case "t":
    case "ord":
    case "z":
    case "slip":
    case "spd":
    case "anc":
    case "xo":
    case "scn":
    case "lnk":
    case "lock":
      return piece.values[key];
  }
}

/** Adds to the list of a key. */
export function gather<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) {
    lists.set(key, [value]);
  } else {
    list.push(value);
  }
}

/**
 * Shortens pieces of one root until no two windows overlap. Returns the changed registers by clip.
 * Where one begins before the other it ends there; of those that begin alike each begins where the next shorter ends;
 * of two that are alike the larger id is deleted.
 */
export function part(family: readonly Piece[]): Map<string, Registers> {
  const waiting = [...family].sort(byHead);
  const changed = new Map<string, Registers>();
  const kept: Piece[] = [];
  let at = 0;
  for (let first = waiting[at]; first !== undefined; first = waiting[at]) {
    const alike: Piece[] = [];
    for (let next = waiting[at]; next?.head === first.head; next = waiting[at]) {
      alike.push(next);
      at += 1;
    }
    alike.sort((a, b) => a.tail - b.tail || compareText(a.id, b.id));
    let previous = alike[0] ?? first;
    kept.push(previous);
    for (const piece of alike.slice(1)) {
      if (piece.tail === previous.tail) {
        piece.values = { ...piece.values, del: true };
        change(changed, piece, "del", { by: "repair", at: 0 });
        continue;
      }
      piece.head = previous.tail;
      change(changed, piece, "in", piece.head);
      insert(waiting, piece, at);
      previous = piece;
    }
  }
  kept.forEach((piece, index) => {
    const end = kept[index + 1]?.head ?? piece.tail;
    if (piece.tail > end) {
      piece.tail = end;
      change(changed, piece, "out", end);
    }
  });
  return changed;
}

function byHead(a: Piece, b: Piece): number {
  return a.head - b.head || compareText(a.id, b.id);
}

function change(changed: Map<string, Registers>, piece: Piece, key: string, value: unknown): void {
  changed.set(piece.id, { ...changed.get(piece.id), [key]: value });
}

/** Keeps the order of `byHead` in what follows `from`. */
function insert(waiting: Piece[], piece: Piece, from: number): void {
  let [low, high] = [from, waiting.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = waiting[middle];
    if (other !== undefined && byHead(other, piece) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  waiting.splice(low, 0, piece);
}
