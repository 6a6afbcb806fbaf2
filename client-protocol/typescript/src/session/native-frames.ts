/**
 * The frames of the native dialect `storyforge.v1` (PROTOCOL.md, W50 to W55): how they are written and read, and how large
 * ones are cut. No state of a document is known here.
 */

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

export const SUBPROTOCOL = "storyforge.v1";
export const NAME_BYTES = 16;
export const FRAGMENT_BYTES_MAX = 256 * 1024;
const FRAGMENTS_MAX = 64;
const FRAGMENTS_KEY = "-";

const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2;
const QUERY_AWARENESS = 3;
const SYNC_REPLY = 4;
const STATELESS = 5;
const CLOSE = 7;
const SYNC_STATUS = 8;
const EDIT = 32;
const ACK = 33;
const NACK = 34;
const RESET = 35;
const EPHEMERAL = 36;
const FRAGMENT = 37;
const EVENT = 38;

export type ClientMessage =
  | { readonly type: "token"; readonly token: string }
  | { readonly type: "step1"; readonly stateVector: Uint8Array }
  | { readonly type: "edit"; readonly name: Uint8Array; readonly update: Uint8Array; readonly isAnswer: boolean }
  | { readonly type: "awareness"; readonly update: Uint8Array }
  | { readonly type: "ephemeral"; readonly payload: Uint8Array }
  /** Null: from now on. */
  | { readonly type: "follow"; readonly cursor: number | null };

/** `cursor`: its place among the project's events, null of progress. `payload`: JSON. */
export interface ProjectEvent {
  readonly cursor: number | null;
  readonly kind: string;
  readonly payload: string;
}

export type ServerMessage =
  | { readonly type: "step1"; readonly stateVector: Uint8Array }
  | { readonly type: "step2" | "update" | "awareness"; readonly update: Uint8Array }
  | { readonly type: "ack"; readonly name: Uint8Array; readonly seq: number }
  | { readonly type: "nack"; readonly name: Uint8Array; readonly status: number; readonly reason: string }
  | { readonly type: "reset" | "denied" | "closed"; readonly reason: string }
  | { readonly type: "ephemeral"; readonly user: string; readonly payload: Uint8Array }
  | { readonly type: "event"; readonly event: ProjectEvent }
  | { readonly type: "authenticated"; readonly readOnly: boolean }
  | { readonly type: "token-request" | "presence-query" | "other" };

export class MalformedFrame extends Error {
  override readonly name = "MalformedFrame";
}

export function encode(key: string, message: ClientMessage): Uint8Array {
  const out = encoding.createEncoder();
  encoding.writeVarString(out, key);
  switch (message.type) {
    case "token":
      encoding.writeVarUint(out, AUTH);
      encoding.writeVarUint(out, 0);
      encoding.writeVarString(out, message.token);
      break;
    case "step1":
      encoding.writeVarUint(out, SYNC);
      encoding.writeVarUint(out, 0);
      encoding.writeVarUint8Array(out, message.stateVector);
      break;
    case "edit":
      encoding.writeVarUint(out, EDIT);
      encoding.writeVarUint(out, message.isAnswer ? 1 : 0);
      encoding.writeVarUint8Array(out, message.name);
      encoding.writeVarUint8Array(out, message.update);
      break;
    case "awareness":
      encoding.writeVarUint(out, AWARENESS);
      encoding.writeVarUint8Array(out, message.update);
      break;
    case "ephemeral":
      encoding.writeVarUint(out, EPHEMERAL);
      encoding.writeVarUint8Array(out, message.payload);
      break;
    case "follow":
      encoding.writeVarUint(out, EVENT);
      encoding.writeVarUint(out, message.cursor === null ? 0 : message.cursor + 1);
      break;
  }
  return encoding.toUint8Array(out);
}

/** Of a frame that is whole. Throws `MalformedFrame`. */
export function decode(frame: Uint8Array): { readonly key: string; readonly message: ServerMessage } {
  try {
    const from = decoding.createDecoder(frame);
    const key = decoding.readVarString(from);
    const message = read(from, decoding.readVarUint(from));
    if (decoding.hasContent(from)) {
      throw new MalformedFrame("bytes behind the message");
    }
    return { key, message };
  } catch (error) {
    throw error instanceof MalformedFrame ? error : new MalformedFrame(String(error));
  }
}

function read(from: decoding.Decoder, kind: number): ServerMessage {
  switch (kind) {
    case SYNC:
    case SYNC_REPLY:
      return sync(from);
    case AWARENESS:
      return { type: "awareness", update: decoding.readVarUint8Array(from) };
    case AUTH:
      return auth(from);
    case QUERY_AWARENESS:
      return { type: "presence-query" };
    case STATELESS:
      decoding.readVarString(from);
      return { type: "other" };
    case CLOSE:
      return { type: "closed", reason: decoding.readVarString(from) };
    case SYNC_STATUS:
      decoding.readVarUint(from);
      return { type: "other" };
    case ACK:
      return { type: "ack", name: name(from), seq: decoding.readVarUint(from) };
    case NACK:
      return { type: "nack", name: name(from), status: decoding.readVarUint(from), reason: decoding.readVarString(from) };
    case RESET:
      return { type: "reset", reason: decoding.readVarString(from) };
    case EPHEMERAL:
      return { type: "ephemeral", user: decoding.readVarString(from), payload: decoding.readVarUint8Array(from) };
    case EVENT:
      return { type: "event", event: { cursor: cursor(from), kind: decoding.readVarString(from), payload: decoding.readVarString(from) } };
    default:
      throw new MalformedFrame(`message type ${kind} is not a hub's`);
  }
}

function sync(from: decoding.Decoder): ServerMessage {
  const step = decoding.readVarUint(from);
  const body = decoding.readVarUint8Array(from);
  switch (step) {
    case 0:
      return { type: "step1", stateVector: body };
    case 1:
      return { type: "step2", update: body };
    case 2:
      return { type: "update", update: body };
    default:
      throw new MalformedFrame(`sync message type ${step}`);
  }
}

function auth(from: decoding.Decoder): ServerMessage {
  switch (decoding.readVarUint(from)) {
    case 0:
      return { type: "token-request" };
    case 1:
      return { type: "denied", reason: decoding.readVarString(from) };
    case 2:
      return { type: "authenticated", readOnly: decoding.readVarString(from) === "readonly" };
    default:
      throw new MalformedFrame("auth message");
  }
}

/** 0 is none, any other number one more than the cursor. */
function cursor(from: decoding.Decoder): number | null {
  const number = decoding.readVarUint(from);
  return number === 0 ? null : number - 1;
}

function name(from: decoding.Decoder): Uint8Array {
  const bytes = decoding.readVarUint8Array(from);
  if (bytes.length !== NAME_BYTES) {
    throw new MalformedFrame(`the name of an edit has ${NAME_BYTES} bytes`);
  }
  return bytes;
}

/** The frame itself if it is small enough, else its fragments. */
export function inFragments(frame: Uint8Array, bytesMax = FRAGMENT_BYTES_MAX): Uint8Array[] {
  if (frame.length <= bytesMax) {
    return [frame];
  }
  const count = Math.ceil(frame.length / bytesMax);
  return Array.from({ length: count }, (_, index) => {
    const out = encoding.createEncoder();
    encoding.writeVarString(out, FRAGMENTS_KEY);
    encoding.writeVarUint(out, FRAGMENT);
    encoding.writeVarUint(out, index);
    encoding.writeVarUint(out, count);
    encoding.writeVarUint8Array(out, frame.subarray(index * bytesMax, (index + 1) * bytesMax));
    return encoding.toUint8Array(out);
  });
}

/** Puts fragments of one connection together again. */
export class Fragments {
  #pieces: Uint8Array[] = [];

  /** The frame if it is no fragment, the whole with its last one, else null. Throws `MalformedFrame`. */
  take(frame: Uint8Array): Uint8Array | null {
    if (!(frame[0] === 1 && frame[1] === 0x2d && frame[2] === FRAGMENT)) {
      if (this.#pieces.length > 0) {
        throw new MalformedFrame("something between fragments");
      }
      return frame;
    }
    const from = decoding.createDecoder(frame.subarray(3));
    const index = decoding.readVarUint(from);
    const count = decoding.readVarUint(from);
    if (index !== this.#pieces.length || count < 2 || count > FRAGMENTS_MAX) {
      throw new MalformedFrame(`fragment ${index} of ${count} where ${this.#pieces.length} is next`);
    }
    this.#pieces.push(decoding.readVarUint8Array(from));
    if (this.#pieces.length < count) {
      return null;
    }
    const pieces = this.#pieces;
    this.#pieces = [];
    const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
}
