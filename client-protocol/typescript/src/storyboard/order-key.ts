/**
 * Fractional order keys: base-62 text that sorts by code unit; a key strictly between any two others always exists.
 * It does not read documents: `storyboard/edit.ts` decides whose key is written.
 */

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = DIGITS.length;
/** Two people who insert at the same place at once get different keys in all but 1 of 14 million cases. */
const JITTER_DIGITS = 4;
const FIRST_DIGIT = 31;

/** Uniform in [0, 1); `Math.random` in the pages, a seeded one in the tests. */
export type Random = () => number;

export interface Ordered {
  readonly id: string;
  readonly ord: string;
}

export class NoKeyBetween extends RangeError {
  constructor(before: string, after: string) {
    super(`no order key between "${before}" and "${after}"`);
    this.name = "NoKeyBetween";
  }
}

export function isOrderKey(text: string): boolean {
  return /^[0-9A-Za-z]+$/.test(text);
}

/** The order of everything that is listed: by key, ties by id, so that every replica lists alike. */
export function compareOrdered(a: Ordered, b: Ordered): number {
  return compareText(a.ord, b.ord) || compareText(a.id, b.id);
}

/** A key strictly between the two. `null`: no neighbour on that side. Throws `NoKeyBetween`. */
export function keyBetween(before: string | null, after: string | null, random: Random): string {
  return midpoint(before ?? "", after, random) + jitter(random);
}

/** `count` ascending keys strictly between the two. */
export function keysBetween(before: string | null, after: string | null, count: number, random: Random): string[] {
  const keys: string[] = [];
  let lower = before;
  for (let index = 0; index < count; index += 1) {
    lower = keyBetween(lower, after, random);
    keys.push(lower);
  }
  return keys;
}

/**
 * The new keys that put `id` at `index` of `others` (in order, without it). One entry, except where neighbours
 * share a key: then those after the gap are re-keyed too, because nothing fits between equal keys.
 */
export function placeAt(others: readonly Ordered[], index: number, id: string, random: Random): Map<string, string> {
  const lower = others[index - 1]?.ord ?? null;
  const moved = [id];
  let next = index;
  while (next < others.length && !fits(lower ?? "", others[next]?.ord ?? "")) {
    moved.push(others[next]?.id ?? "");
    next += 1;
  }
  const keys = keysBetween(lower, others[next]?.ord ?? null, moved.length, random);
  return new Map(moved.map((each, position) => [each, keys[position] ?? ""]));
}

function fits(before: string, after: string): boolean {
  return compareText(trimmed(before), trimmed(after)) < 0;
}

/** Trailing zeros add nothing to a fraction: "A" and "A0" leave no room between them. */
function trimmed(key: string): string {
  return key.replace(/0+$/, "");
}

/** Digits whose every continuation also lies between the two: neither a prefix of `after` nor equal to `before`. */
function midpoint(before: string, after: string | null, random: Random): string {
  let upper = after;
  if (upper !== null && !fits(before, upper)) {
    throw new NoKeyBetween(before, upper);
  }
  let digits = "";
  for (let position = 0; ; position += 1) {
    const low = digitAt(before, position);
    const high = upper === null ? BASE : digitAt(upper, position);
    if (high - low > 1) {
      return digits + digitText(between(low, high, before.length + (upper?.length ?? 0) === 0, upper === null, random));
    }
    digits += digitText(low);
    if (high > low) {
      upper = null; // already below it, whatever follows
    }
  }
}

function between(low: number, high: number, first: boolean, open: boolean, random: Random): number {
  if (first) {
    return FIRST_DIGIT;
  }
  if (open) {
    return low + 1; // appending again and again: 60 keys a digit instead of 6
  }
  const inner = high - low - 1;
  return low + 1 + Math.floor(inner / 4 + (random() * inner) / 2);
}

function jitter(random: Random): string {
  let digits = "";
  for (let position = 1; position < JITTER_DIGITS; position += 1) {
    digits += digitText(Math.floor(random() * BASE));
  }
  return digits + digitText(1 + Math.floor(random() * (BASE - 1))); // never ends in zero
}

function digitText(value: number): string {
  return DIGITS.charAt(value);
}

function digitAt(key: string, position: number): number {
  const digit = DIGITS.indexOf(key.charAt(position));
  return position < key.length && digit > 0 ? digit : 0;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
