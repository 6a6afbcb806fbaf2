/**
 * Fractional order keys: base-62 text that sorts by code unit; a key strictly between any two others always exists.
 * It does not read documents: the gestures decide whose key is written.
 */

import { compareText } from "../json.ts";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = DIGITS.length;
/** Two people who insert at the same place at once get different keys in all but 1 of 14 million cases. */
const JITTER_DIGITS = 4;
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

/**
 * The key that a repair writes: strictly between, and the same everywhere (`between` of sync/order_keys.py). Empty: no
 * neighbour on that side; behind the last it counts on.
 */
export function middleKey(before: string, after: string): string {
  const low = trimmed(before);
  let high = trimmed(after);
  if (high !== "" && low >= high) {
    high = "";
  }
  if (low !== "" && high === "") {
    return nextKey(low);
  }
  let key = "";
  for (let place = 0; ; place += 1) {
    const floor = digitAt(low, place);
    const ceiling = high === "" ? BASE : digitAt(high, place);
    if (ceiling - floor > 1) {
      return key + digitText(Math.floor((floor + ceiling) / 2));
    }
    key += digitText(floor);
    if (ceiling > floor) {
      high = ""; // from here on every key is below it
    }
  }
}

/** One more, in the digits behind the highest ones at its beginning: the more of these, the more digits count. */
function nextKey(low: string): string {
  const highest = DIGITS.charAt(BASE - 1);
  let place = 0;
  while (low.charAt(place) === highest) {
    place += 1;
  }
  const digits = Array.from({ length: place + 1 }, (_, index) => digitAt(low, place + index));
  for (let index = place; index >= 0; index -= 1) {
    const next = (digits[index] ?? 0) + 1;
    digits[index] = next % BASE;
    if (next < BASE) {
      break;
    }
  }
  return trimmed(low.slice(0, place) + digits.map(digitText).join(""));
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
