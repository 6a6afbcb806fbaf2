/**
 * The storyboard's gestures as this page makes them: whose they are, and what a scene's place in the list means.
 * Server-only keys and roots (documents.md A1) are never written here.
 */

import type * as Y from "yjs";

import { nodesOf } from "./content.ts";
import { Storyboard } from "./gestures.ts";
import type { Random } from "./order-key.ts";
import { ESTIMATE_FRAMES } from "./read.ts";
import { Story } from "./resolve.ts";
import { parseSlug } from "./slug.ts";
import { isSame, Tree } from "./tree.ts";
import { undoOf } from "./undo.ts";

/** Transactions with this origin are the person's own: they are what undo undoes. */
export const OWN_EDIT = "storyforge.own-edit";

export interface Author {
  readonly id: string;
}

/** The gestures of the one who looks at the page. */
export class OwnEdits {
  readonly undo: Y.UndoManager;
  readonly doc: Y.Doc;
  readonly #hand: Storyboard;

  constructor(doc: Y.Doc, author: Author, random: Random = Math.random, now_ms: () => number = Date.now) {
    this.doc = doc;
    this.undo = undoOf(doc, OWN_EDIT);
    this.#hand = new Storyboard(doc, { random, by: author.id, now_ms, origin: OWN_EDIT });
  }

  /** A new scene after all others; answers its id. */
  addScene(): string {
    return this.#hand.addScene({ slug: parseSlug(""), est_f: ESTIMATE_FRAMES });
  }

  deleteScene(id: string): void {
    this.#hand.deleteScene(id);
  }

  /** Puts the scene `steps` places further down in the story (negative: up), into what the scene there is in. */
  moveScene(id: string, steps: number): void {
    const story = new Story(new Tree(nodesOf(this.#hand.doc)));
    const scenes = story.scenes();
    const from = scenes.findIndex((scene) => scene.id === id);
    const target = scenes[Math.max(0, Math.min(scenes.length - 1, from + steps))];
    if (from < 0 || target === undefined || target.id === id) {
      return;
    }
    if (steps < 0) {
      this.#hand.moveScene(id, "", target.id);
      return;
    }
    const holder = story.tree.holder(target);
    const siblings = story.within("scenes", holder).filter((node) => node.root !== "scenes" || node.id !== id);
    const next = siblings[siblings.findIndex((node) => isSame(node, target)) + 1];
    this.#hand.moveScene(id, holder?.id ?? "", next?.id ?? null);
  }

  setTitle(id: string, title: string): void {
    this.#hand.editScene(id, { title: title.trim() });
  }

  setHeading(id: string, heading: string): void {
    this.#hand.editScene(id, { slug: parseSlug(heading) });
  }
}
