/** Who has a role of their own in one episode: narrower than in the project, or there alone. */

import { oneOf, recordsOf, textOf, type JsonRecord } from "../json.ts";
import { call } from "./client.ts";
import { ROLES, type Role } from "./model.ts";

export const EPISODE_ROLES = ["editor", "commenter", "viewer"] as const;
export type EpisodeRole = (typeof EPISODE_ROLES)[number];

/** `who`: `members/usr_...` or `teams/team_...`. `inProject`: what it narrows; null: they see this episode alone. */
export interface EpisodeRoleHolder {
  readonly who: string;
  readonly name: string;
  readonly role: EpisodeRole;
  readonly inProject: Role | null;
}

/** People first, then teams. `episode`: its path, `projects/prj_.../episodes/epi_...`. */
export async function listEpisodeRoles(episode: string): Promise<EpisodeRoleHolder[]> {
  const [people, teams] = await Promise.all([call("GET", `/v1/${episode}/members`), call("GET", `/v1/${episode}/teams`)]);
  const read = (kind: string) => (each: JsonRecord): EpisodeRoleHolder => readHolder(kind, each);
  return [...recordsOf(people, "members").map(read("members")), ...recordsOf(teams, "teams").map(read("teams"))];
}

/** To somebody who has an account. */
export async function addEpisodeMember(episode: string, email: string, role: EpisodeRole): Promise<void> {
  await call("POST", `/v1/${episode}/members`, { email, role });
}

export async function setEpisodeRole(episode: string, who: string, role: EpisodeRole): Promise<void> {
  await call("PUT", `/v1/${episode}/${who}`, { role });
}

export async function removeEpisodeRole(episode: string, who: string): Promise<void> {
  await call("DELETE", `/v1/${episode}/${who}`);
}

function readHolder(kind: string, holder: JsonRecord): EpisodeRoleHolder {
  return {
    who: `${kind}/${textOf(holder["id"])}`,
    name: textOf(holder["name"], "Somebody"),
    role: oneOf(holder["role"], EPISODE_ROLES, "viewer"),
    inProject: holder["project_role"] === null ? null : oneOf(holder["project_role"], ROLES, "viewer"),
  };
}
