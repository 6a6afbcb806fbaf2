/**
 * A file of a project as the HTTP door shows it, read into checked values, and how its length and size are said.
 * It sends nothing: `client.ts` does.
 */

import { hashOf, intOf, listOf, oneOf, recordOf, textOf } from "../json.ts";

export const KINDS = ["picture", "sound", "film", "subtitle", "lut", "document"] as const;
export type Kind = (typeof KINDS)[number];
export const STATES = ["waiting", "working", "ready", "failed"] as const;
export type State = (typeof STATES)[number];

export interface Asset {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly bytes: number;
  readonly state: State;
  /** 0..100 of being looked at. */
  readonly pct: number;
  /** A sentence for people; empty unless it has failed. */
  readonly error: string;
  /** The file's own hash; null until it was read. */
  readonly media: string | null;
  readonly thumb: string | null;
  /** Null for what has no length. */
  readonly seconds: number | null;
}

export function readAsset(value: unknown): Asset {
  const asset = recordOf(value);
  const parts = recordOf(asset["parts"]);
  return {
    id: textOf(asset["id"]),
    name: textOf(asset["name"]),
    kind: oneOf(asset["kind"], KINDS, "document"),
    bytes: intOf(asset["bytes"], 0, 0),
    state: oneOf(asset["state"], STATES, "waiting"),
    pct: intOf(asset["pct"], 0, 0, 100),
    error: textOf(recordOf(asset["error"])["msg"]),
    media: hashOf(asset["media"]),
    thumb: hashOf(recordOf(parts["thumb"])["media"]),
    seconds: secondsOf(recordOf(recordOf(parts["probe"])["facts"])["duration"]),
  };
}

export function readAssets(value: unknown): Asset[] {
  return listOf(recordOf(value)["assets"]).map(readAsset);
}

function secondsOf(duration: unknown): number | null {
  const [numerator, denominator] = listOf(duration);
  const parts = [intOf(numerator, 0, 0), intOf(denominator, 0, 0)] as const;
  return parts[1] === 0 ? null : parts[0] / parts[1];
}

/** `0:03`, `1:02:45`: whole seconds, because a bin is not a cutting table. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number: number): string => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** `1.4 GB`: thousands, as disks are sold. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB"] as const;
  const power = bytes < 1000 ? 0 : bytes < 999_950 ? 1 : bytes < 999_950_000 ? 2 : 3;
  const amount = bytes / 1000 ** power;
  return bytes === 1 ? "1 byte" : `${power === 0 || amount >= 99.95 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`;
}
