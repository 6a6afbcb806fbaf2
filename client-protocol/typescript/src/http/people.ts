/**
 * Who belongs to a project and to one's teams, and who was invited, as the studio tells and changes it.
 * Who may do what is the studio's to say.
 */

import { colourOf, intOf, oneOf, recordOf, recordsOf, textOf, type JsonRecord } from "../json.ts";
import { call } from "./client.ts";
import { ROLES, type Role } from "./model.ts";

export const TEAM_ROLES = ["owner", "admin", "member"] as const;
export type TeamRole = (typeof TEAM_ROLES)[number];

/** `email`: null of programs and guests. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly colour: string;
  readonly isProgram: boolean;
}

export interface Member extends Person {
  readonly role: Role;
}

export interface TeamMember extends Person {
  readonly role: TeamRole;
}

/** A team that has a role in a project; `members`: how many. */
export interface ProjectTeam {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly members: number;
}

/** `role`: one's own in it. */
export interface Team {
  readonly id: string;
  readonly name: string;
  readonly role: TeamRole;
  readonly members: number;
}

export interface Invitation {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly episode: string | null;
  readonly inviter: string;
  readonly isOpen: boolean;
  readonly expiresAt: string;
  readonly wasSent: boolean;
}

// Members --------------------------------------------------------------------------------------------

export function listMembers(project: string): Promise<Member[]> {
  return call("GET", `/v1/projects/${project}/members`).then(readMembers);
}

export function changeMember(project: string, user: string, role: Role): Promise<Member[]> {
  return call("PATCH", `/v1/projects/${project}/members/${user}`, { role }).then(readMembers);
}

export async function removeMember(project: string, user: string): Promise<void> {
  await call("DELETE", `/v1/projects/${project}/members/${user}`);
}

export function listProjectTeams(project: string): Promise<ProjectTeam[]> {
  return call("GET", `/v1/projects/${project}/teams`).then(readProjectTeams);
}

export function setProjectTeam(project: string, team: string, role: Role): Promise<ProjectTeam[]> {
  return call("PUT", `/v1/projects/${project}/teams/${team}`, { role }).then(readProjectTeams);
}

export async function removeProjectTeam(project: string, team: string): Promise<void> {
  await call("DELETE", `/v1/projects/${project}/teams/${team}`);
}

// Teams ----------------------------------------------------------------------------------------------

export async function listTeams(): Promise<Team[]> {
  return recordsOf(await call("GET", "/v1/teams"), "teams").map(readTeam);
}

export async function makeTeam(name: string): Promise<Team> {
  return readTeam(recordOf(await call("POST", "/v1/teams", { name })));
}

export async function deleteTeam(team: string): Promise<void> {
  await call("DELETE", `/v1/teams/${team}`);
}

export async function listTeamMembers(team: string): Promise<TeamMember[]> {
  return readTeamMembers(await call("GET", `/v1/teams/${team}/members`));
}

export async function changeTeamMember(team: string, user: string, role: TeamRole): Promise<TeamMember[]> {
  return readTeamMembers(await call("PATCH", `/v1/teams/${team}/members/${user}`, { role }));
}

export async function removeTeamMember(team: string, user: string): Promise<void> {
  await call("DELETE", `/v1/teams/${team}/members/${user}`);
}

// Invitations ----------------------------------------------------------------------------------------

/** `to`: `projects/prj_...` or `teams/tea_...`. Newest first, those that are over too. */
export async function listInvitations(to: string): Promise<Invitation[]> {
  return recordsOf(await call("GET", `/v1/${to}/invitations`), "invitations").map(readInvitation);
}

/** `episode`: to that one of the project alone; null: to all of it. */
export async function invite(to: string, email: string, role: string, episode: string | null): Promise<Invitation> {
  const within = episode === null ? {} : { episode };
  return readInvitation(recordOf(await call("POST", `/v1/${to}/invitations`, { email, role, ...within })));
}

export async function resendInvitation(id: string): Promise<Invitation> {
  return readInvitation(recordOf(await call("POST", `/v1/invitations/${id}/resend`, {})));
}

export async function revokeInvitation(id: string): Promise<void> {
  await call("DELETE", `/v1/invitations/${id}`);
}

// Readers --------------------------------------------------------------------------------------------

function readPerson(person: JsonRecord): Person {
  return {
    id: textOf(person["id"]),
    name: textOf(person["name"], "Somebody"),
    email: textOf(person["email"]) || null,
    colour: colourOf(person["colour"], "#9aa3b2"),
    isProgram: person["kind"] === "service",
  };
}

function readMembers(answer: unknown): Member[] {
  return recordsOf(answer, "members").map((each) => ({ ...readPerson(each), role: oneOf(each["role"], ROLES, "viewer") }));
}

function readTeamMembers(answer: unknown): TeamMember[] {
  return recordsOf(answer, "members").map((each) => ({ ...readPerson(each), role: oneOf(each["role"], TEAM_ROLES, "member") }));
}

function readProjectTeams(answer: unknown): ProjectTeam[] {
  return recordsOf(answer, "teams").map((each) => ({ ...named(each), role: oneOf(each["role"], ROLES, "viewer") }));
}

function readTeam(team: JsonRecord): Team {
  return { ...named(team), role: oneOf(team["role"], TEAM_ROLES, "member") };
}

function named(team: JsonRecord): { id: string; name: string; members: number } {
  return { id: textOf(team["id"]), name: textOf(team["name"], "Untitled"), members: intOf(team["members"], 0) };
}

function readInvitation(invitation: JsonRecord): Invitation {
  return {
    id: textOf(invitation["id"]),
    email: textOf(invitation["email"]),
    role: textOf(invitation["role"]),
    episode: textOf(invitation["episode"]) || null,
    inviter: textOf(invitation["invited_by_name"], "Somebody"),
    isOpen: invitation["state"] === "open",
    expiresAt: textOf(invitation["expires_at"]),
    wasSent: textOf(invitation["sent_at"]) !== "",
  };
}
