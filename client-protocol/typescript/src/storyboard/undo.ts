/** Undo and redo of what one person did to a storyboard, and of nobody else. */

import * as Y from "yjs";

import { ROOTS } from "./content.ts";

/** Typing within this time is one step. */
const CAPTURE_MS = 600;

/** `origin`: of the transactions that are the person's own. */
export function undoOf(doc: Y.Doc, origin: unknown): Y.UndoManager {
  return new Y.UndoManager(
    ROOTS.map((root) => doc.getMap(root)),
    { trackedOrigins: new Set([origin]), ignoreRemoteMapChanges: true, captureTimeout: CAPTURE_MS },
  );
}
