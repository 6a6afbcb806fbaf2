/**
 * One document over the native dialect, as a state machine without a socket: frames in, frames out.
 * An edit is a function of the document, kept until the hub has acknowledged it; of refused edits the others are made again
 * on the hub's document (consistency.md C7). The same machine as `sync/client.py`.
 */

import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness";
import * as Y from "yjs";

import { type ClientMessage, decode, encode, Fragments, inFragments, NAME_BYTES, type ProjectEvent } from "./native-frames.ts";

/** It may run again on another replica, so it only looks at the document it is given. `words`: that people would miss. */
export interface Change {
  (doc: Y.Doc): void;
  readonly words?: string;
}

export interface RefusedEdit {
  readonly change: Change;
  /** Null: the hub was not asked. */
  readonly status: number | null;
  readonly reason: string;
  /** Why it could not be made again; null: the hub refused it, and has kept it where people may still take it in. */
  readonly error: unknown;
}

export type NativeStatus = "offline" | "connecting" | "syncing" | "saved" | "unsaved" | "refused";

interface Pending {
  readonly name: string;
  readonly change: Change;
  /** The next clock of our client id after it; null: it inserted nothing. */
  readonly clock: number | null;
}

/** Waits for the hub's document. `refusal`: of the answer that it was in, which the hub has kept whole. */
interface Queued {
  readonly change: Change;
  readonly refusal: Omit<RefusedEdit, "change"> | null;
}

export interface NativeOptions {
  readonly document: string;
  readonly token: string;
  readonly entropy?: (bytes: number) => Uint8Array;
  readonly shown?: (user: string, payload: Uint8Array) => void;
  /** Every event of the project, after `follow`. */
  readonly happened?: (event: ProjectEvent) => void;
  /** The hub's document replaces ours: whoever watches it binds again. */
  readonly replaced?: (doc: Y.Doc) => void;
}

/** The origin of transactions that the hub asked for. */
export const FROM_HUB = "hub";
const EMPTY_STATE_VECTOR = new Uint8Array([0]);
const PING = 9;

export class NativeClient {
  readonly refused: RefusedEdit[] = [];
  doc: Y.Doc;
  awareness: Awareness;
  denied: string | null = null;
  wantsToken = false;
  readOnly = false;
  savedSeq = 0;
  /** Of the last event; the next socket goes on behind it. */
  cursor: number | null = null;

  #token: string;
  #document: string;
  #follows = false;
  #isLetIn = false;
  #isConnected = false;
  #isWhole = false;
  #isAnswered = false;
  #queued: Queued[] = [];
  #pending: Pending[] = [];
  /** In the hub's room, not acknowledged yet. */
  #taken: Pending[] = [];
  /** As taken, acknowledged with the next answer. */
  #carried: Pending[] = [];
  #answer: string | null = null;
  #covered = 0;
  #knownClock = 0;
  #fragments = new Fragments();
  readonly #options: NativeOptions;
  readonly #entropy: (bytes: number) => Uint8Array;

  constructor(options: NativeOptions) {
    this.#options = options;
    this.#token = options.token;
    this.#document = options.document;
    this.#entropy = options.entropy ?? ((bytes) => crypto.getRandomValues(new Uint8Array(bytes)));
    this.doc = new Y.Doc();
    this.awareness = new Awareness(this.doc);
  }

  get unsaved(): number {
    return this.#pending.length + this.#taken.length + this.#carried.length + this.#queued.length;
  }

  /** Whether `doc` is the hub's document, with our edits. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  get status(): NativeStatus {
    if (this.denied !== null) {
      return "refused";
    }
    if (!this.#isConnected) {
      return "offline";
    }
    if (!this.#isAnswered) {
      return this.#isWhole ? "syncing" : "connecting";
    }
    return this.unsaved > 0 || this.#answer !== null ? "unsaved" : "saved";
  }

  /** The first frames of a new socket. */
  connected(): Uint8Array[] {
    this.#isConnected = true;
    this.#isLetIn = false;
    this.#isAnswered = false;
    this.denied = null;
    this.#fragments = new Fragments();
    return this.#say({ type: "token", token: this.#token });
  }

  /** What was on its way comes with the next answer: the document holds it. */
  disconnected(): void {
    this.#isConnected = false;
    this.#isLetIn = false;
    this.#isAnswered = false;
    this.#forgetAnswer();
    this.#taken = [];
    this.#carried = [];
    const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.doc.clientID);
    removeAwarenessStates(this.awareness, others, FROM_HUB); // who is here nobody knows now
  }

  renew(token: string): Uint8Array[] {
    this.#token = token;
    this.wantsToken = false;
    this.denied = null;
    return this.#isConnected ? this.#say({ type: "token", token }) : [];
  }

  /** The document has begun again under another name (`denied` was `epoch`): on its content, our edits again. */
  moved(document: string, token: string): Uint8Array[] {
    this.#beginAgain();
    this.#document = document;
    this.savedSeq = 0;
    return this.renew(token);
  }

  /** Applied at once where there is a document, else as soon as there is. What `change` throws comes out. */
  edit(change: Change): Uint8Array[] {
    if (!this.#isWhole) {
      this.#queued.push({ change, refusal: null });
      return [];
    }
    const update = this.#apply(change);
    return update === null ? [] : this.made(update, change);
  }

  /** An edit that is in `doc` already, and would be made again by `change`. */
  made(update: Uint8Array, change: Change): Uint8Array[] {
    const name = this.#entropy(NAME_BYTES);
    this.#pending.push({ name: hex(name), change, clock: Y.parseUpdateMeta(update).to.get(this.doc.clientID) ?? null });
    return this.#isAnswered ? this.#say({ type: "edit", name, update, isAnswer: false }) : [];
  }

  show(payload: Uint8Array): Uint8Array[] {
    return this.#isAnswered ? this.#say({ type: "ephemeral", payload }) : [];
  }

  /** The project's events, those after `cursor` first; null: from now on. Also on every later socket. */
  follow(cursor: number | null = null): Uint8Array[] {
    this.#follows = true;
    this.cursor = cursor;
    return this.#isLetIn ? this.#say({ type: "follow", cursor }) : [];
  }

  tell(state: Record<string, unknown>): Uint8Array[] {
    this.awareness.setLocalState(state);
    return this.presence();
  }

  /** As `awareness` has it now. */
  presence(): Uint8Array[] {
    return this.#isConnected ? this.#tellPresence() : [];
  }

  /** What to send now. Throws `MalformedFrame`. */
  receive(frame: Uint8Array): Uint8Array[] {
    const whole = this.#fragments.take(frame);
    if (whole === null || (whole.length === 1 && whole[0] === PING)) {
      return [];
    }
    const { key, message } = decode(whole);
    if (key !== this.#document) {
      return [];
    }
    switch (message.type) {
      case "authenticated":
        return this.#letIn(message.readOnly);
      case "step1":
        return this.#answerTo(message.stateVector);
      case "step2":
        Y.applyUpdate(this.doc, message.update, FROM_HUB);
        this.#isWhole = true;
        return this.#makeQueued();
      case "update":
        Y.applyUpdate(this.doc, message.update, FROM_HUB);
        return [];
      case "ack":
        this.#acknowledged(hex(message.name), message.seq);
        return [];
      case "nack":
        this.#nacked(hex(message.name), message.status, message.reason);
        return [];
      case "reset":
        return this.#startAnew();
      case "awareness":
        applyAwarenessUpdate(this.awareness, message.update, FROM_HUB);
        return [];
      case "ephemeral":
        this.#options.shown?.(message.user, message.payload);
        return [];
      case "event":
        this.cursor = message.event.cursor ?? this.cursor;
        this.#options.happened?.(message.event);
        return [];
      case "token-request":
        this.wantsToken = true;
        return [];
      case "denied":
      case "closed":
        this.denied = message.reason;
        this.#isLetIn = false;
        this.#isAnswered = false;
        return [];
      case "presence-query":
        return this.#tellPresence();
      case "other":
        return [];
    }
  }

  #letIn(readOnly: boolean): Uint8Array[] {
    this.readOnly = readOnly;
    if (this.#isAnswered) {
      return [];
    }
    this.#isLetIn = true;
    const following = this.#follows ? this.#say({ type: "follow", cursor: this.cursor }) : [];
    return [...this.#tellPresence(), ...this.#say({ type: "step1", stateVector: Y.encodeStateVector(this.doc) }), ...following];
  }

  #apply(change: Change): Uint8Array | null {
    const updates: Uint8Array[] = [];
    const note = (update: Uint8Array): void => void updates.push(update);
    this.doc.on("update", note);
    try {
      this.doc.transact(() => {
        change(this.doc);
      }, this);
    } finally {
      this.doc.off("update", note);
    }
    return updates[0] ?? null;
  }

  #answerTo(stateVector: Uint8Array): Uint8Array[] {
    this.#knownClock = Y.decodeStateVector(stateVector).get(this.doc.clientID) ?? 0;
    const name = this.#entropy(NAME_BYTES);
    this.#answer = hex(name);
    this.#covered = this.#pending.length;
    const update = Y.encodeStateAsUpdate(this.doc, stateVector);
    this.#isAnswered = true;
    return [...this.#say({ type: "edit", name, update, isAnswer: true }), ...this.#makeQueued()];
  }

  /** What waited for the hub's document: on it, and named one by one. */
  #makeQueued(): Uint8Array[] {
    if (!this.#isWhole || !this.#isAnswered) {
      return [];
    }
    const queued = this.#queued;
    this.#queued = [];
    return queued.flatMap(({ change, refusal }) => {
      try {
        return this.edit(change);
      } catch (error) {
        const here = { status: null, reason: `cannot be made again: ${String(error)}`, error };
        this.refused.push({ change, ...(refusal ?? here) });
        return [];
      }
    });
  }

  #acknowledged(name: string, seq: number): void {
    this.savedSeq = Math.max(this.savedSeq, seq);
    if (name === this.#answer) {
      this.#pending.splice(0, this.#covered);
      this.#carried = [];
      this.#forgetAnswer();
      return;
    }
    this.#taken = this.#taken.filter((edit) => edit.name !== name);
    const place = this.#pending.findIndex((edit) => edit.name === name);
    if (place >= 0) {
      this.#pending.splice(place, 1);
      this.#covered -= place < this.#covered ? 1 : 0;
    }
  }

  /** What was sent before it is with the hub, nothing after it; of an answer nothing that its Step1 lacked. */
  #nacked(name: string, status: number, reason: string): void {
    let again: Pending[];
    if (name === this.#answer) {
      const isKnown = (edit: Pending): boolean => edit.clock !== null && edit.clock <= this.#knownClock;
      this.#carried.push(...this.#pending.filter(isKnown));
      again = this.#pending.filter((edit) => !isKnown(edit));
      const [only] = again;
      if (only !== undefined && again.length === 1) {
        this.refused.push({ change: only.change, status, reason, error: null });
        again = [];
      }
    } else {
      const place = this.#pending.findIndex((edit) => edit.name === name);
      const guilty = this.#pending[place];
      if (guilty === undefined) {
        return;
      }
      const covered = Math.min(place, this.#covered);
      this.#carried.push(...this.#pending.slice(0, covered));
      this.#taken.push(...this.#pending.slice(covered, place));
      this.refused.push({ change: guilty.change, status, reason, error: null });
      again = this.#pending.slice(place + 1);
    }
    this.#pending = [];
    const refusal = name === this.#answer ? { status, reason, error: null } : null;
    this.#queued.unshift(...again.map(({ change }) => ({ change, refusal })));
    this.#isAnswered = false; // the Reset follows; what we hold is not the document any more
  }

  /** The hub's document under a new client id. What is pending is not in it. */
  #startAnew(): Uint8Array[] {
    const old = this.doc.clientID;
    const state = this.awareness.getLocalState();
    removeAwarenessStates(this.awareness, [old], this);
    const gone = this.#say({ type: "awareness", update: encodeAwarenessUpdate(this.awareness, [old]) });
    this.#beginAgain(state);
    return [...gone, ...this.#tellPresence(), ...this.#say({ type: "step1", stateVector: EMPTY_STATE_VECTOR })];
  }

  #beginAgain(state = this.awareness.getLocalState()): void {
    this.#queued.unshift(...this.#pending.map(({ change }) => ({ change, refusal: null })));
    this.#pending = [];
    this.#forgetAnswer();
    this.#isWhole = false;
    this.#isAnswered = false;
    this.awareness.destroy();
    this.doc.destroy();
    this.doc = new Y.Doc();
    this.awareness = new Awareness(this.doc);
    this.awareness.setLocalState(state ?? {});
    this.#options.replaced?.(this.doc);
  }

  #forgetAnswer(): void {
    this.#answer = null;
    this.#covered = 0;
  }

  #tellPresence(): Uint8Array[] {
    return this.#say({ type: "awareness", update: encodeAwarenessUpdate(this.awareness, [this.doc.clientID]) });
  }

  #say(message: ClientMessage): Uint8Array[] {
    return inFragments(encode(this.#document, message));
  }
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
