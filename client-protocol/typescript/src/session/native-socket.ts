/**
 * Keeps a `NativeClient` on a socket: opens it, comes back after a time with jitter, and hands frames through.
 * What the frames mean is the client's affair.
 */

import type { Change, NativeClient } from "./native-client.ts";
import { MalformedFrame, SUBPROTOCOL } from "./native-frames.ts";

const RETURN_FIRST_MS = 200;
const RETURN_MAX_MS = 10_000;

/** What is needed of a WebSocket, in the browser or of a library. */
export interface SocketLike {
  binaryType: string;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: "open" | "close", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

export class NativeSocket {
  readonly client: NativeClient;
  readonly #open: (subprotocol: string) => SocketLike;
  readonly #changed: () => void;
  #socket: SocketLike | null = null;
  #isOpen = false;
  #isOver = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `open`: makes the socket for `/collab`. `changed`: called whenever something came, went or was edited. */
  constructor(client: NativeClient, open: (subprotocol: string) => SocketLike, changed: () => void) {
    this.client = client;
    this.#open = open;
    this.#changed = changed;
    this.#connect();
  }

  edit(change: Change): void {
    this.#send(this.client.edit(change));
    this.#changed();
  }

  show(payload: Uint8Array): void {
    this.#send(this.client.show(payload));
  }

  follow(cursor: number | null = null): void {
    this.#send(this.client.follow(cursor));
  }

  tell(state: Record<string, unknown>): void {
    this.#send(this.client.tell(state));
  }

  renew(token: string): void {
    this.#send(this.client.renew(token));
  }

  close(): void {
    this.#isOver = true;
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
    }
    this.#socket?.close();
  }

  #connect(): void {
    const socket = this.#open(SUBPROTOCOL);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      this.#isOpen = true;
      this.#failures = 0;
      this.#send(this.client.connected());
      this.#changed();
    });
    socket.addEventListener("message", (event) => {
      if (event.data instanceof ArrayBuffer) {
        this.#receive(socket, new Uint8Array(event.data));
      }
    });
    socket.addEventListener("close", () => {
      this.#lost();
    });
  }

  #receive(socket: SocketLike, frame: Uint8Array): void {
    try {
      this.#send(this.client.receive(frame));
    } catch (error) {
      if (!(error instanceof MalformedFrame)) {
        throw error;
      }
      socket.close(); // whoever talks like this is no hub
    }
    this.#changed();
  }

  #lost(): void {
    this.#isOpen = false;
    this.client.disconnected();
    this.#changed();
    if (!this.#isOver) {
      const longest = Math.min(RETURN_MAX_MS, RETURN_FIRST_MS * 2 ** this.#failures);
      this.#failures += 1;
      this.#timer = setTimeout(() => {
        this.#connect();
      }, Math.random() * longest);
    }
  }

  #send(frames: readonly Uint8Array[]): void {
    if (this.#isOpen && this.#socket !== null) {
      for (const frame of frames) {
        this.#socket.send(new Uint8Array(frame));
      }
    }
  }
}
