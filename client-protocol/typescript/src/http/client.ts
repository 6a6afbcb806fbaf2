/**
 * The HTTP door from a page's side: same-origin JSON with the session cookie, problems as one error class.
 * It keeps no state and retries nothing; who calls decides.
 */

import { listOf, recordOf, textOf } from "../json.ts";
import { readProposals, readShown, type Names, type Proposal, type ShownProposal } from "../proposals/model.ts";
import { readAsked, type Asked } from "./asked.ts";
import { readAsset, readAssets, type Asset } from "./asset.ts";
import {
  readDeviceAsking,
  readDeviceCodes,
  readDuplication,
  readEpisode,
  readMe,
  readOutline,
  readProject,
  readProjects,
  readProviders,
  readSnapshot,
  readWait,
  type DeviceAsking,
  type DeviceCodes,
  type Duplication,
  type Episode,
  type Me,
  type NewCopy,
  type Outline,
  type Project,
  type ProjectState,
  type Provider,
  type Snapshot,
} from "./model.ts";
import { readOutputs, type OutputView } from "./output.ts";
import { readRoutes, type RouteView } from "./route.ts";

/** `field`: the one of what was sent that is to blame, "" where none is. */
export class HttpProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly field = "",
  ) {
    super(detail);
    this.name = "HttpProblem";
  }
}

const UNREACHABLE = 0;

export function whoAmI(): Promise<Me> {
  return call("GET", "/v1/me").then(readMe);
}

export function listProviders(): Promise<Provider[]> {
  return call("GET", "/v1/sign-in").then(readProviders);
}

/** Ends this session, or all sessions of this person. */
export async function signOut(everywhere: boolean): Promise<void> {
  await call("POST", "/v1/sign-out", { everywhere });
}

const TV = "storyforge-tv";

/** A code for this screen; `name` is what whoever enters it is told that asks. */
export function beginDevice(name: string): Promise<DeviceCodes> {
  return call("POST", "/oauth/device_authorization", new URLSearchParams({ client_id: TV, device_name: name })).then(readDeviceCodes);
}

/** Null when this page has a session now, else how many milliseconds to wait before asking again. */
export function openDeviceSession(deviceCode: string): Promise<number | null> {
  return call("POST", "/v1/sessions", { client_id: TV, device_code: deviceCode }).then(readWait);
}

export function deviceAsking(code: string): Promise<DeviceAsking> {
  return call("GET", `/v1/device-codes/${encodeURIComponent(code)}`).then(readDeviceAsking);
}

export function decideDevice(code: string, approve: boolean): Promise<DeviceAsking> {
  return call("POST", `/v1/device-codes/${encodeURIComponent(code)}`, { approve }).then(readDeviceAsking);
}

/** All of them, page by page. */
export async function listProjects(state: ProjectState = "active"): Promise<Project[]> {
  const found: Project[] = [];
  let path = `/v1/projects?state=${state}`;
  while (path !== "") {
    const page = recordOf(await call("GET", path));
    found.push(...readProjects(page));
    const next = textOf(page["next"]);
    path = next === "" ? "" : `/v1/projects?state=${state}&cursor=${encodeURIComponent(next)}`;
  }
  return found;
}

export function getProject(id: string): Promise<Project> {
  return call("GET", `/v1/projects/${id}`).then(readProject);
}

/** Projects that others are made from. */
export function listTemplates(): Promise<Project[]> {
  return call("GET", "/v1/projects?templates=true").then(readProjects);
}

export function getOutline(project: string): Promise<Outline> {
  return call("GET", `/v1/projects/${project}/episodes`).then(readOutline);
}

export function addEpisode(project: string, title: string, season: string | null): Promise<Episode> {
  return call("POST", `/v1/projects/${project}/episodes`, { title, season }).then(readEpisode);
}

/** The key makes the request repeatable: a lost answer never starts a second copy. */
export function duplicate(project: string, wanted: NewCopy, key: string): Promise<Duplication> {
  return call("POST", `/v1/projects/${project}/duplicates`, wanted, { "idempotency-key": key }).then(readDuplication);
}

export async function cancelDuplication(id: string): Promise<void> {
  await call("POST", `/v1/duplications/${id}/cancel`, {});
}

export function getDuplication(id: string): Promise<Duplication> {
  return call("GET", `/v1/duplications/${id}`).then(readDuplication);
}

export function getSnapshot(project: string): Promise<Snapshot> {
  return call("GET", `/v1/projects/${project}/snapshot`).then(readSnapshot);
}

/** A token for one document and the person's own role; fetched anew for every handshake because it may be revoked. */
export async function documentToken(document: string): Promise<string> {
  const answer = await call("POST", `/v1/documents/${document}/tokens`, {});
  return textOf(recordOf(answer)["token"]);
}

/** The key makes the request repeatable: a lost answer never starts a second run. `wish`: as the door takes it. */
export async function generate(project: string, episode: string, scene: string, wish: object, key: string): Promise<void> {
  await call("POST", `/v1/projects/${project}/scenes/${scene}/generate?episode=${episode}`, wish, { "idempotency-key": key });
}

/** Which models were chosen for it and why, in the order in which that was decided. */
export function listRoutes(run: string): Promise<RouteView[]> {
  return call("GET", `/v1/runs/${run}/routes`).then(readRoutes);
}

/** What was made in it and how it was measured; what was turned away is told to those who may edit. */
export function listOutputs(run: string): Promise<OutputView[]> {
  return call("GET", `/v1/runs/${run}/outputs`).then(readOutputs);
}

/** The times of a take's sheet of small pictures (WebVTT), with addresses; "" where it has none. */
export async function takeMoments(take: string): Promise<string> {
  const response = await fetch(`/v1/takes/${take}/sprite`, { credentials: "same-origin" });
  return response.ok ? response.text() : "";
}

/** What it waits for a person to choose; null when it does not. */
export function getAsked(run: string): Promise<Asked | null> {
  return call("GET", `/v1/runs/${run}`).then(readAsked);
}

export async function chooseFrames(run: string, step: string, choice: string): Promise<void> {
  await call("POST", `/v1/runs/${run}/selections`, { step, choice });
}

export async function cancelRun(run: string): Promise<void> {
  await call("POST", `/v1/runs/${run}/cancel`, {});
}

/** Ids and names of everybody who belongs to the project. */
export async function memberNames(project: string): Promise<ReadonlyMap<string, string>> {
  const members = listOf(recordOf(await call("GET", `/v1/projects/${project}/members`))["members"]).map(recordOf);
  return new Map(members.map((member) => [textOf(member["id"]), textOf(member["name"], "Somebody")]));
}

/** `take`: the one that is approved by it. */
export async function lockScene(project: string, scene: string, why: string, take: string | null): Promise<void> {
  await call("POST", `/v1/projects/${project}/scenes/${scene}/lock`, { why, take });
}

export async function unlockScene(project: string, scene: string): Promise<void> {
  await call("DELETE", `/v1/projects/${project}/scenes/${scene}/lock`);
}

/** Those that wait for a decision: one's own, or all for who may decide. */
export function listProposals(document: string): Promise<Proposal[]> {
  return call("GET", `/v1/documents/${document}/proposals?state=open`).then(readProposals);
}

export function showProposal(document: string, proposal: string, names: Names): Promise<ShownProposal> {
  return call("GET", `/v1/documents/${document}/proposals/${proposal}`).then((value) => readShown(value, names));
}

export async function acceptProposal(document: string, proposal: string, despiteLocks: boolean): Promise<void> {
  await call("POST", `/v1/documents/${document}/proposals/${proposal}/accept?despite_locks=${despiteLocks}`);
}

export async function dismissProposal(document: string, proposal: string): Promise<void> {
  await call("POST", `/v1/documents/${document}/proposals/${proposal}/dismiss`);
}

/** The newest hundred files. */
export function listAssets(project: string): Promise<Asset[]> {
  return call("GET", `/v1/projects/${project}/assets`).then(readAssets);
}

export function getAsset(id: string): Promise<Asset> {
  return call("GET", `/v1/assets/${id}`).then(readAsset);
}

export async function removeAsset(id: string): Promise<void> {
  await call("DELETE", `/v1/assets/${id}`);
}

export function mediaUrl(project: string, hash: string): string {
  return `/v1/projects/${project}/media/${hash}`;
}

export function isUnreachable(error: unknown): boolean {
  return error instanceof HttpProblem && (error.status === UNREACHABLE || error.status >= 500);
}

export async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<unknown> {
  return (await exchange(method, path, body, headers)).answer;
}

/** `etag`: of what was answered, for who sends it back; "" where there is none. */
export async function exchange(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<{ readonly answer: unknown; readonly etag: string }> {
  const isForm = body instanceof URLSearchParams; // whose type the browser says
  const json = body === undefined || isForm ? {} : { "content-type": "application/json" };
  const request: RequestInit = { method, credentials: "same-origin", headers: { accept: "application/json", ...json, ...headers } };
  if (body !== undefined) {
    request.body = isForm ? body : JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(path, request);
  } catch {
    throw new HttpProblem(UNREACHABLE, "network", "The studio cannot be reached.");
  }
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const problem = recordOf(answer);
    const detail = textOf(problem["detail"]) || textOf(problem["title"]) || `The studio answered ${response.status}.`;
    throw new HttpProblem(response.status, textOf(problem["code"]), detail, textOf(problem["field"]));
  }
  return { answer, etag: response.headers.get("etag") ?? "" };
}
