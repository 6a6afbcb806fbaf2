/**
 * The studio's connection: one socket, the storyboard and the timeline document, presence and the state of saving.
 * Only this module knows the provider; it draws nothing and knows no scene.
 */

import { HocuspocusProvider, HocuspocusProviderWebsocket } from "@hocuspocus/provider";
import * as Y from "yjs";

import { documentToken, HttpProblem, isUnreachable } from "../http/client.ts";
import type { DocumentAddress, Episode, Me } from "../http/model.ts";
import { readPresence, type Presence } from "../presence/model.ts";
import { initialSaveState, reduceSave, saveStatus, type SaveEvent, type SaveState, type SaveStatus } from "./save-status.ts";

const TOKEN_ATTEMPTS = 4;
const TOKEN_RETRY_MS = 700;
/** The hub takes 30 awareness messages a second; a caret needs fewer. */
const CARET_INTERVAL_MS = 100;

export interface SessionHandlers {
  readonly onSaveStatus: (status: SaveStatus) => void;
  readonly onPresence: (presence: Presence) => void;
}

export interface CaretPlace {
  readonly scene: string;
  readonly anchor: Y.RelativePosition;
  readonly head: Y.RelativePosition;
}

export class StudioSession {
  readonly storyboard = new Y.Doc();
  readonly timeline = new Y.Doc();
  readonly #socket: HocuspocusProviderWebsocket;
  readonly #board: HocuspocusProvider;
  readonly #settled = new Set<() => void>();
  #save: SaveState;
  #status: SaveStatus = { kind: "syncing", pending: 0 };
  #caret: CaretPlace | null = null;
  #caretDue = false;

  constructor(
    episode: Episode,
    me: Me,
    private readonly handlers: SessionHandlers,
  ) {
    this.#save = initialSaveState([episode.storyboard.name, episode.timeline.name]);
    this.#socket = new HocuspocusProviderWebsocket({
      url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/collab`,
      // After a restart of the hub everybody comes back: not all at once (architecture.md P15).
      delay: 300 + Math.floor(Math.random() * 900),
      minDelay: 250,
      maxDelay: 8_000,
    });
    this.#socket.on("status", ({ status }: { status: string }) => {
      if (status !== "connecting") {
        this.#report({ type: "socket", open: status === "connected" });
      }
    });
    this.#socket.on("maxAttemptsFailed", () => {
      this.#report({ type: "socket", open: false });
    });
    this.#board = this.#open(episode.storyboard, this.storyboard);
    this.#open(episode.timeline, this.timeline, null);
    this.#watchPresence(me);
    this.#watchNetwork();
  }

  get status(): SaveStatus {
    return this.#status;
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
    this.#board.setAwarenessField("scene", scene);
  }

  showCaret(place: CaretPlace | null): void {
    this.#caret = place;
    if (!this.#caretDue) {
      this.#caretDue = true;
      setTimeout(() => {
        this.#caretDue = false;
        this.#board.setAwarenessField("cursor", this.#caret);
      }, CARET_INTERVAL_MS);
    }
  }

  #open(address: DocumentAddress, document: Y.Doc, awareness?: null): HocuspocusProvider {
    const { name } = address;
    const provider = new HocuspocusProvider({
      name,
      document,
      websocketProvider: this.#socket,
      token: () => freshToken(address.id),
      onAuthenticated: () => { this.#report({ type: "authenticated", document: name }); },
      onAuthenticationFailed: ({ reason }) => { this.#report({ type: "refused", document: name, reason }); },
      onSynced: () => { this.#report({ type: "synced", document: name }); },
      onUnsyncedChanges: ({ number }) => { this.#report({ type: "unacknowledged", document: name, count: number }); },
      ...(awareness === null ? { awareness } : {}),
    });
    document.on("update", (_bytes: Uint8Array, origin: unknown) => {
      if (origin !== provider) {
        this.#report({ type: "edited", document: name });
      }
    });
    provider.attach();
    return provider;
  }

  #watchPresence(me: Me): void {
    const { awareness } = this.#board;
    if (awareness === null) {
      return;
    }
    // The hub stamps the true name and colour over these (architecture.md P8); they show until it has.
    awareness.setLocalStateField("user", { name: me.name, color: me.colour });
    awareness.on("change", () => {
      this.handlers.onPresence(readPresence(awareness.getStates(), awareness.clientID));
    });
  }

  #watchNetwork(): void {
    const follow = (): void => {
      this.#report({ type: "network", online: navigator.onLine });
      if (navigator.onLine) {
        this.#socket.shouldConnect = true; // the old socket may not have noticed yet that it is closed
        void this.#socket.connect(); // at once, rather than when the next attempt is due
      } else {
        this.#socket.disconnect();
      }
    };
    addEventListener("online", follow);
    addEventListener("offline", follow);
    addEventListener("beforeunload", (event) => {
      if (this.#status.kind === "unsaved" || (this.#status.kind === "offline" && this.#status.pending > 0)) {
        event.preventDefault();
      }
    });
  }

  #report(event: SaveEvent): void {
    this.#save = reduceSave(this.#save, event);
    this.#status = saveStatus(this.#save);
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
