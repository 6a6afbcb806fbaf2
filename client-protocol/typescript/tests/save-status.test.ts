import { expect, test } from "vitest";

import { describeSave, saveStatus, type Saved } from "../src/session/save-status.ts";

const client = (status: Saved["status"], unsaved = 0, denied: string | null = null): Saved => ({ status, unsaved, denied });
const SAVED = client("saved");

test("from opening to saved", () => {
  const offline = [client("offline"), client("offline")];
  expect(saveStatus(offline, true, false)).toEqual({ kind: "syncing", pending: 0 });
  expect(saveStatus([client("connecting"), client("connecting")], true, true)).toEqual({ kind: "connected" });
  expect(saveStatus([client("syncing"), client("connecting")], true, true)).toEqual({ kind: "syncing", pending: 0 });
  expect(saveStatus([client("unsaved"), SAVED], true, true)).toEqual({ kind: "syncing", pending: 0 });
  expect(saveStatus([SAVED, SAVED], true, true)).toEqual({ kind: "saved" });
});

test("each edit counts until it is acknowledged", () => {
  expect(saveStatus([client("unsaved", 2), client("unsaved", 1)], true, true)).toEqual({ kind: "unsaved", pending: 3 });
  expect(describeSave(saveStatus([client("unsaved", 1), SAVED], true, true))).toBe("Unsaved (1 pending)");
});

test("edits made offline are counted, and stay counted until the hub has them", () => {
  expect(describeSave(saveStatus([client("offline", 4), client("offline")], true, true))).toBe("Offline, unsaved (4 pending)");
  expect(saveStatus([client("connecting", 4), SAVED], true, true)).toEqual({ kind: "syncing", pending: 4 });
});

test("a browser that knows it is offline says so although the socket does not know yet", () => {
  expect(saveStatus([SAVED, SAVED], false, true)).toEqual({ kind: "offline", pending: 0 });
});

test("a first connection that fails is offline", () => {
  expect(saveStatus([client("offline"), client("offline")], true, true).kind).toBe("offline");
});

test("who is not let in is told why, also while offline", () => {
  const refused = [client("refused", 0, "token.revoked"), client("offline")];
  expect(describeSave(saveStatus(refused, false, true))).toBe("Refused: token.revoked");
});
