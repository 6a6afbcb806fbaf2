/**
 * What gestures of a storyboard are made of (`sync/storyboard/hand.py`): where something goes, and registers written so that
 * others keep theirs. Which gesture does what is said in `scenes.ts` and `gestures.ts`.
 */

import * as Y from "yjs";

import { GestureImpossible, NoSuchEntity, PREPARATION, SchemaKey, ServerOnly } from "../gesture.ts";
import { newId } from "../ids.ts";
import { canonical } from "../json.ts";
import { isId, type Raw } from "../registers.ts";
import { diffText } from "../text/diff.ts";
import { AUTHORS, nodesOf, PARENTS, plain, readNode, SERVERS, STRUCTURE, TEXTS, type Node, type Root } from "./content.ts";
import { hasRoom, insertedKey, type Random } from "./order-key.ts";
import { family, isSame, Tree } from "./tree.ts";

const PREFIXES: Readonly<Record<Root, string>> = {
  acts: "act",
  seqs: "seq",
  scenes: "scn",
  shots: "sht",
  beats: "bt",
  env: "env",
  props: "prp",
  looks: "look",
};

export interface Hands {
  readonly random: Random;
  /** Who deletes; when is asked for each gesture (ms since 1970). */
  readonly by: string;
  readonly now_ms: () => number;
  /** The origin of what is done, by which undo knows its own. */
  readonly origin?: unknown;
}

export type Registers = Raw;
/** The registers `par` and `ord`. */
export type Place = readonly [string, string];

export class Hand {
  readonly doc: Y.Doc;
  protected tree = new Tree([]);
  readonly #hands: Hands;
  /** What is written when the gesture is through: nothing of one that cannot be done. */
  #made: { readonly root: Root; readonly id: string; readonly raw: Record<string, unknown> }[] = [];
  #writes = new Map<string, { readonly root: Root; readonly id: string; readonly key: string; value: unknown }>();

  constructor(doc: Y.Doc, hands: Hands) {
    this.doc = doc;
    this.#hands = hands;
  }

  /**
   * One transaction. New entities are made deleted first, outside undo's sight, and then brought to life: so undo of an
   * insertion writes `del` (consistency.md C20).
   */
  protected gesture<Result>(act: () => Result): Result {
    this.tree = new Tree(nodesOf(this.doc));
    this.#made = [];
    this.#writes = new Map();
    const result = act();
    const made = this.#made;
    if (made.length > 0) {
      this.doc.transact(() => {
        for (const { root, id, raw } of made) {
          this.doc.getMap(root).set(id, new Y.Map(Object.entries(sharedOf(root, { ...raw, del: this.mark() }))));
        }
      }, PREPARATION);
    }
    if (made.length + this.#writes.size > 0) {
      this.doc.transact(() => {
        for (const { root, id } of made) {
          this.#entity(root, id).set("del", null);
        }
        for (const { root, id, key, value } of this.#writes.values()) {
          this.#put(root, id, key, value);
        }
      }, this.#hands.origin);
    }
    return result;
  }

  // What is there -----------------------------------------------------------------------------------------

  /** One that is seen. Throws `NoSuchEntity`. */
  protected node(root: Root, id: string): Node {
    const node = this.tree.get(root, id);
    if (node === undefined || !this.tree.isSeen(node)) {
      throw new NoSuchEntity(root, id);
    }
    return node;
  }

  /** Its registers as plain JSON, what this gesture writes included. */
  protected held(node: Node): Record<string, unknown> {
    const made = this.#made.find((each) => each.root === node.root && each.id === node.id);
    const raw = made?.raw ?? this.#entity(node.root, node.id).toJSON();
    const written = [...this.#writes.values()].filter((write) => write.root === node.root && write.id === node.id);
    return plain({ ...raw, ...Object.fromEntries(written.map(({ key, value }) => [key, value])) }) as Record<string, unknown>;
  }

  /** One of its registers, for who looks at many entities. */
  protected register(node: Node, key: string): unknown {
    const made = this.#made.find((each) => each.root === node.root && each.id === node.id);
    const written = this.#writes.get(`${node.root}/${node.id}/${key}`);
    return plain(written?.value ?? (made === undefined ? this.#entity(node.root, node.id).get(key) : made.raw[key]));
  }

  protected mark(): { readonly by: string; readonly at: number } {
    return { by: this.#hands.by, at: this.#hands.now_ms() };
  }

  #entity(root: string, id: string): Y.Map<unknown> {
    const entity = this.doc.getMap(root).get(id);
    if (!(entity instanceof Y.Map)) {
      throw new NoSuchEntity(root, id);
    }
    return entity as Y.Map<unknown>;
  }

  /** What `parent` names; undefined: the storyboard itself. */
  #holder(root: Root, parent: string): Node | undefined {
    if (parent === "") {
      if (root === "shots") {
        throw new GestureImpossible("a shot belongs to a scene");
      }
      return undefined;
    }
    const found = PARENTS[root].map((above) => this.tree.get(above, parent)).find((node) => node !== undefined && this.tree.isSeen(node));
    if (found === undefined) {
      throw new NoSuchEntity(PARENTS[root][0] ?? root, parent);
    }
    return found;
  }

  /** What stands there, or the parent of it, in front of which an entity of `root` can stand. */
  #before(root: Root, id: string): Node {
    const found = [...family(root)].reverse().map((each) => this.tree.get(each, id));
    let node = found.find((each) => each !== undefined && this.tree.isSeen(each));
    if (node === undefined) {
      throw new NoSuchEntity(root, id);
    }
    for (let above = this.tree.parent(node); above !== undefined && !PARENTS[root].includes(above.root); above = this.tree.parent(above)) {
      node = above;
    }
    return node;
  }

  // Where it goes -----------------------------------------------------------------------------------------

  /** What is put in front of `before`, or at the end of `parent`. */
  protected place(root: Root, parent: string, before: string | null, moving?: Node): Place {
    if (before === null) {
      return this.at(root, this.#holder(root, parent), undefined, moving);
    }
    const follower = this.#before(root, before);
    return this.at(root, this.tree.parent(follower), follower, moving);
  }

  /** What is put directly behind it. */
  protected behind(node: Node): Place {
    const above = this.tree.parent(node);
    const siblings = this.tree.siblings(node.root, above);
    return this.at(node.root, above, siblings[siblings.findIndex((each) => isSame(each, node)) + 1]);
  }

  protected at(root: Root, above: Node | undefined, follower?: Node, moving?: Node): Place {
    if (moving !== undefined && isSame(follower, moving)) {
      return [moving.par, moving.ord];
    }
    const siblings = this.tree.siblings(root, above).filter((node) => moving === undefined || !isSame(node, moving));
    const index = follower === undefined ? siblings.length : siblings.findIndex((node) => isSame(node, follower));
    const [low, high] = [siblings[index - 1]?.ord ?? "", siblings[index]?.ord];
    const par = above?.id ?? "";
    if (moving?.par === par && hasRoom(low, moving.ord) && (high === undefined || hasRoom(moving.ord, high))) {
      return [par, moving.ord];
    }
    const [key, others] = insertedKey(siblings.map((node) => node.ord), index, this.#hands.random);
    siblings.forEach((node, place) => {
      const other = others.get(place);
      if (other !== undefined) {
        this.set(node, "ord", other);
      }
    });
    return [par, key];
  }

  // Writing -----------------------------------------------------------------------------------------------

  protected added(root: Root, registers: Registers, parent: string, before: string | null, id?: string): string {
    return this.gesture(() => this.create(root, id, this.place(root, parent, before), registers));
  }

  protected edited(root: Root, id: string, registers: Registers): void {
    this.gesture(() => {
      const node = this.node(root, id);
      for (const [key, value] of Object.entries(registers)) {
        this.write(node, key, value);
      }
    });
  }

  protected moved(root: Root, id: string, parent: string, before: string | null): void {
    this.gesture(() => {
      const node = this.node(root, id);
      this.stand(node, this.place(root, parent, before, node));
    });
  }

  protected deleted(root: Root, id: string): void {
    this.gesture(() => {
      this.set(this.node(root, id), "del", this.mark());
    });
  }

  protected restored(root: Root, id: string): void {
    this.gesture(() => {
      const node = this.tree.get(root, id);
      if (node === undefined) {
        throw new NoSuchEntity(root, id);
      }
      this.set(node, "del", null);
      if (node.into !== null) {
        this.set(node, "into", null);
      }
    });
  }

  /** With all that it has at once, under a fresh id (documents.md A7); what holds nothing is left out. */
  protected create(root: Root, id: string | undefined, [par, ord]: Place, registers: Registers): string {
    const entity = id ?? newId(PREFIXES[root], Uint8Array.from({ length: 16 }, () => Math.floor(this.#hands.random() * 256)));
    if (!isId(entity) || this.tree.get(root, entity) !== undefined || this.doc.getMap(root).has(entity)) {
      throw new GestureImpossible("an id is used once");
    }
    const text = TEXTS[root];
    const raw: Record<string, unknown> = { ord, ...(PARENTS[root].length > 0 ? { par } : {}), ...(text === undefined ? {} : { [text]: "" }) };
    for (const [key, value] of Object.entries(registers)) {
      check(root, key);
      if (value !== null) {
        raw[key] = value;
      }
    }
    this.#made.push({ root, id: entity, raw });
    this.tree.put(readNode(root, entity, raw));
    return entity;
  }

  protected stand(node: Node, [par, ord]: Place): void {
    if (PARENTS[node.root].length > 0) {
      this.set(node, "par", par);
    }
    this.set(node, "ord", ord);
  }

  /** What a person may write. Throws `SchemaKey`, `ServerOnly`. */
  protected write(node: Node, key: string, value: unknown): void {
    check(node.root, key);
    this.set(node, key, value);
  }

  /** What is written already is not written again (documents.md A9). */
  protected set(node: Node, key: string, value: unknown): void {
    const held = this.held(node);
    if (canonical(held[key] ?? null) !== canonical(plain(value))) {
      this.#writes.set(`${node.root}/${node.id}/${key}`, { root: node.root, id: node.id, key, value });
      if (STRUCTURE.includes(key)) {
        this.tree.put(readNode(node.root, node.id, { ...held, [key]: value }));
      }
    }
  }

  /** Of a text only what differs. */
  #put(root: Root, id: string, key: string, value: unknown): void {
    const entity = this.#entity(root, id);
    const text = key === TEXTS[root] ? entity.get(key) : null;
    if (text instanceof Y.Text && typeof value === "string") {
      const edit = diffText(text.toJSON(), value, value.length);
      if (edit !== null) {
        text.delete(edit.index, edit.remove);
        text.insert(edit.index, edit.insert);
      }
    } else if (key === TEXTS[root]) {
      throw new GestureImpossible(`${id} has no ${key}`);
    } else {
      entity.set(key, value);
    }
  }
}

function check(root: Root, key: string): void {
  if (root === "scenes" && SERVERS.includes(key)) {
    throw new ServerOnly(`${root}.${key}`);
  }
  if (!AUTHORS[root].includes(key)) {
    throw new SchemaKey(`${root}.${key}`);
  }
}

function sharedOf(root: Root, raw: Raw): Raw {
  const text = TEXTS[root];
  const value = text === undefined ? undefined : raw[text];
  return text === undefined || typeof value !== "string" ? raw : { ...raw, [text]: new Y.Text(value) };
}
