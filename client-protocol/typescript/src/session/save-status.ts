/**
 * What the person is told about their work: connected, syncing, saved, unsaved, offline, refused (protocol.md, last line).
 * A pure state machine over what the providers report; it opens no socket and draws nothing.
 */

export type SaveStatus =
  | { readonly kind: "offline"; readonly pending: number }
  | { readonly kind: "connected" }
  | { readonly kind: "syncing"; readonly pending: number }
  | { readonly kind: "unsaved"; readonly pending: number }
  | { readonly kind: "saved" }
  | { readonly kind: "refused"; readonly reason: string };

interface DocumentState {
  readonly synced: boolean;
  /** Messages of this document that the hub has not acknowledged; the handshake itself counts as one. */
  readonly unacknowledged: number;
  /** Edits made here since everything was last acknowledged. */
  readonly edits: number;
  readonly refused: string | null;
}

export interface SaveState {
  readonly online: boolean;
  /** `opening` only until the first attempt has succeeded or failed. */
  readonly socket: "opening" | "open" | "closed";
  readonly authenticated: boolean;
  readonly documents: ReadonlyMap<string, DocumentState>;
}

export type SaveEvent =
  | { readonly type: "network"; readonly online: boolean }
  | { readonly type: "socket"; readonly open: boolean }
  | { readonly type: "authenticated"; readonly document: string }
  | { readonly type: "refused"; readonly document: string; readonly reason: string }
  | { readonly type: "synced"; readonly document: string }
  | { readonly type: "edited"; readonly document: string }
  | { readonly type: "unacknowledged"; readonly document: string; readonly count: number };

const FRESH: DocumentState = { synced: false, unacknowledged: 1, edits: 0, refused: null };

export function initialSaveState(documents: readonly string[]): SaveState {
  return {
    online: true,
    socket: "opening",
    authenticated: false,
    documents: new Map(documents.map((name) => [name, FRESH])),
  };
}

export function reduceSave(state: SaveState, event: SaveEvent): SaveState {
  switch (event.type) {
    case "network":
      return { ...state, online: event.online };
    case "socket":
      return event.open ? { ...state, socket: "open" } : closed(state);
    case "authenticated":
      // A document that was refused and is let in again (a fresh token, a new role) is refused no more.
      return { ...withDocument(state, event.document, { refused: null }), authenticated: true };
    case "refused":
      return withDocument(state, event.document, { refused: event.reason });
    case "synced":
      return withDocument(state, event.document, { synced: true });
    case "edited":
      return withDocument(state, event.document, { edits: (state.documents.get(event.document)?.edits ?? 0) + 1 });
    case "unacknowledged": {
      const settled = event.count === 0 ? { edits: 0 } : {};
      return withDocument(state, event.document, { unacknowledged: event.count, ...settled });
    }
  }
}

export function saveStatus(state: SaveState): SaveStatus {
  const documents = [...state.documents.values()];
  const reason = documents.find((each) => each.refused !== null)?.refused ?? null;
  if (reason !== null) {
    return { kind: "refused", reason };
  }
  const pending = documents.reduce((sum, each) => sum + pendingEdits(each), 0);
  if (!state.online || state.socket === "closed") {
    return { kind: "offline", pending };
  }
  if (state.socket === "opening") {
    return { kind: "syncing", pending };
  }
  if (!state.authenticated) {
    return { kind: "connected" };
  }
  if (documents.some((each) => !each.synced)) {
    return { kind: "syncing", pending };
  }
  if (pending > 0) {
    return { kind: "unsaved", pending };
  }
  return documents.some((each) => each.unacknowledged > 0) ? { kind: "syncing", pending } : { kind: "saved" };
}

/** The line in the header. */
export function describeSave(status: SaveStatus): string {
  switch (status.kind) {
    case "offline":
      return status.pending > 0 ? `Offline, unsaved (${status.pending} pending)` : "Offline";
    case "connected":
      return "Connected";
    case "syncing":
      return status.pending > 0 ? `Syncing (${status.pending} pending)` : "Syncing";
    case "unsaved":
      return `Unsaved (${status.pending} pending)`;
    case "saved":
      return "Saved";
    case "refused":
      return `Refused: ${status.reason}`;
  }
}

/** After a reconnect the provider counts from one again, though every edit since the last "saved" still waits. */
function pendingEdits(document: DocumentState): number {
  if (document.unacknowledged === 0) {
    return 0;
  }
  return document.synced ? Math.min(document.edits, document.unacknowledged) : document.edits;
}

function closed(state: SaveState): SaveState {
  const documents = new Map([...state.documents].map(([name, each]) => [name, { ...each, synced: false }]));
  return { ...state, socket: "closed", authenticated: false, documents };
}

function withDocument(state: SaveState, name: string, change: Partial<DocumentState>): SaveState {
  const documents = new Map(state.documents);
  documents.set(name, { ...(documents.get(name) ?? FRESH), ...change });
  return { ...state, documents };
}
