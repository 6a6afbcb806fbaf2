/**
 * The studio's connection: one socket in the native dialect, the storyboard and the timeline document, presence, the
 * project's events and the state of saving. Only this module knows the clients; it draws nothing and knows no scene.
 */

import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

import { documentToken, HttpProblem, isUnreachable } from "../http/client.ts";
import type { DocumentAddress, Episode, Me } from "../http/model.ts";
import { readPresence, type Presence } from "../presence/model.ts";
import { FROM_HUB, NativeClient, type RefusedEdit } from "./native-client.ts";
import { NativeSocket } from "./native-socket.ts";
import { Recorder } from "./replay.ts";
import { saveStatus, type SaveStatus } from "./save-status.ts";

const TOKEN_ATTEMPTS = 4;
const TOKEN_RETRY_MS = 700;
/** A hub that denies three fresh tokens in a row will deny the next one too. */
const DENIALS_MAX = 3;
/** The hub takes 30 awareness messages a second; a caret needs fewer. */
const CARET_INTERVAL_MS = 100;

export interface SessionHandlers {
  readonly onSaveStatus: (status: SaveStatus) => void;
  readonly onPresence: (presence: Presence) => void;
  /** The hub's documents have come, at first or in place of ours: whoever watches them binds again. */
  readonly onDocuments: () => void;
  /** Ours are the document no more; what is written in them now is lost. */
  readonly onReplaced: () => void;
  /** They are not in the document. The hub has kept them as proposals. */
  readonly onRefused: (edits: readonly RefusedEdit[]) => void;
  /** Of the project: `scene`, `proposal`, `lock` and so on; `reset` when some were missed. */
  /** `payload`: JSON. */
  readonly onEvent: (kind: string, payload: string) => void;
}

export interface CaretPlace {
  readonly scene: string;
  readonly anchor: Y.RelativePosition;
  readonly head: Y.RelativePosition;
}

interface Desk {
  readonly address: DocumentAddress;
  readonly client: NativeClient;
  /** The replica that is watched; null while the hub's has not come. */
  bound: Y.Doc | null;
  denials: number;
  renewing: boolean;
}

export class StudioSession {
  readonly #desks: readonly [Desk, Desk];
  readonly #settled = new Set<() => void>();
  #socket: NativeSocket | null = null;
  #status: SaveStatus = { kind: "syncing", pending: 0 };
  #reached = false;
  #caret: CaretPlace | null = null;
  #caretDue = false;

  constructor(
    episode: Episode,
    me: Me,
    private readonly handlers: SessionHandlers,
  ) {
    this.#desks = [this.#desk(episode.storyboard, true), this.#desk(episode.timeline, false)];
    this.#board.awareness.setLocalState({ user: { name: me.name, color: me.colour } }); // the hub stamps the true ones over these (architecture.md P8)
    this.#watchPresence(this.#board.awareness);
    void this.#open();
  }

  get storyboard(): Y.Doc {
    return this.#desks[0].client.doc;
  }

  get timeline(): Y.Doc {
    return this.#desks[1].client.doc;
  }

  /** Whether both documents are the hub's: before that, and while they begin anew, nothing is edited. */
  get isOpen(): boolean {
    return this.#desks.every((desk) => desk.bound !== null);
  }

  /** Resolves once everything typed here is acknowledged, or after `wait_ms`: then false. */
  saved(wait_ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (saved: boolean): void => {
        clearTimeout(timer);
        this.#settled.delete(check);
        resolve(saved);
      };
      const check = (): void => {
        if (this.#status.kind === "saved") {
          done(true);
        }
      };
      const timer = setTimeout(() => { done(false); }, wait_ms);
      this.#settled.add(check);
      check();
    });
  }

  showScene(scene: string | null): void {
    this.#board.awareness.setLocalStateField("scene", scene);
  }

  showCaret(place: CaretPlace | null): void {
    this.#caret = place;
    if (!this.#caretDue) {
      this.#caretDue = true;
      setTimeout(() => {
        this.#caretDue = false;
        this.#board.awareness.setLocalStateField("cursor", this.#caret);
      }, CARET_INTERVAL_MS);
    }
  }

  get #board(): NativeClient {
    return this.#desks[0].client;
  }

  #desk(address: DocumentAddress, isBoard: boolean): Desk {
    const client = new NativeClient({
      document: address.name,
      token: "",
      replaced: () => {
        desk.bound = null;
        if (isBoard) {
          this.#watchPresence(client.awareness);
        }
        this.handlers.onReplaced();
      },
      ...(isBoard ? { happened: ({ kind, payload }) => { this.handlers.onEvent(kind, payload); } } : {}),
    });
    const desk: Desk = { address, client, bound: null, denials: 0, renewing: false };
    if (isBoard) {
      client.follow();
    }
    return desk;
  }

  /** With a token of now: the page's own may have been revoked. */
  async #open(): Promise<void> {
    for (const desk of this.#desks) {
      try {
        desk.client.renew(await freshToken(desk.address.id));
      } catch (error) {
        this.#deny(desk, error);
      }
    }
    const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/collab`;
    this.#socket = new NativeSocket(
      this.#desks.map((desk) => desk.client),
      (subprotocol) => new WebSocket(url, subprotocol),
      () => { this.#look(); },
    );
    this.#watchNetwork(this.#socket);
    this.#look();
  }

  /** After every frame, edit and change of the connection. */
  #look(): void {
    this.#reached ||= this.#desks.every((desk) => desk.client.status !== "offline") || (this.#socket?.failures ?? 0) > 0;
    for (const desk of this.#desks) {
      if (desk.client.status === "saved" || desk.client.status === "unsaved") {
        desk.denials = 0;
      }
      if (desk.client.wantsToken || (desk.client.denied?.startsWith("token.") === true && desk.denials < DENIALS_MAX)) {
        void this.#renew(desk);
      }
    }
    this.#bind();
    const refused = this.#desks.flatMap((desk) => desk.client.refused.splice(0));
    if (refused.length > 0) {
      this.handlers.onRefused(refused);
    }
    this.#report();
  }

  #bind(): void {
    const fresh = this.#desks.filter((desk) => desk.bound === null && desk.client.isWhole);
    for (const desk of fresh) {
      this.#record(desk, desk.client.doc);
    }
    if (fresh.length > 0 && this.isOpen) {
      this.handlers.onDocuments();
    }
  }

  /** Every edit of this page is a transaction of its own: what it was is kept until the hub has acknowledged it. */
  #record(desk: Desk, doc: Y.Doc): void {
    const recorder = new Recorder(doc);
    const { client } = desk;
    desk.bound = doc;
    doc.on("update", (update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      const change = recorder.record(transaction);
      if (origin !== FROM_HUB && origin !== client) {
        this.#socket?.say(client.made(update, change));
      }
    });
  }

  async #renew(desk: Desk): Promise<void> {
    if (desk.renewing) {
      return;
    }
    desk.renewing = true;
    desk.denials += 1;
    try {
      this.#socket?.say(desk.client.renew(await freshToken(desk.address.id)));
    } catch (error) {
      this.#deny(desk, error);
    } finally {
      desk.renewing = false;
    }
  }

  #deny(desk: Desk, error: unknown): void {
    if (!(error instanceof HttpProblem)) {
      throw error;
    }
    desk.denials = DENIALS_MAX;
    if (!isUnreachable(error)) {
      desk.client.denied = error.code;
    }
    this.#report();
  }

  #watchPresence(awareness: Awareness): void {
    awareness.on("update", (_changes: unknown, origin: unknown) => {
      if (origin === "local") {
        this.#socket?.say(this.#board.presence());
      }
    });
    awareness.on("change", () => {
      this.handlers.onPresence(readPresence(awareness.getStates(), awareness.clientID));
    });
  }

  #watchNetwork(socket: NativeSocket): void {
    const follow = (): void => {
      if (navigator.onLine) {
        socket.resume(); // at once, rather than when the next attempt is due
      } else {
        socket.pause();
      }
      this.#look();
    };
    addEventListener("online", follow);
    addEventListener("offline", follow);
    addEventListener("beforeunload", (event) => {
      if (this.#status.kind === "unsaved" || (this.#status.kind === "offline" && this.#status.pending > 0)) {
        event.preventDefault();
      }
    });
  }

  #report(): void {
    this.#status = saveStatus(this.#desks.map((desk) => desk.client), navigator.onLine, this.#reached);
    this.handlers.onSaveStatus(this.#status);
    for (const check of [...this.#settled]) {
      check();
    }
  }
}

/** While the API is away the handshake waits for it; a refusal is passed on at once. */
async function freshToken(document: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await documentToken(document);
    } catch (error) {
      if (attempt >= TOKEN_ATTEMPTS || !(error instanceof HttpProblem) || !isUnreachable(error)) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, TOKEN_RETRY_MS * attempt));
    }
  }
}
