/**
 * The one timeline gesture of this page: a new scene's clip, so that the film has a place for it.
 * Trimming and moving clips belong to a timeline editor, which this is not.
 */

import * as Y from "yjs";

import { newId } from "../ids.ts";
import { keyBetween, type Random } from "../storyboard/order-key.ts";
import { MAIN_TRACK } from "./content.ts";
import { lastOrd } from "./read.ts";

/** A clip on the main track after all others that shows the newest take of `scene`. `frames`: its visible length. */
export function appendClip(doc: Y.Doc, scene: string, frames: number, random: Random): void {
  const id = newId("clp");
  doc.transact(() => {
    const clip = new Y.Map<unknown>();
    const registers: [string, unknown][] = [
      ["t", MAIN_TRACK],
      ["ord", keyBetween(lastOrd(doc), null, random)],
      ["z", 0],
      ["in", 0],
      ["out", frames],
      ["slip", 0],
      ["anc", null],
      ["root", id],
      ["scn", scene],
      ["sht", null],
      ["src", { k: "scene", take: "latest" }],
      ["spd", [1, 1]],
      ["on", true],
      ["lock", false],
    ];
    for (const [key, value] of registers) {
      clip.set(key, value);
    }
    doc.getMap("clips").set(id, clip);
  });
}
