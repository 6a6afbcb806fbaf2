/**
 * The story that a storyboard shows, and what has to be written so that it says so itself: a pure function of the converged
 * content, the same as `sync/storyboard/resolve.py` byte for byte (client-protocol/vectors/storyboard.json).
 */

import { compareText } from "../json.ts";
import { entities, idOrNull, isId, type Content, type Raw } from "../registers.ts";
import type { Repair } from "../repair.ts";
import { OUTLINE, readNodes, ROOTS, said, type Node, type Root } from "./content.ts";
import { byOrder, family, keyOf, respaced, Tree } from "./tree.ts";

const KINDS: Readonly<Partial<Record<Root, string>>> = { acts: "act", seqs: "sequence", scenes: "scene" };

/** What is seen, by what it is seen in. */
export class Story {
  readonly tree: Tree;
  readonly #shown = new Map<string, Node[]>();

  constructor(tree: Tree) {
    this.tree = tree;
    for (const node of tree.nodes.values()) {
      if (tree.isSeen(node)) {
        put(this.#shown, placeOf(node.root, tree.holder(node)), node);
      }
    }
    for (const [place, nodes] of this.#shown) {
      this.#shown.set(place, tree.inOrder(nodes));
    }
  }

  /** What of `root`'s family is seen in `holder`, in order; undefined: in the storyboard itself. */
  within(root: Root, holder?: Node): readonly Node[] {
    return this.#shown.get(placeOf(root, holder)) ?? [];
  }

  /** In the order of the story. */
  scenes(holder?: Node): Node[] {
    return this.within("scenes", holder).flatMap((node) => (node.root === "scenes" ? [node] : this.scenes(node)));
  }
}

export interface Resolved {
  readonly story: Story;
  /** In the order of root, id, key. */
  readonly repairs: readonly Repair[];
}

/** Throws nothing, whatever is in the document. */
export function resolve(content: Content): Resolved {
  const tree = new Tree(readNodes(content));
  const scenes = [...entities(content, "scenes")];
  const locked = new Set(scenes.filter(([, raw]) => (raw["lock"] ?? null) !== null).map(([id]) => id));
  const held = (node: Node | undefined): boolean => node !== undefined && isHeld(node, locked);
  const found = [...merges(tree), ...parents(tree), ...takes(content, tree)];
  const repairs = found.filter((repair) => !held(tree.nodes.get(`${repair.root}/${repair.id}`)));
  repairs.push(...orders(tree, held));
  repairs.sort((a, b) => compareText(a.root, b.root) || compareText(a.id, b.id) || compareText(a.key ?? "", b.key ?? ""));
  return { story: new Story(tree), repairs };
}

/** What is locked stays as it is, and is repaired when it is not any more (consistency.md C17). */
function isHeld(node: Node, locked: ReadonlySet<string>): boolean {
  return ["scenes", "shots", "beats"].includes(node.root) && locked.has(node.root === "scenes" ? node.id : node.par);
}

/** Scenes that people merged into each other at once: one of them stays. */
function merges(tree: Tree): Repair[] {
  return tree.unmerged.flatMap((id) => ["del", "into"].map((key) => ({ root: "scenes", id, key, value: null, name: "merge" })));
}

function parents(tree: Tree): Repair[] {
  const lost = [...tree.nodes.values()].filter((node) => tree.isLost(node));
  return lost.map(({ root, id }) => ({ root, id, key: "par", value: "", name: "parent" }));
}

/** Nothing can be put between equal keys, and long ones grow longer. All stay while one of them is held. */
function orders(tree: Tree, held: (node: Node) => boolean): Repair[] {
  const groups = new Map<string, Node[]>();
  for (const node of tree.nodes.values()) {
    put(groups, placeOf(node.root, tree.parent(node)), node);
  }
  const free = [...groups.values()].filter((siblings) => !siblings.some(held));
  return free.flatMap((siblings) =>
    respaced(siblings.sort(byOrder)).map(([{ root, id }, value]) => ({ root, id, key: "ord", value, name: "order" })),
  );
}

/** A scene shows the take that its editors want, else its own, else the newest of it. */
function takes(content: Content, tree: Tree): Repair[] {
  const all = entities(content, "takes");
  const newest = newestTakes(all);
  const repairs: Repair[] = [];
  for (const [id, raw] of entities(content, "scenes")) {
    if (tree.get("scenes", id)?.isDeleted !== false) {
      continue;
    }
    const asked = [raw["want"], raw["cur"], newest.get(id)?.id];
    const found = asked.find((take) => isId(take) && idOrNull(all.get(take)?.["scn"]) === id) ?? null;
    if (found !== (raw["cur"] === "" ? null : (raw["cur"] ?? null))) {
      repairs.push({ root: "scenes", id, key: "cur", value: found, name: "take" });
    }
  }
  return repairs;
}

function newestTakes(all: ReadonlyMap<string, Raw>): Map<string, { readonly n: number; readonly id: string }> {
  const newest = new Map<string, { n: number; id: string }>();
  for (const [id, raw] of all) {
    const scene = idOrNull(raw["scn"]);
    const state = raw["st"] ?? null;
    if (scene !== null && (state === null || state === "complete")) {
      const n = typeof raw["n"] === "number" && Number.isSafeInteger(raw["n"]) && raw["n"] >= 0 ? raw["n"] : 0;
      const known = newest.get(scene);
      if (known === undefined || n > known.n || (n === known.n && id > known.id)) {
        newest.set(scene, { n, id });
      }
    }
  }
  return newest;
}

function placeOf(root: Root, holder: Node | undefined): string {
  return `${family(root)[0] ?? root} ${holder === undefined ? "" : keyOf(holder)}`;
}

function put(groups: Map<string, Node[]>, place: string, node: Node): void {
  const group = groups.get(place);
  if (group === undefined) {
    groups.set(place, [node]);
  } else {
    group.push(node);
  }
}

/**
 * `outline`: acts, sequences and scenes within each other (`in`), scenes with `shots` and `beats`; then what stands in none
 * of them. Every entity has its `id` and the registers that hold something.
 */
export function view(content: Content, { story, repairs }: Resolved): Record<string, unknown> {
  const raws = new Map(ROOTS.map((root) => [root, entities(content, root)]));
  const shown = new Map(repairs.filter((repair) => repair.name === "take").map((repair) => [repair.id, repair.value]));
  const entity = (node: Node): Record<string, unknown> => {
    const registers = said(node.root, raws.get(node.root)?.get(node.id) ?? {});
    if (node.root === "scenes" && shown.has(node.id)) {
      const others = Object.entries({ ...registers, cur: shown.get(node.id) ?? null }).filter(([, value]) => value !== null);
      return { ...Object.fromEntries(others), k: "scene", id: node.id };
    }
    const kind = KINDS[node.root];
    return { ...registers, ...(kind === undefined ? {} : { k: kind }), id: node.id };
  };
  const outline = (holder?: Node): Record<string, unknown>[] =>
    story.within("scenes", holder).map((node) => {
      const parts = (["shots", "beats"] as const).map((root): [string, unknown[]] => [root, story.within(root, node).map(entity)]);
      const held = Object.fromEntries(parts.filter(([, nodes]) => nodes.length > 0));
      return { ...entity(node), ...(node.root === "scenes" ? {} : { in: outline(node) }), ...held };
    });
  const loose = ROOTS.filter((root) => !OUTLINE.includes(root)).map((root) => [root, story.within(root).map(entity)]);
  return { outline: outline(), ...(Object.fromEntries(loose) as Record<string, unknown>) };
}
