/** What a project consists of and is made in, as the studio tells and changes it: settings, outline, characters, its end. */

import { hashOf, intOf, listOf, oneOf, recordOf, recordsOf, textOf, type JsonRecord } from "../json.ts";
import { call, exchange } from "./client.ts";
import { readEpisode, readOutline, readProject, type Episode, type Project } from "./model.ts";

export const SAFETIES = ["strict", "standard", "mature"] as const;

/** `rate`: frames a second as a fraction. */
export interface Settings {
  readonly rate: readonly [number, number];
  readonly width: number;
  readonly height: number;
  readonly aspect: readonly [number, number];
  readonly language: string;
  readonly safety: (typeof SAFETIES)[number];
}

/** `etag`: which settings these are, for who changes them. */
export interface ReadSettings {
  readonly settings: Settings;
  readonly etag: string;
}

/** `images`: hashes of pictures of the project, the best first. */
export interface Character {
  readonly id: string;
  readonly name: string;
  readonly images: readonly string[];
}

export function rename(project: string, title: string): Promise<Project> {
  return call("PATCH", `/v1/projects/${project}`, { title }).then(readProject);
}

export async function getSettings(project: string): Promise<ReadSettings> {
  return readSettings(await exchange("GET", `/v1/projects/${project}/settings`));
}

/** Refused when somebody was faster. */
export async function putSettings(project: string, settings: Settings, etag: string): Promise<ReadSettings> {
  return readSettings(await exchange("PUT", `/v1/projects/${project}/settings`, settings, { "if-match": etag }));
}

// Its end --------------------------------------------------------------------------------------------

export async function archiveProject(project: string): Promise<void> {
  await call("POST", `/v1/projects/${project}/archive`, {});
}

export async function restoreProject(project: string): Promise<void> {
  await call("POST", `/v1/projects/${project}/restore`, {});
}

export async function deleteProject(project: string): Promise<void> {
  await call("DELETE", `/v1/projects/${project}`);
}

// Episodes and seasons -------------------------------------------------------------------------------

export function deletedEpisodes(project: string): Promise<readonly Episode[]> {
  return call("GET", `/v1/projects/${project}/episodes?deleted=true`).then((answer) => readOutline(answer).episodes);
}

export interface Change {
  readonly title?: string;
  readonly season?: string | null;
  /** The one that it is to follow; null: to the beginning. */
  readonly after?: string | null;
}

export function changeEpisode(project: string, episode: string, change: Change): Promise<Episode> {
  return call("PATCH", `/v1/projects/${project}/episodes/${episode}`, change).then(readEpisode);
}

export async function deleteEpisode(project: string, episode: string): Promise<void> {
  await call("DELETE", `/v1/projects/${project}/episodes/${episode}`);
}

export async function restoreEpisode(project: string, episode: string): Promise<void> {
  await call("POST", `/v1/projects/${project}/episodes/${episode}/restore`, {});
}

export async function addSeason(project: string, title: string): Promise<void> {
  await call("POST", `/v1/projects/${project}/seasons`, { title });
}

export async function changeSeason(project: string, season: string, change: Change): Promise<void> {
  await call("PATCH", `/v1/projects/${project}/seasons/${season}`, change);
}

export async function removeSeason(project: string, season: string): Promise<void> {
  await call("DELETE", `/v1/projects/${project}/seasons/${season}`);
}

/** What follows which: of siblings in order, behind which `steps` further (negative: up) something stands. Null: first. */
export function placeOf(siblings: readonly string[], id: string, steps: number): string | null {
  const others = siblings.filter((each) => each !== id);
  return others[siblings.indexOf(id) + steps - 1] ?? null;
}

// Characters -----------------------------------------------------------------------------------------

export async function listCharacters(project: string, deleted: boolean): Promise<Character[]> {
  return recordsOf(await call("GET", `/v1/projects/${project}/characters?deleted=${deleted}`), "characters").map(readCharacter);
}

export async function addCharacter(project: string, name: string): Promise<Character> {
  return readCharacter(recordOf(await call("POST", `/v1/projects/${project}/characters`, { name })));
}

export async function changeCharacter(project: string, id: string, change: { readonly name?: string; readonly images?: readonly string[] }): Promise<Character> {
  return readCharacter(recordOf(await call("PATCH", `/v1/projects/${project}/characters/${id}`, change)));
}

export async function deleteCharacter(project: string, id: string): Promise<void> {
  await call("DELETE", `/v1/projects/${project}/characters/${id}`);
}

export async function restoreCharacter(project: string, id: string): Promise<void> {
  await call("POST", `/v1/projects/${project}/characters/${id}/restore`, {});
}

// Readers --------------------------------------------------------------------------------------------

function readSettings({ answer, etag }: { readonly answer: unknown; readonly etag: string }): ReadSettings {
  const settings = recordOf(answer);
  const settled = {
    rate: pairOf(settings["rate"], [24, 1]),
    width: intOf(settings["width"], 1280, 1),
    height: intOf(settings["height"], 720, 1),
    aspect: pairOf(settings["aspect"], [16, 9]),
    language: textOf(settings["language"], "en"),
    safety: oneOf(settings["safety"], SAFETIES, "standard"),
  };
  return { settings: settled, etag };
}

function pairOf(value: unknown, otherwise: readonly [number, number]): readonly [number, number] {
  const [one, other] = listOf(value);
  return [intOf(one, otherwise[0], 1), intOf(other, otherwise[1], 1)];
}

function readCharacter(character: JsonRecord): Character {
  const images = listOf(character["images"]).map(hashOf);
  return { id: textOf(character["id"]), name: textOf(character["name"], "Nameless"), images: images.filter((hash) => hash !== null) };
}
