/** Projects as they begin, and the looks (brains) that they are made in. */

import { listOf, recordOf, recordsOf, textOf, type JsonRecord } from "../json.ts";
import { call } from "./client.ts";
import { readProject, type Project } from "./model.ts";

export const KINDS = ["short", "movie", "series"] as const;

/** `palette`: colours as `#rrggbb`. `team`: whose it is; null of one of every studio. */
export interface Look {
  readonly id: string;
  readonly name: string;
  readonly team: string | null;
  readonly palette: readonly string[];
}

export interface NewProject {
  readonly title: string;
  readonly kind: string;
  readonly brain: string;
}

/** The key makes the request repeatable: a lost answer never makes a second project. */
export function createProject(wanted: NewProject, key: string): Promise<Project> {
  return call("POST", "/v1/projects", wanted, { "idempotency-key": key }).then(readProject);
}

export function chooseLook(project: string, brain: string): Promise<Project> {
  return call("PATCH", `/v1/projects/${project}`, { brain }).then(readProject);
}

export function listLooks(): Promise<Look[]> {
  return call("GET", "/v1/brains").then((answer) => recordsOf(answer, "brains").map(readLook));
}

/** What it does, in sentences. */
export async function explainLook(id: string): Promise<string[]> {
  return listOf(recordOf(await call("GET", `/v1/brains/${encodeURIComponent(id)}`))["explained"]).map((each) => textOf(each));
}

function readLook(look: JsonRecord): Look {
  const palette = listOf(look["palette"]).map((each) => textOf(each));
  return {
    id: textOf(look["id"]),
    name: textOf(look["name"], "Nameless"),
    team: textOf(look["team"]) || null,
    palette: palette.filter((each) => /^[0-9a-f]{6}$/i.test(each)).map((each) => `#${each}`),
  };
}
