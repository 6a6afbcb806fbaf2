import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { hex } from "../src/session/native-client.ts";
import { type ClientMessage, decode, encode, Fragments, inFragments, MalformedFrame, type ServerMessage } from "../src/session/native-frames.ts";

interface Said {
  readonly name: string;
  readonly hex: string;
  readonly key: string;
  readonly kind: string;
  readonly edit?: string;
  readonly answer?: boolean;
  readonly payload?: string;
  readonly seq?: number;
  readonly status?: number;
  readonly reason?: string;
  readonly user?: string;
  readonly cursor?: number | null;
  readonly event?: string;
  readonly json?: string;
}

interface Vectors {
  readonly from_client: readonly Said[];
  readonly from_server: readonly Said[];
  readonly fragments: readonly { readonly bytes_max: number; readonly frame: string; readonly pieces: readonly string[] }[];
}

const VECTORS = JSON.parse(readFileSync(new URL("../../vectors/native.json", import.meta.url), "utf8")) as Vectors;
const bytes = (text = ""): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

function clientMessage(said: Said): ClientMessage {
  switch (said.kind) {
    case "edit":
      return { type: "edit", name: bytes(said.edit), update: bytes(said.payload), isAnswer: said.answer === true };
    case "ephemeral":
      return { type: "ephemeral", payload: bytes(said.payload) };
    case "follow":
      return { type: "follow", cursor: said.cursor! };
    case "step1":
      return { type: "step1", stateVector: bytes(said.payload) };
    default:
      throw new Error(said.kind);
  }
}

function serverMessage(said: Said): ServerMessage {
  switch (said.kind) {
    case "ack":
      return { type: "ack", name: bytes(said.edit), seq: said.seq! };
    case "nack":
      return { type: "nack", name: bytes(said.edit), status: said.status!, reason: said.reason! };
    case "reset":
      return { type: "reset", reason: said.reason! };
    case "ephemeral":
      return { type: "ephemeral", user: said.user!, payload: bytes(said.payload) };
    case "event":
      return { type: "event", event: { cursor: said.cursor!, kind: said.event!, payload: said.json! } };
    case "step2":
      return { type: "step2", update: bytes(said.payload) };
    default:
      throw new Error(said.kind);
  }
}

test.each(VECTORS.from_client)("W50 W65 a client writes $name", (said) => {
  expect(hex(encode(said.key, clientMessage(said)))).toBe(said.hex);
});

test.each(VECTORS.from_server)("W50 W65 a client reads $name", (said) => {
  expect(decode(bytes(said.hex))).toEqual({ key: said.key, message: serverMessage(said) });
});

test.each(VECTORS.fragments)("W55 a frame is cut and put together", ({ bytes_max, frame, pieces }) => {
  expect(inFragments(bytes(frame), bytes_max).map(hex)).toEqual(pieces);
  const fragments = new Fragments();
  const wholes = pieces.map((piece) => fragments.take(bytes(piece)));
  expect(wholes.slice(0, -1).every((whole) => whole === null)).toBe(true);
  expect(hex(wholes.at(-1)!)).toBe(frame);
});

test.each(["", "ff", `${VECTORS.from_server[0]!.hex}00`, VECTORS.from_server[0]!.hex.slice(0, -2), VECTORS.from_client[0]!.hex])(
  "W7 what no hub says is malformed: %s",
  (frame) => {
    expect(() => decode(bytes(frame))).toThrow(MalformedFrame);
  },
);

test("W55 fragments out of order and something in between are malformed", () => {
  const [first, second, third] = VECTORS.fragments[0]!.pieces.map(bytes);
  const fragments = new Fragments();
  expect(() => fragments.take(second!)).toThrow(MalformedFrame);
  expect(fragments.take(first!)).toBeNull();
  expect(() => fragments.take(third!)).toThrow(MalformedFrame);
  expect(() => fragments.take(bytes(VECTORS.from_server[0]!.hex))).toThrow(MalformedFrame);
});
