import { expect, test } from "vitest";

import { describeSave, initialSaveState, reduceSave, saveStatus, type SaveEvent, type SaveState } from "../src/session/save-status.ts";

const DOCUMENTS = ["sb", "tl"];
const run = (events: readonly SaveEvent[], from: SaveState = initialSaveState(DOCUMENTS)): SaveState => events.reduce(reduceSave, from);
const each = (make: (document: string) => SaveEvent): SaveEvent[] => DOCUMENTS.map(make);

const OPEN: SaveEvent[] = [{ type: "socket", open: true }];
const LET_IN = each((document) => ({ type: "authenticated", document }));
const SYNCED = each((document) => ({ type: "synced", document }));
const ACKNOWLEDGED = each((document) => ({ type: "unacknowledged", document, count: 0 }));
const SAVED = run([...OPEN, ...LET_IN, ...SYNCED, ...ACKNOWLEDGED]);

function edit(state: SaveState, times: number): SaveState {
  let next = state;
  for (let count = 1; count <= times; count += 1) {
    next = run([{ type: "edited", document: "sb" }, { type: "unacknowledged", document: "sb", count }], next);
  }
  return next;
}

test("from opening to saved", () => {
  expect(saveStatus(run([]))).toEqual({ kind: "syncing", pending: 0 });
  expect(saveStatus(run(OPEN))).toEqual({ kind: "connected" });
  expect(saveStatus(run([...OPEN, ...LET_IN]))).toEqual({ kind: "syncing", pending: 0 });
  expect(saveStatus(run([...OPEN, ...LET_IN, ...SYNCED]))).toEqual({ kind: "syncing", pending: 0 });
  expect(saveStatus(SAVED)).toEqual({ kind: "saved" });
});

test("each edit counts until it is acknowledged", () => {
  const three = edit(SAVED, 3);
  expect(saveStatus(three)).toEqual({ kind: "unsaved", pending: 3 });
  const one = run([{ type: "unacknowledged", document: "sb", count: 1 }], three);
  expect(describeSave(saveStatus(one))).toBe("Unsaved (1 pending)");
  expect(saveStatus(run([{ type: "unacknowledged", document: "sb", count: 0 }], one))).toEqual({ kind: "saved" });
});

test("edits made offline are counted, and stay counted while the reconnected provider counts from one again", () => {
  const offline = edit(run([{ type: "socket", open: false }], SAVED), 4);
  expect(describeSave(saveStatus(offline))).toBe("Offline, unsaved (4 pending)");
  const back = run([...OPEN, ...LET_IN, { type: "unacknowledged", document: "sb", count: 1 }], offline);
  expect(saveStatus(back)).toEqual({ kind: "syncing", pending: 4 });
  expect(saveStatus(run([...SYNCED, ...ACKNOWLEDGED], back))).toEqual({ kind: "saved" });
});

test("a browser that knows it is offline says so although the socket does not know yet", () => {
  expect(saveStatus(run([{ type: "network", online: false }], SAVED))).toEqual({ kind: "offline", pending: 0 });
});

test("a first connection that fails is offline", () => {
  expect(saveStatus(run([{ type: "socket", open: false }])).kind).toBe("offline");
});

test("a refusal is told with its reason until the document is let in again", () => {
  const refused = run([{ type: "refused", document: "sb", reason: "schema.server_key" }], SAVED);
  expect(describeSave(saveStatus(refused))).toBe("Refused: schema.server_key");
  expect(saveStatus(run([{ type: "socket", open: false }], refused)).kind).toBe("refused");
  expect(saveStatus(run(LET_IN, refused)).kind).toBe("saved");
});
