/**
 * Refused edits that wait for a decision, as the HTTP door tells them, and what they would change in words.
 * Pure: it fetches nothing and draws nothing.
 */

import { isRecord, listOf, oneOf, recordOf, textOf, type JsonRecord } from "../json.ts";
import { formatSlug } from "../storyboard/slug.ts";

export const WORD_OPS = ["same", "removed", "added"] as const;

export interface Words {
  readonly op: (typeof WORD_OPS)[number];
  readonly text: string;
}

export interface Proposal {
  readonly id: string;
  readonly author: string;
  readonly authorName: string;
  readonly reason: string;
  readonly detail: string;
  readonly createdAt: number;
}

/** One line: what is changed, and how. */
export interface ChangeLine {
  readonly place: string;
  readonly words: readonly Words[];
}

/** `held`: a lock holds up some of it; an owner may decide despite that. */
export interface ShownProposal extends Proposal {
  readonly lines: readonly ChangeLine[];
  readonly held: boolean;
}

/** What ids are called by people; null: not known here. */
export interface Names {
  scene(id: string): string | null;
  person(id: string): string;
}

const KEYS: Readonly<Record<string, string>> = {
  num: "number",
  slug: "heading",
  neg: "what is not to be seen",
  prm: "parameters",
  dlg: "dialogue",
  ord: "place in the story",
  par: "what it belongs to",
  want: "chosen take",
  est_f: "length in frames",
  dur_f: "length in frames",
  lens_mm: "lens",
  desc: "description",
};
const ROOTS: Readonly<Record<string, string>> = { scenes: "scene", shots: "shot", beats: "beat", acts: "act", seqs: "sequence", looks: "look", props: "prop", env: "place" };
const VALUE_CHARS_MAX = 160;
const REASONS: Readonly<Record<string, string>> = {
  "schema.server_only": "It touches what only the studio itself writes.",
  "client.foreign": "It came under another person's name.",
  "update.dangling": "It rests on edits that never arrived.",
  "document.full": "The document was full.",
  epoch: "The document had begun again.",
};

export function readProposals(value: unknown): Proposal[] {
  return listOf(recordOf(value)["proposals"]).map((each) => readProposal(recordOf(each)));
}

export function readShown(value: unknown, names: Names): ShownProposal {
  const shown = recordOf(value);
  const held = listOf(shown["held"]).map(recordOf);
  const changes = [...held, ...listOf(shown["changes"]).map(recordOf)];
  return {
    ...readProposal(recordOf(shown["proposal"])),
    lines: changes.flatMap((change) => linesOf(change, names)),
    held: held.length > 0,
  };
}

/** Why it was refused, for people. */
export function reasonText(proposal: Proposal, names: Names): string {
  const locked = /^(\S+) is locked by (\S+?)(?:: (.*))?$/s.exec(proposal.detail);
  if (proposal.reason === "scene.locked" && locked !== null) {
    const [, scene, by, why] = locked;
    const place = names.scene(scene ?? "") ?? "The scene";
    return `${place} was locked by ${names.person(by ?? "")}${why === undefined ? "." : `: ${why}`}`;
  }
  return REASONS[proposal.reason] ?? `It was refused (${proposal.reason}).`;
}

function readProposal(proposal: JsonRecord): Proposal {
  const at = Date.parse(textOf(proposal["created_at"]));
  return {
    id: textOf(proposal["id"]),
    author: textOf(proposal["author"]),
    authorName: textOf(proposal["author_name"], "Somebody"),
    reason: textOf(proposal["reason"]),
    detail: textOf(proposal["detail"]),
    createdAt: Number.isNaN(at) ? 0 : at,
  };
}

function linesOf(change: JsonRecord, names: Names): ChangeLine[] {
  const root = textOf(change["root"]);
  const kind = ROOTS[root] ?? root;
  const place = (root === "scenes" ? names.scene(textOf(change["entity"])) : null) ?? capital(kind);
  if (change["change"] === "added") {
    return [{ place, words: [{ op: "added", text: `new ${kind}` }] }];
  }
  return listOf(change["keys"]).map((each) => lineOf(place, recordOf(each)));
}

function lineOf(place: string, change: JsonRecord): ChangeLine {
  const key = textOf(change["key"]);
  if (key === "del") {
    const deleted = isRecord(change["after"]);
    return { place, words: [{ op: deleted ? "removed" : "added", text: deleted ? "deleted" : "brought back" }] };
  }
  const named = `${place}, ${KEYS[key] ?? key}`;
  const words = listOf(change["words"]).map(recordOf);
  if (words.length > 0) {
    return { place: named, words: words.map((word) => ({ op: oneOf(word["op"], WORD_OPS, "same"), text: textOf(word["text"]) })) };
  }
  const [before, after] = [inWords(key, change["before"]), inWords(key, change["after"])];
  const removed: Words[] = before === "" ? [] : [{ op: "removed", text: before }];
  return { place: named, words: [...removed, { op: "added", text: after === "" ? "nothing" : after }] };
}

function inWords(key: string, value: unknown): string {
  if (value === null || value === undefined) {
    return "";
  }
  if (key === "slug" && isRecord(value)) {
    return formatSlug({ ie: textOf(value["ie"]), loc: textOf(value["loc"]), tod: textOf(value["tod"]) });
  }
  if (key === "dlg") {
    return shortened(listOf(value).map((line) => `${textOf(recordOf(line)["c"])}: ${textOf(recordOf(line)["txt"])}`).join(" / "));
  }
  return shortened(typeof value === "string" ? value : JSON.stringify(value));
}

function shortened(text: string): string {
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX - 1)}\u2026` : text;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
