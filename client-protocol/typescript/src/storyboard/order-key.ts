/**
 * Fractional order keys: base-62 text that sorts by code unit; a key strictly between any two others always exists.
 * It does not read documents: the gestures decide whose key is written.
 */

import { compareText } from "../json.ts";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = DIGITS.length;
/** Two people who insert at the same place at once get different keys in all but 1 of 14 million cases. */
const JITTER_DIGITS = 4;
/** Of a key; what is longer is read as none. */
export const CHARS_MAX = 256;
/** Where keys are written anew, longer ones become short. */
export const CHARS_KEPT_MAX = 48;
const FIRST_DIGIT = 31;

/** Uniform in [0, 1); `Math.random` in the pages, a seeded one in the tests. */
export type Random = () => number;

export class NoKeyBetween extends RangeError {
  constructor(before: string, after: string) {
    super(`no order key between "${before}" and "${after}"`);
    this.name = "NoKeyBetween";
  }
}

/** A key strictly between the two. `null`: no neighbour on that side. Throws `NoKeyBetween`. */
export function keyBetween(before: string | null, after: string | null, random: Random): string {
  return midpoint(before ?? "", after, random) + jitter(random);
}

/** So many keys between the two, in order: the shortest, far apart; behind the last they count on. Empty: no bound. */
export function spread(before: string, after: string, count: number): string[] {
  const low = trimmed(before);
  const high = trimmed(after) > low ? trimmed(after) : "";
  const wanted = BigInt(count);
  let places = 1;
  const room = (): bigint => (high === "" ? whole("z".repeat(places), places) + 1n : whole(high, places)) - whole(low, places);
  while (room() <= wanted) {
    places += 1;
  }
  const step = low !== "" && high === "" ? 1n : room() / (wanted + 1n);
  const first = whole(low, places);
  return Array.from({ length: count }, (_, place) => fraction(first + step * BigInt(place + 1), places));
}

/**
 * As many of them as can stay, ascending with room between any two, and others for the rest; null: it has none yet. One that
 * is longer than `CHARS_KEPT_MAX` does not stay, nor do those beside it where only their going makes room.
 */
export function rekeyed(keys: readonly (string | null)[]): string[] {
  const made: string[] = [];
  while (made.length < keys.length) {
    const key = keys[made.length] ?? null;
    if (stays(made.at(-1) ?? "", key)) {
      made.push(key);
    } else {
      rekey(made, keys);
    }
  }
  return made;
}

/** Goes on from the first that does not stay to the next that does, with as many around as it takes. */
function rekey(made: string[], keys: readonly (string | null)[]): void {
  let begin = made.length;
  let end = made.length + 1;
  for (let around = 1; ; around *= 2) {
    const low = made[begin - 1] ?? "";
    while (end < keys.length && !stays(low, keys[end] ?? null)) {
      end += 1;
    }
    const found = spread(low, keys[end] ?? "", end - begin);
    if (found.every((key) => key.length <= CHARS_KEPT_MAX)) {
      made.splice(begin, made.length, ...found);
      return;
    }
    begin = Math.max(0, begin - around);
    end = Math.min(keys.length, end + around);
  }
}

function stays(low: string, key: string | null): key is string {
  return key !== null && key.length <= CHARS_KEPT_MAX && hasRoom(low, key);
}

/**
 * A key for what is put at `index` among siblings in their order, and other keys for those that make room, by place. Behind
 * equal keys nothing fits: those that are to stand behind it get keys of their own.
 */
export function insertedKey(keys: readonly string[], index: number, random: Random): readonly [string, ReadonlyMap<number, string>] {
  const low = keys[index - 1] ?? "";
  const rest = keys.slice(index);
  const next = rest.findIndex((key) => hasRoom(low, key));
  const crowd = next < 0 ? rest : rest.slice(0, next);
  const high = next < 0 ? "" : (rest[next] ?? "");
  const key = keyBetween(low === "" ? null : low, high === "" ? null : high, random);
  const behind = spread(key, high, crowd.length);
  if ([key, ...behind].every((each) => each.length <= CHARS_MAX)) {
    return [key, new Map(behind.map((each, place) => [index + place, each]))];
  }
  const made = rekeyed([...keys.slice(0, index), null, ...rest]);
  const [own] = made.splice(index, 1);
  const changed = made.map((each, place): [number, string] => [place, each]).filter(([place, each]) => each !== keys[place]);
  return [own ?? key, new Map(changed)];
}

/** The first digits of a fraction as a number. */
function whole(key: string, places: number): bigint {
  let number = 0n;
  for (let place = 0; place < places; place += 1) {
    number = number * BigInt(BASE) + BigInt(digitAt(key, place));
  }
  return number;
}

function fraction(number: bigint, places: number): string {
  let key = "";
  let left = number;
  for (let place = 0; place < places; place += 1) {
    key = digitText(Number(left % BigInt(BASE))) + key;
    left /= BigInt(BASE);
  }
  return trimmed(key);
}

/** Whether a key fits between the two. */
export function hasRoom(before: string, after: string): boolean {
  return compareText(trimmed(before), trimmed(after)) < 0;
}

/** Trailing zeros add nothing to a fraction: "A" and "A0" leave no room between them. */
function trimmed(key: string): string {
  return key.replace(/0+$/, "");
}

/** Digits whose every continuation also lies between the two: neither a prefix of `after` nor equal to `before`. */
function midpoint(before: string, after: string | null, random: Random): string {
  let upper = after;
  if (upper !== null && !hasRoom(before, upper)) {
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
