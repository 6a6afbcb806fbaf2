/**
 * What the person is told about their work: connected, syncing, saved, unsaved, offline, refused (protocol.md, last line).
 * Read off the documents' clients, which know what the hub has acknowledged; nothing is counted here.
 */

import type { NativeStatus } from "./native-client.ts";

export type SaveStatus =
  | { readonly kind: "offline"; readonly pending: number }
  | { readonly kind: "connected" }
  | { readonly kind: "syncing"; readonly pending: number }
  | { readonly kind: "unsaved"; readonly pending: number }
  | { readonly kind: "saved" }
  | { readonly kind: "refused"; readonly reason: string };

/** What is asked of a client. */
export interface Saved {
  readonly status: NativeStatus;
  readonly unsaved: number;
  readonly denied: string | null;
}

/** `reached`: whether the first attempt to connect has succeeded or failed. */
export function saveStatus(clients: readonly Saved[], online: boolean, reached: boolean): SaveStatus {
  const pending = clients.reduce((sum, client) => sum + client.unsaved, 0);
  const is = (status: NativeStatus): boolean => clients.some((client) => client.status === status);
  const reason = clients.find((client) => client.status === "refused")?.denied ?? null;
  if (reason !== null) {
    return { kind: "refused", reason };
  }
  if (!online || is("offline")) {
    return online && !reached ? { kind: "syncing", pending } : { kind: "offline", pending };
  }
  if (clients.every((client) => client.status === "connecting")) {
    return { kind: "connected" };
  }
  if (is("connecting") || is("syncing")) {
    return { kind: "syncing", pending };
  }
  if (pending > 0) {
    return { kind: "unsaved", pending };
  }
  return is("unsaved") ? { kind: "syncing", pending } : { kind: "saved" };
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
