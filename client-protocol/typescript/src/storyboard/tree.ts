/**
 * The tree of a storyboard, the same as `sync/storyboard/tree.py`: what stands where, and what is seen of it, whatever people
 * did to it at once. A deleted act or sequence is as if it were not there: what stands in it is seen in its place. A deleted
 * scene hides its shots, unless it was merged into another, which then shows them after its own (decision 0019).
 */

import { compareText } from "../json.ts";
import { OUTLINE, PARENTS, type Node, type Root } from "./content.ts";
import { rekeyed } from "./order-key.ts";

/** Of a path: the rank of what came by a merge, else 0; the order key; the id; the root. */
type Step = readonly [number, string, string, string];

export class Tree {
  readonly nodes: Map<string, Node>;
  /** Scenes that were merged in a circle, and live again. */
  readonly unmerged: readonly string[];
  #ends = new Map<string, Node | undefined>();
  #ranks: ReadonlyMap<string, number> | null = null;

  constructor(nodes: Iterable<Node>) {
    this.nodes = new Map([...nodes].map((node) => [keyOf(node), node]));
    this.unmerged = inCircles(this.nodes);
    for (const id of this.unmerged) {
      const node = this.get("scenes", id);
      if (node !== undefined) {
        this.put({ ...node, isDeleted: false, into: null });
      }
    }
  }

  get(root: Root, id: string): Node | undefined {
    return this.nodes.get(`${root}/${id}`);
  }

  put(node: Node): void {
    this.nodes.set(keyOf(node), node);
    this.#ends = new Map();
    this.#ranks = null;
  }

  /** What it was put into, deleted or not. */
  parent(node: Node): Node | undefined {
    for (const root of PARENTS[node.root]) {
      const found = this.get(root, node.par);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  /** Its parent is nowhere. */
  isLost(node: Node): boolean {
    return node.par !== "" && this.parent(node) === undefined;
  }

  /** In what it is seen: its parent, or where that one's content is seen; undefined: in the storyboard itself. */
  holder(node: Node): Node | undefined {
    let found = this.parent(node);
    while (found?.isDeleted === true) {
      found = found.root === "scenes" ? this.#end(found) : this.parent(found);
    }
    return found;
  }

  /** Shots and beats go with what they belong to; acts, sequences and scenes do not. */
  isSeen(node: Node): boolean {
    return !node.isDeleted && (OUTLINE.includes(node.root) || this.parent(node) === undefined || this.#shows(node));
  }

  #shows(node: Node): boolean {
    const found = this.parent(node);
    return found !== undefined && (!found.isDeleted || this.#end(found) !== undefined);
  }

  /** Where the parts of a deleted scene are seen: in what it was merged into at last. Each is looked up once. */
  #end(scene: Node): Node | undefined {
    const line: string[] = [];
    let found: Node | undefined = scene;
    while (found?.isDeleted === true && !this.#ends.has(found.id)) {
      line.push(found.id);
      found = found.into === null ? undefined : this.get("scenes", found.into);
    }
    const end = found?.isDeleted === true ? this.#ends.get(found.id) : found;
    for (const each of line) {
      this.#ends.set(each, end);
    }
    return end;
  }

  /**
   * 0 for a scene that was merged into none: its parts come first. Then scene after scene, each before those that were merged
   * into it, by their places in the story, which a repair of their keys leaves as they are.
   */
  #rank(holder: Node): number {
    this.#ranks ??= this.#ranked();
    return holder.root === "scenes" ? (this.#ranks.get(holder.id) ?? 0) : 0;
  }

  #ranked(): Map<string, number> {
    const scenes = [...this.nodes.values()].filter((node) => node.isDeleted && node.into !== null);
    const merged = new Map<string, Node[]>();
    for (const node of this.inOrder(scenes).reverse()) {
      const into = node.into ?? "";
      merged.set(into, merged.get(into) ?? []);
      merged.get(into)?.push(node);
    }
    const ids = new Set(scenes.map((node) => node.id));
    const left = [...merged].filter(([into]) => !ids.has(into)).flatMap(([, nodes]) => nodes);
    const ranks = new Map<string, number>();
    for (let node = left.pop(); node !== undefined; node = left.pop()) {
      ranks.set(node.id, ranks.size + 1);
      left.push(...(merged.get(node.id) ?? []));
    }
    return ranks;
  }

  /** Sorted by it, what is seen in one holder stands in its order, and the outline in the order of the story. */
  path(node: Node): readonly Step[] {
    let found = this.parent(node);
    if (!OUTLINE.includes(node.root)) {
      return [[found === undefined ? 0 : this.#rank(found), node.ord, node.id, node.root]];
    }
    const steps: Step[] = [[0, node.ord, node.id, node.root]];
    for (; found !== undefined; found = this.parent(found)) {
      steps.push([0, found.ord, found.id, found.root]);
    }
    return steps.reverse();
  }

  /** What was put there, in order, deleted ones too: they keep their place. */
  siblings(root: Root, parent: Node | undefined): Node[] {
    const roots = family(root);
    return [...this.nodes.values()]
      .filter((node) => roots.includes(node.root) && isSame(this.parent(node), parent))
      .sort(byOrder);
  }

  /** What is seen there, in order. */
  children(root: Root, holder: Node | undefined): Node[] {
    const roots = family(root);
    const found = [...this.nodes.values()].filter((node) => roots.includes(node.root) && this.isSeen(node));
    return this.inOrder(found.filter((node) => isSame(this.holder(node), holder)));
  }

  inOrder(nodes: readonly Node[]): Node[] {
    const paths = nodes.map((node) => ({ node, path: this.path(node) }));
    return paths.sort((one, other) => comparePaths(one.path, other.path)).map(({ node }) => node);
  }
}

export function keyOf(node: Node): string {
  return `${node.root}/${node.id}`;
}

export function isSame(one: Node | undefined, other: Node | undefined): boolean {
  return one?.root === other?.root && one?.id === other?.id;
}

/** The roots whose entities stand among each other. */
export function family(root: Root): readonly Root[] {
  return OUTLINE.includes(root) ? OUTLINE : [root];
}

/** Ties fall alike everywhere. */
export function byOrder(one: Node, other: Node): number {
  return compareText(one.ord, other.ord) || compareText(one.id, other.id) || compareText(one.root, other.root);
}

/** Of siblings in order: whose key has to be another, for room between any two. Who has none stands first. */
export function respaced(siblings: readonly Node[]): [Node, string][] {
  const keyed = siblings.filter((node) => node.ord !== "");
  const keys = rekeyed(keyed.map((node) => node.ord));
  return keyed.map((node, place): [Node, string] => [node, keys[place] ?? node.ord]).filter(([node, key]) => key !== node.ord);
}

function comparePaths(one: readonly Step[], other: readonly Step[]): number {
  for (let place = 0; place < Math.min(one.length, other.length); place += 1) {
    const [a, b] = [one[place], other[place]];
    if (a !== undefined && b !== undefined) {
      const by = a[0] - b[0] || compareText(a[1], b[1]) || compareText(a[2], b[2]) || compareText(a[3], b[3]);
      if (by !== 0) {
        return by;
      }
    }
  }
  return one.length - other.length;
}

/** Of every circle of scenes that were merged into each other, the first. */
function inCircles(nodes: ReadonlyMap<string, Node>): string[] {
  const found = new Set<string>();
  const passed = new Set<string>();
  for (const node of nodes.values()) {
    const line: string[] = [];
    let at: Node | undefined = node;
    while (at?.isDeleted === true && at.into !== null && !passed.has(at.id)) {
      passed.add(at.id);
      line.push(at.id);
      at = nodes.get(`scenes/${at.into}`);
    }
    if (at !== undefined && line.includes(at.id)) {
      found.add([...line.slice(line.indexOf(at.id))].sort(compareText)[0] ?? at.id);
    }
  }
  return [...found].sort(compareText);
}
