/**
 * What a person does to the storyboard, each gesture one transaction that can be undone.
 * Server-only keys and roots (documents.md A1) are never written here.
 */

import * as Y from "yjs";

import { newId } from "../ids.ts";
import { compareOrdered, keyBetween, placeAt, type Random } from "./order-key.ts";
import { ESTIMATE_FRAMES, readScenes, sceneEntity, scenesRoot, type Entity } from "./read.ts";
import type { SceneView } from "./model.ts";
import { parseSlug } from "./slug.ts";

/** Transactions with this origin are the person's own: they are what undo undoes. */
export const OWN_EDIT = "storyforge.own-edit";
/** Preparations that undo must leave alone. */
const PREPARATION = "storyforge.preparation";

export interface Author {
  readonly id: string;
}

/**
 * A new scene after all others; answers its id. Undo of an insertion writes `del` (consistency.md C20): the entity is
 * made deleted first, outside undo's sight, and then brought to life.
 */
export function addScene(doc: Y.Doc, author: Author, now_ms: number, random: Random): string {
  const scenes = readScenes(doc);
  const id = newId("scn");
  doc.transact(() => {
    const scene: Entity = new Y.Map();
    const fields: [string, unknown][] = [
      ["ord", keyBetween(scenes.at(-1)?.ord ?? null, null, random)],
      ["par", ""],
      ["num", nextNumber(scenes)],
      ["slug", parseSlug("")],
      ["title", ""],
      ["prompt", new Y.Text()],
      ["dlg", []],
      ["est_f", ESTIMATE_FRAMES],
      ["del", deletion(author, now_ms)],
    ];
    for (const [key, value] of fields) {
      scene.set(key, value);
    }
    scenesRoot(doc).set(id, scene);
  }, PREPARATION);
  setRegister(doc, id, "del", null);
  return id;
}

export function deleteScene(doc: Y.Doc, id: string, author: Author, now_ms: number): void {
  setRegister(doc, id, "del", deletion(author, now_ms));
}

/** Puts the scene `steps` places further down (negative: up). Answers whether it moved. */
export function moveScene(doc: Y.Doc, id: string, steps: number, random: Random): boolean {
  const scenes = readScenes(doc);
  const from = scenes.findIndex((scene) => scene.id === id);
  const to = Math.max(0, Math.min(scenes.length - 1, from + steps));
  if (from < 0 || to === from) {
    return false;
  }
  const others = scenes.filter((scene) => scene.id !== id).sort(compareOrdered);
  doc.transact(() => {
    for (const [scene, ord] of placeAt(others, to, id, random)) {
      sceneEntity(doc, scene)?.set("ord", ord);
    }
  }, OWN_EDIT);
  return true;
}

export function setTitle(doc: Y.Doc, id: string, title: string): void {
  setRegister(doc, id, "title", title.trim());
}

export function setSlug(doc: Y.Doc, id: string, heading: string): void {
  setRegister(doc, id, "slug", parseSlug(heading));
}

/** Undo and redo of what this person did, and of nobody else. */
export function undoOf(doc: Y.Doc): Y.UndoManager {
  return new Y.UndoManager([scenesRoot(doc)], {
    trackedOrigins: new Set([OWN_EDIT]),
    ignoreRemoteMapChanges: true,
    captureTimeout: 600,
  });
}

function setRegister(doc: Y.Doc, id: string, key: string, value: unknown): void {
  const scene = sceneEntity(doc, id);
  if (scene !== null && JSON.stringify(scene.get(key)) !== JSON.stringify(value)) {
    doc.transact(() => {
      scene.set(key, value);
    }, OWN_EDIT);
  }
}

function deletion(author: Author, now_ms: number): { by: string; at: number } {
  return { by: author.id, at: now_ms };
}

/** One more than the highest: moving a scene never renumbers it. */
function nextNumber(scenes: readonly SceneView[]): string {
  return String(scenes.reduce((highest, scene) => Math.max(highest, Number.parseInt(scene.number, 10) || 0), 0) + 1);
}
