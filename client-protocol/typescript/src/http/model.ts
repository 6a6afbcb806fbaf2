/**
 * The answers of the HTTP door that the pages use, read into checked values.
 * It sends nothing: `client.ts` does.
 */

import { colourOf, hashOf, intOf, listOf, oneOf, recordOf, textOf, type JsonRecord } from "../json.ts";
import { RUN_STATES, STATUSES, type RunState, type SceneStatus } from "../storyboard/model.ts";
import { formatSlug } from "../storyboard/slug.ts";

export const ROLES = ["owner", "editor", "commenter", "viewer"] as const;
export type Role = (typeof ROLES)[number];

export interface Me {
  readonly id: string;
  readonly name: string;
  readonly colour: string;
  /** Came by a share link and has no account. */
  readonly isGuest: boolean;
}

/** Through whom one may sign in; `path` begins it. */
export interface Provider {
  readonly title: string;
  readonly path: string;
}

/** `address`: where a person enters the code. */
export interface DeviceCodes {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly address: string;
  readonly interval_ms: number;
}

/** Which screen shows a code. */
export interface DeviceAsking {
  readonly device: string;
  readonly address: string | null;
  readonly askedAt_ms: number;
}

export interface DocumentAddress {
  readonly id: string;
  readonly name: string;
}

export const PROJECT_STATES = ["active", "archived", "deleted"] as const;
export type ProjectState = (typeof PROJECT_STATES)[number];

export interface Project {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  /** The look that scenes without one of their own are made in. */
  readonly brain: string;
  readonly role: Role;
  /** Whether one may decide about what others made. */
  readonly mayApprove: boolean;
  /** How many it has; a movie or a short is one. */
  readonly episodes: number;
  readonly template: boolean;
  readonly state: ProjectState;
  /** From when on a deleted one may be gone for good, ISO 8601; null of one that is there. */
  readonly purgeAt: string | null;
  /** Of its first episode. */
  readonly storyboard: DocumentAddress;
  readonly timeline: DocumentAddress;
}

export interface Season {
  readonly id: string;
  readonly title: string;
}

/** `number`: from 1 within its season; `season` null: of no season. */
export interface Episode {
  readonly id: string;
  readonly season: string | null;
  readonly number: number;
  readonly title: string;
  readonly storyboard: DocumentAddress;
  readonly timeline: DocumentAddress;
}

/** In story order: first the episodes of no season, then season by season. */
export interface Outline {
  readonly seasons: readonly Season[];
  readonly episodes: readonly Episode[];
}

/** What is left out: the original's title, with its media, no template. */
export interface NewCopy {
  readonly title: string;
  readonly media?: boolean;
  readonly template?: boolean;
}

export interface Duplication {
  readonly id: string;
  readonly state: RunState;
  readonly done: number;
  readonly total: number;
}

/** A scene as the phone and the TV know it. */
export interface FeedScene {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly heading: string;
  readonly prompt: string;
  readonly status: SceneStatus;
  readonly preview: FeedPreview | null;
  readonly take: FeedTake | null;
  readonly run: FeedRun | null;
}

export interface FeedPreview {
  readonly media: string;
  readonly step: number;
}

export interface FeedTake {
  readonly id: string;
  readonly media: string;
  readonly thumb: string | null;
  readonly frames: number;
  readonly rate: readonly [number, number];
}

export interface FeedRun {
  readonly id: string;
  readonly state: RunState;
  readonly stage: string;
  readonly pct: number;
}

export interface Snapshot {
  readonly cursor: number;
  readonly title: string;
  readonly scenes: readonly FeedScene[];
}

export function readMe(value: unknown): Me {
  const me = recordOf(value);
  return { id: textOf(me["id"]), name: textOf(me["name"], "Somebody"), colour: colourOf(me["colour"], "#9aa3b2"), isGuest: me["kind"] === "guest" };
}

export function readProject(value: unknown): Project {
  const project = recordOf(value);
  return {
    id: textOf(project["id"]),
    title: textOf(project["title"], "Untitled"),
    kind: textOf(project["kind"]),
    brain: textOf(project["brain"]),
    role: oneOf(project["role"], ROLES, "viewer"),
    mayApprove: listOf(project["may"]).includes("approve"),
    episodes: intOf(project["episodes"], 1, 1),
    template: project["template"] === true,
    state: oneOf(project["state"], PROJECT_STATES, "active"),
    purgeAt: textOf(project["purge_at"]) || null,
    ...readDocuments(project["documents"]),
  };
}

export function readOutline(value: unknown): Outline {
  const outline = recordOf(value);
  return {
    seasons: listOf(outline["seasons"])
      .map(recordOf)
      .map((season) => ({ id: textOf(season["id"]), title: textOf(season["title"], "Untitled") })),
    episodes: listOf(outline["episodes"]).map(readEpisode),
  };
}

export function readEpisode(value: unknown): Episode {
  const episode = recordOf(value);
  return {
    id: textOf(episode["id"]),
    season: textOf(episode["season"]) || null,
    number: intOf(episode["number"], 1, 1),
    title: textOf(episode["title"], "Untitled"),
    ...readDocuments(episode["documents"]),
  };
}

export function readDuplication(value: unknown): Duplication {
  const copy = recordOf(value);
  return { id: textOf(copy["id"]), state: oneOf(copy["state"], RUN_STATES, "queued"), done: intOf(copy["done"], 0), total: intOf(copy["total"], 0) };
}

/** Lists come bare or as the one list of an object (`{"projects": [...]}`). */
export function readProjects(value: unknown): Project[] {
  const list = Array.isArray(value) ? value : (Object.values(recordOf(value)).find(Array.isArray) ?? []);
  return listOf(list).map(readProject);
}

/** Paths of another site are none. */
export function readProviders(value: unknown): Provider[] {
  return listOf(recordOf(value)["providers"])
    .map(recordOf)
    .map((provider) => ({ title: textOf(provider["title"], "a provider"), path: textOf(provider["path"]) }))
    .filter(({ path }) => /^\/signin\/[a-z0-9-]+$/.test(path));
}

export function readDeviceCodes(value: unknown): DeviceCodes {
  const codes = recordOf(value);
  return {
    deviceCode: textOf(codes["device_code"]),
    userCode: textOf(codes["user_code"]),
    address: textOf(codes["verification_uri"]),
    interval_ms: intOf(codes["interval"], 5, 1) * 1000,
  };
}

export function readDeviceAsking(value: unknown): DeviceAsking {
  const asking = recordOf(value);
  const asked = Date.parse(textOf(asking["asked_at"]));
  return {
    device: textOf(asking["device"], "A screen"),
    address: textOf(asking["address"]) || null,
    askedAt_ms: Number.isNaN(asked) ? Date.now() : asked,
  };
}

/** How long a device waits that is not let in yet, in milliseconds. */
export function readWait(value: unknown): number | null {
  const answer = recordOf(value);
  return textOf(answer["state"]) === "open" ? null : intOf(answer["interval_s"], 5, 1) * 1000;
}

export function readSnapshot(value: unknown): Snapshot {
  const snapshot = recordOf(value);
  return {
    cursor: intOf(snapshot["cursor"], 0),
    title: textOf(recordOf(snapshot["project"])["title"], "Untitled"),
    scenes: listOf(snapshot["scenes"]).map((each) => readScene(recordOf(each))),
  };
}

export function readTake(take: JsonRecord): FeedTake | null {
  const media = hashOf(take["media"]);
  if (media === null) {
    return null;
  }
  const [rate, base] = listOf(take["rate"]);
  return {
    id: textOf(take["id"], textOf(take["take"])),
    media,
    thumb: hashOf(take["thumb"]),
    frames: intOf(take["frames"], 1, 1),
    rate: [intOf(rate, 24, 1), intOf(base, 1, 1)],
  };
}

export function readPreview(preview: JsonRecord): FeedPreview | null {
  const media = hashOf(preview["media"]);
  return media === null ? null : { media, step: intOf(preview["f"], 0) };
}

function readScene(scene: JsonRecord): FeedScene {
  const run = recordOf(scene["run"]);
  return {
    id: textOf(scene["id"]),
    number: textOf(scene["num"]),
    title: textOf(scene["title"]),
    heading: readHeading(scene["slug"]),
    prompt: textOf(scene["prompt"]),
    status: oneOf(scene["status"], STATUSES, "draft"),
    preview: readPreview(recordOf(scene["preview"])),
    take: readTake(recordOf(scene["take"])),
    run: textOf(run["id"]) === "" ? null : readRun(run),
  };
}

function readRun(run: JsonRecord): FeedRun {
  return {
    id: textOf(run["id"]),
    state: oneOf(run["state"], RUN_STATES, "queued"),
    stage: textOf(run["stage"]),
    pct: intOf(run["pct"], 0, 0, 100),
  };
}

function readHeading(value: unknown): string {
  const slug = recordOf(value);
  return formatSlug({ ie: textOf(slug["ie"]), loc: textOf(slug["loc"]), tod: textOf(slug["tod"]) });
}

function readDocuments(value: unknown): { storyboard: DocumentAddress; timeline: DocumentAddress } {
  const documents = recordOf(value);
  return { storyboard: readAddress(documents["storyboard"]), timeline: readAddress(documents["timeline"]) };
}

function readAddress(value: unknown): DocumentAddress {
  const address = recordOf(value);
  return { id: textOf(address["id"]), name: textOf(address["name"]) };
}
