/** One's own account as the studio tells and changes it: what one is called, where and through whom one is signed in. */

import { recordOf, recordsOf, textOf, type JsonRecord } from "../json.ts";
import { call } from "./client.ts";
import { readMe, type Me } from "./model.ts";

/** `what`: the browser or the program, as it calls itself. `expiresAt`: ISO 8601. */
export interface Session {
  readonly id: string;
  readonly isCurrent: boolean;
  readonly what: string;
  readonly address: string | null;
  readonly since: string;
  readonly expiresAt: string;
}

/** `provider`: its name in addresses. */
export interface Identity {
  readonly provider: string;
  readonly title: string;
  readonly since: string;
}

export async function changeMe(name: string, colour: string): Promise<Me> {
  return readMe(await call("PATCH", "/v1/me", { name, colour }));
}

export async function listSessions(): Promise<Session[]> {
  return recordsOf(await call("GET", "/v1/sessions"), "sessions").map(readSession);
}

export async function endSession(id: string): Promise<void> {
  await call("DELETE", `/v1/sessions/${id}`);
}

export async function listIdentities(): Promise<Identity[]> {
  const found = recordsOf(await call("GET", "/v1/identities"), "identities");
  return found.map((each) => ({ provider: textOf(each["provider"]), title: textOf(each["title"], "a provider"), since: textOf(each["linked_at"]) }));
}

/** Where the browser goes to say who it is there. */
export async function beginLink(provider: string, next: string): Promise<string> {
  return textOf(recordOf(await call("POST", "/v1/identities", { provider, next }))["url"]);
}

export async function unlink(provider: string): Promise<void> {
  await call("DELETE", `/v1/identities/${provider}`);
}

function readSession(session: JsonRecord): Session {
  return {
    id: textOf(session["id"]),
    isCurrent: session["current"] === true,
    what: textOf(session["client"]) || textOf(session["agent"]),
    address: textOf(session["address"]) || null,
    since: textOf(session["created_at"]),
    expiresAt: textOf(session["expires_at"]),
  };
}
