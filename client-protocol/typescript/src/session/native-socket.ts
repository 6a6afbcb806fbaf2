/**
 * Keeps the clients of some documents on one socket: opens it, comes back after a time with jitter, and hands frames through.
 * What the frames mean is the clients' affair.
 */

import type { NativeClient } from "./native-client.ts";
import { MalformedFrame, SUBPROTOCOL } from "./native-frames.ts";

const RETURN_FIRST_MS = 200;
const RETURN_MAX_MS = 10_000;
/** The hub says something every 20 s to everybody (W42). */
const SILENCE_MAX_MS = 45_000;

/** What is needed of a WebSocket, in the browser or of a library. */
export interface SocketLike {
  binaryType: string;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: "open" | "close", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

export class NativeSocket {
  /** Attempts since the last one that succeeded. */
  failures = 0;
  readonly #clients: readonly NativeClient[];
  readonly #open: (subprotocol: string) => SocketLike;
  readonly #changed: () => void;
  #socket: SocketLike | null = null;
  #isOpen = false;
  #isPaused = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** `open`: makes the socket for `/collab`. `changed`: called whenever something came, went or was edited. */
  constructor(clients: readonly NativeClient[], open: (subprotocol: string) => SocketLike, changed: () => void) {
    this.#clients = clients;
    this.#open = open;
    this.#changed = changed;
    this.#connect();
  }

  /** What one of the clients has to say; nothing of it is kept here. */
  say(frames: readonly Uint8Array[]): void {
    this.#send(frames);
    this.#changed();
  }

  /** Until `resume`. */
  pause(): void {
    this.#isPaused = true;
    clearTimeout(this.#timer);
    this.#drop();
  }

  /** At once, whatever became of the last socket. */
  resume(): void {
    this.#isPaused = false;
    this.failures = 0;
    if (!this.#isOpen) {
      clearTimeout(this.#timer);
      this.#connect();
    }
  }

  close(): void {
    this.pause();
  }

  #connect(): void {
    this.#socket?.close();
    const socket = this.#open(SUBPROTOCOL);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      if (socket === this.#socket) {
        this.#opened();
      }
    });
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket && event.data instanceof ArrayBuffer) {
        this.#receive(new Uint8Array(event.data));
      }
    });
    socket.addEventListener("close", () => {
      if (socket === this.#socket) {
        this.#lost();
      }
    });
  }

  #opened(): void {
    this.#isOpen = true;
    this.failures = 0;
    this.#listen();
    for (const client of this.#clients) {
      this.#send(client.connected());
    }
    this.#changed();
  }

  #receive(frame: Uint8Array): void {
    this.#listen();
    try {
      for (const client of this.#clients) {
        this.#send(client.receive(frame));
      }
    } catch (error) {
      if (!(error instanceof MalformedFrame)) {
        throw error;
      }
      this.#drop(); // whoever talks like this is no hub
    }
    this.#changed();
  }

  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => { this.#drop(); }, SILENCE_MAX_MS);
  }

  /** Not when the network agrees: a socket of a network that is gone takes minutes to close. */
  #drop(): void {
    const socket = this.#socket;
    if (socket !== null) {
      this.#lost();
      socket.close();
    }
  }

  #lost(): void {
    this.#isOpen = false;
    this.#socket = null;
    clearTimeout(this.#silence);
    for (const client of this.#clients) {
      client.disconnected();
    }
    if (!this.#isPaused) {
      const longest = Math.min(RETURN_MAX_MS, RETURN_FIRST_MS * 2 ** this.failures);
      this.failures += 1;
      this.#timer = setTimeout(() => { this.#connect(); }, Math.random() * longest);
    }
    this.#changed();
  }

  #send(frames: readonly Uint8Array[]): void {
    if (this.#isOpen && this.#socket !== null) {
      for (const frame of frames) {
        this.#socket.send(new Uint8Array(frame));
      }
    }
  }
}
