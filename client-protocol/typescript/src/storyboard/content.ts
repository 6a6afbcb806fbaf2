/**
 * The storyboard document read strictly, the same as `sync/storyboard/content.py`: its entities as nodes of a tree, and their
 * registers as plain JSON. What the tree is, with everything that people did at once, is `tree.ts`.
 */

import * as Y from "yjs";

import { entities, idOrNull, isDeleted, isId, isMap, orderKey, type Content, type Raw } from "../registers.ts";

/** Those that people write. */
export const ROOTS = ["acts", "seqs", "scenes", "shots", "beats", "env", "props", "looks"] as const;
export type Root = (typeof ROOTS)[number];

/** They stand among each other in one order; entities of every other root stand among their own. */
export const OUTLINE: readonly Root[] = ["acts", "seqs", "scenes"];

/** What `par` may name, always further up, so that no circle can be made. */
export const PARENTS: Readonly<Record<Root, readonly Root[]>> = {
  acts: [],
  seqs: ["acts"],
  scenes: ["seqs", "acts"],
  shots: ["scenes"],
  beats: ["scenes", "seqs"],
  env: [],
  props: [],
  looks: [],
};

/** Where an entity stands, and whether. */
export const STRUCTURE = ["ord", "par", "del", "into"];

/** What an entity says that people write, without where it stands; held to the schema by a test. */
export const AUTHORS: Readonly<Record<Root, readonly string[]>> = {
  acts: ["title", "note"],
  seqs: ["title", "note"],
  scenes: "num slug title prompt neg prm brain cast want own pin cont beat est_f dlg".split(" "),
  shots: "size angle move lens_mm f_stop rig dur_f desc dlg_ref audio board screen_dir axis".split(" "),
  beats: ["name", "purpose", "at"],
  env: ["name", "txt", "ref"],
  props: ["name", "txt", "ref"],
  looks: ["char", "name", "txt", "ref"],
};
/** Of scenes: what only the server writes. */
export const SERVERS = ["enh", "st", "cur", "lock"];
/** The register that is a shared text, made with its entity (documents.md A7). */
export const TEXTS: Readonly<Partial<Record<Root, string>>> = { scenes: "prompt", shots: "desc" };

/** One entity as it stands. `par`: its parent's id, empty for none. `into`: what a scene was merged into. */
export interface Node {
  readonly root: Root;
  readonly id: string;
  readonly ord: string;
  readonly par: string;
  readonly isDeleted: boolean;
  readonly into: string | null;
}

/** What `resolve` and `view` read. */
export function contentOf(doc: Y.Doc): Content {
  return Object.fromEntries([...ROOTS, "takes"].map((root) => [root, doc.getMap(root).toJSON()]));
}

/** Of it only where everything stands, for who draws the rest from the document itself. */
export function nodesOf(doc: Y.Doc): Node[] {
  const nodes: Node[] = [];
  for (const root of ROOTS) {
    for (const [id, entity] of doc.getMap(root)) {
      if (isId(id) && entity instanceof Y.Map) {
        nodes.push(readNode(root, id, Object.fromEntries(STRUCTURE.map((key) => [key, (entity as Y.Map<unknown>).get(key)]))));
      }
    }
  }
  return nodes;
}

/** All of them, deleted ones too: they can be restored, and what stands in them stays. */
export function readNodes(content: Content): Node[] {
  return ROOTS.flatMap((root) => [...entities(content, root)].map(([id, raw]) => readNode(root, id, raw)));
}

export function readNode(root: Root, id: string, raw: Raw): Node {
  return {
    root,
    id,
    ord: orderKey(raw["ord"]),
    par: PARENTS[root].length > 0 ? (idOrNull(raw["par"]) ?? "") : "",
    isDeleted: isDeleted(raw),
    into: root === "scenes" ? idOrNull(raw["into"]) : null,
  };
}

/** The registers of an entity that hold something, as JSON of which there is one form. */
export function said(root: Root, raw: Raw): Record<string, unknown> {
  const keys = root === "scenes" ? [...AUTHORS.scenes, ...SERVERS] : AUTHORS[root];
  const values = keys.map((key): [string, unknown] => [key, Object.hasOwn(raw, key) ? plain(raw[key]) : null]);
  return Object.fromEntries(values.filter(([, value]) => value !== null));
}

/** JSON with whole numbers; what is none becomes null, and keys that are no ids go. */
export function plain(value: unknown): unknown {
  if (typeof value === "boolean" || typeof value === "string") {
    return value;
  }
  if (typeof value === "number" || typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number + 0 : null;
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (isMap(value)) {
    const kept = Object.entries(value).filter(([key]) => isId(key));
    return Object.fromEntries(kept.map(([key, inner]) => [key, plain(inner)]));
  }
  return null;
}
