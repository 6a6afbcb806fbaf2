/**
 * Share links and invitations as the studio tells them to whoever holds one.
 * The token is in the body, not in the address: addresses are logged.
 */

import { recordOf, textOf } from "../json.ts";
import { call } from "./client.ts";

/** What a share link leads to, and what it allows. */
export interface Share {
  readonly title: string;
  readonly label: string;
  readonly needsPassword: boolean;
  readonly comment: boolean;
  readonly download: boolean;
  readonly approve: boolean;
}

/** An invitation as its holder sees it. */
export interface Offer {
  readonly to: string;
  readonly isTeam: boolean;
  readonly role: string;
  readonly inviter: string;
  readonly email: string;
  readonly hasAccount: boolean;
}

export async function lookAtShare(token: string): Promise<Share> {
  const share = recordOf(await call("POST", "/v1/share-links/look", { token }));
  return {
    title: textOf(share["title"], "Untitled"),
    label: textOf(share["label"]),
    needsPassword: share["needs_password"] === true,
    comment: share["comment"] === true,
    download: share["download"] === true,
    approve: share["approve"] === true,
  };
}

/** Comes in, and gives the project's id. `name`: of a guest; the studio ignores it for who is signed in. */
export async function openShare(token: string, name: string, password: string): Promise<string> {
  const given = { ...(name === "" ? {} : { name }), ...(password === "" ? {} : { password }) };
  return textOf(recordOf(await call("POST", "/v1/share-links/open", { token, ...given }))["project"]);
}

export async function lookAtInvitation(token: string): Promise<Offer> {
  const offer = recordOf(await call("POST", "/v1/invitations/look", { token }));
  return {
    to: textOf(offer["to"], "Untitled"),
    isTeam: textOf(offer["team"]) !== "",
    role: textOf(offer["role"]),
    inviter: textOf(offer["invited_by_name"]),
    email: textOf(offer["email"]),
    hasAccount: offer["has_account"] === true,
  };
}

/** The id of the project that one is in now, null for a team. `name`: of a new account. */
export async function acceptInvitation(token: string, name: string | null): Promise<string | null> {
  const answer = recordOf(await call("POST", "/v1/invitations/accept", name === null ? { token } : { token, name }));
  return textOf(answer["project"]) || null;
}

export async function declineInvitation(token: string): Promise<void> {
  await call("POST", "/v1/invitations/decline", { token });
}
