/**
 * Share links, service accounts with their keys, and the audit log, as their owners see and change them.
 * The secret of a link or a key comes once, where it was just made.
 */

import { intOf, oneOf, recordOf, recordsOf, textOf, type JsonRecord } from "../json.ts";
import { call, exchange } from "./client.ts";
import { ROLES, type Role } from "./model.ts";

/** `url`: null but where it was just made. Times are ISO 8601, null for never. */
export interface ShareLink {
  readonly id: string;
  readonly label: string;
  readonly hasPassword: boolean;
  readonly comment: boolean;
  readonly download: boolean;
  readonly approve: boolean;
  readonly expiresAt: string | null;
  readonly isRevoked: boolean;
  readonly guests: number;
  readonly url: string | null;
}

export interface NewShareLink {
  readonly label: string;
  readonly password: string | null;
  readonly comment: boolean;
  readonly download: boolean;
  readonly approve: boolean;
  readonly expires_at: string | null;
}

/** What is left out stays; null takes it away. */
export interface ShareLinkChange {
  readonly label: string;
  readonly password?: string | null;
  readonly comment: boolean;
  readonly download: boolean;
  readonly approve: boolean;
  readonly expires_at?: string | null;
}

export interface Guest {
  readonly name: string;
  readonly joinedAt: string;
}

export interface ServiceAccount {
  readonly id: string;
  readonly name: string;
}

/** `shown`: how it begins. `secret`: null but where it was just made. `usedAt`: null for never. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly shown: string;
  readonly role: Role;
  readonly project: string | null;
  readonly expiresAt: string;
  readonly isRevoked: boolean;
  readonly usedAt: string | null;
  readonly secret: string | null;
}

export interface NewApiKey {
  readonly name: string;
  readonly role: Role;
  readonly project: string | null;
  readonly expires_at: string | null;
}

/** `actor`: null for a stranger. `detail`: what else there is to say, in the studio's own words. */
export interface AuditEntry {
  readonly id: number;
  readonly at: string;
  readonly action: string;
  readonly actor: string | null;
  readonly user: string | null;
  readonly address: string | null;
  readonly detail: JsonRecord;
}

// Share links ----------------------------------------------------------------------------------------

export async function listShareLinks(project: string): Promise<ShareLink[]> {
  return recordsOf(await call("GET", `/v1/projects/${project}/share-links`), "links").map(readLink);
}

export async function makeShareLink(project: string, wanted: NewShareLink): Promise<ShareLink> {
  return readLink(recordOf(await call("POST", `/v1/projects/${project}/share-links`, wanted)));
}

/** `etag`: which state of the link this is, for who changes it. */
export async function getShareLink(project: string, link: string): Promise<{ readonly link: ShareLink; readonly etag: string }> {
  const { answer, etag } = await exchange("GET", `/v1/projects/${project}/share-links/${link}`);
  return { link: readLink(recordOf(answer)), etag };
}

/** Refused when somebody was faster. */
export async function changeShareLink(project: string, link: string, change: ShareLinkChange, etag: string): Promise<void> {
  await call("PATCH", `/v1/projects/${project}/share-links/${link}`, change, { "if-match": etag });
}

export async function revokeShareLink(project: string, link: string): Promise<void> {
  await call("DELETE", `/v1/projects/${project}/share-links/${link}`);
}

export async function listGuests(project: string, link: string): Promise<Guest[]> {
  const guests = recordsOf(await call("GET", `/v1/projects/${project}/share-links/${link}/guests`), "guests");
  return guests.map((guest) => ({ name: textOf(guest["name"], "Somebody"), joinedAt: textOf(guest["joined_at"]) }));
}

// Service accounts -----------------------------------------------------------------------------------

export async function listServiceAccounts(team: string): Promise<ServiceAccount[]> {
  return recordsOf(await call("GET", `/v1/teams/${team}/service-accounts`), "accounts").map(readAccount);
}

export async function makeServiceAccount(team: string, name: string): Promise<ServiceAccount> {
  return readAccount(recordOf(await call("POST", `/v1/teams/${team}/service-accounts`, { name })));
}

export async function deleteServiceAccount(account: string): Promise<void> {
  await call("DELETE", `/v1/service-accounts/${account}`);
}

export async function listKeys(account: string): Promise<ApiKey[]> {
  return recordsOf(await call("GET", `/v1/service-accounts/${account}/keys`), "keys").map(readKey);
}

export async function makeKey(account: string, wanted: NewApiKey): Promise<ApiKey> {
  return readKey(recordOf(await call("POST", `/v1/service-accounts/${account}/keys`, wanted)));
}

export async function revokeKey(account: string, key: string): Promise<void> {
  await call("DELETE", `/v1/service-accounts/${account}/keys/${key}`);
}

// Audit log ------------------------------------------------------------------------------------------

/** A page, newest first. `next`: the cursor of the following one, null at the end. */
export async function readAudit(project: string, cursor: string | null): Promise<{ readonly entries: AuditEntry[]; readonly next: string | null }> {
  const from = cursor === null ? "" : `&${new URLSearchParams({ cursor })}`;
  const page = recordOf(await call("GET", `/v1/projects/${project}/audit?limit=50${from}`));
  return { entries: recordsOf(page, "entries").map(readEntry), next: textOf(page["next"]) || null };
}

// Readers --------------------------------------------------------------------------------------------

function readLink(link: JsonRecord): ShareLink {
  return {
    id: textOf(link["id"]),
    label: textOf(link["label"]),
    hasPassword: link["has_password"] === true,
    comment: link["comment"] === true,
    download: link["download"] === true,
    approve: link["approve"] === true,
    expiresAt: textOf(link["expires_at"]) || null,
    isRevoked: textOf(link["revoked_at"]) !== "",
    guests: intOf(link["guests"], 0),
    url: textOf(link["url"]) || null,
  };
}

function readAccount(account: JsonRecord): ServiceAccount {
  return { id: textOf(account["id"]), name: textOf(account["name"], "Untitled") };
}

function readKey(key: JsonRecord): ApiKey {
  return {
    id: textOf(key["id"]),
    name: textOf(key["name"]),
    shown: textOf(key["shown"]),
    role: oneOf(key["role"], ROLES, "viewer"),
    project: textOf(key["project"]) || null,
    expiresAt: textOf(key["expires_at"]),
    isRevoked: textOf(key["revoked_at"]) !== "",
    usedAt: textOf(key["used_at"]) || null,
    secret: textOf(key["key"]) || null,
  };
}

function readEntry(entry: JsonRecord): AuditEntry {
  const name = (value: unknown): string | null => (value === null ? null : textOf(recordOf(value)["name"], "somebody who is gone"));
  return {
    id: intOf(entry["id"], 0),
    at: textOf(entry["at"]),
    action: textOf(entry["action"]),
    actor: name(entry["actor"]),
    user: name(entry["user"]),
    address: textOf(entry["address"]) || null,
    detail: recordOf(entry["detail"]),
  };
}
