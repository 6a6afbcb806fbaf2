/** The TypeScript client on a real hub: `tests/interop/test_native_typescript.py` starts both. */

import { afterAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import * as Y from "yjs";

import { type Change, FROM_HUB, NativeClient } from "../../src/session/native-client.ts";
import type { ProjectEvent } from "../../src/session/native-frames.ts";
import { NativeSocket } from "../../src/session/native-socket.ts";
import { Recorder } from "../../src/session/replay.ts";

const setting = (name: string): string => process.env[name] ?? expect.fail(`${name} is not set`);
const URL = setting("STORYFORGE_HUB");
const DOCUMENT = setting("STORYFORGE_DOCUMENT");
const open: NativeSocket[] = [];

interface Live {
  readonly edit: (change: Change) => void;
  readonly show: (payload: Uint8Array) => void;
  readonly follow: () => void;
  readonly made: (update: Uint8Array, change: Change) => void;
  readonly client: NativeClient;
  readonly until: (found: () => boolean) => Promise<void>;
  readonly sockets: WebSocket[];
}

function join(
  token: string,
  shown: (user: string, payload: Uint8Array) => void = () => undefined,
  happened: (event: ProjectEvent) => void = () => undefined,
): Live {
  const watchers = new Set<() => void>();
  const sockets: WebSocket[] = [];
  const changed = (): void => {
    watchers.forEach((watcher) => {
      watcher();
    });
  };
  const client = new NativeClient({
    document: DOCUMENT,
    token,
    shown: (user, payload) => {
      shown(user, payload);
      changed();
    },
    happened,
  });
  const socket = new NativeSocket(
    [client],
    (subprotocol) => {
      const made = new WebSocket(`${URL}/collab`, subprotocol);
      sockets.push(made);
      return made;
    },
    changed,
  );
  open.push(socket);
  const until = (found: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (found()) {
          watchers.delete(look);
          resolve();
        }
      };
      watchers.add(look);
      look();
    });
  const edit = (change: Change): void => { socket.say(client.edit(change)); };
  const show = (payload: Uint8Array): void => { socket.say(client.show(payload)); };
  const follow = (): void => { socket.say(client.follow()); };
  const made = (update: Uint8Array, change: Change): void => { socket.say(client.made(update, change)); };
  return { edit, show, follow, made, client, until, sockets };
}

const put =
  (key: string, value: unknown, root = "ext"): Change =>
  (doc) =>
    doc.getMap(root).set(key, value);
/** So many scenes with as long a prompt as may be. */
const scenes =
  (number: number, count: number): Change =>
  (doc) => {
    for (let index = 0; index < count; index += 1) {
      const scene = new Y.Map([["prompt", new Y.Text("x".repeat(8_000))]]);
      doc.getMap("scenes").set(`ts_large${number}_${index}`, scene);
    }
  };
const ext = (client: NativeClient): Y.Map<unknown> => client.doc.getMap("ext");
const saved = (live: Live): Promise<void> => live.until(() => live.client.status === "saved");

afterAll(() => {
  open.forEach((socket) => {
    socket.close();
  });
});

test("W51 two clients edit, are told that it is saved, and hold the same", async () => {
  const ada = join(setting("STORYFORGE_TOKEN"));
  const ben = join(setting("STORYFORGE_OTHER_TOKEN"));
  for (let number = 0; number < 20; number += 1) {
    ada.edit(put(`ts.a${number}`, number));
    ben.edit(put(`ts.b${number}`, number));
  }
  await Promise.all([saved(ada), saved(ben)]);
  await ada.until(() => ext(ada.client).has("ts.b19"));
  await ben.until(() => ext(ben.client).has("ts.a19"));
  expect(ada.client.savedSeq).toBeGreaterThan(1);
  expect(ext(ada.client).toJSON()).toEqual(ext(ben.client).toJSON());
});

test("W52 of three edits the refused one is told and the others are in", async () => {
  const ada = join(setting("STORYFORGE_TOKEN"));
  await saved(ada);
  const before = ada.client.doc;
  for (const change of [put("ts.first", 1), put("evil", 1, "evil"), put("ts.third", 3)]) {
    ada.edit(change);
  }
  await ada.until(() => ada.client.refused.length === 1);
  await saved(ada);
  expect(ada.client.refused[0]).toMatchObject({ status: 4422, reason: "schema.root" });
  expect(ada.client.doc).not.toBe(before);
  expect(ext(ada.client).get("ts.first")).toBe(1);
  expect(ext(ada.client).get("ts.third")).toBe(3);
  expect(ada.sockets).toHaveLength(1);
});

test("W52 what was written in the document itself is made again without the refused part", async () => {
  const ada = join(setting("STORYFORGE_TOKEN"));
  await saved(ada);
  const { doc } = ada.client;
  const recorder = new Recorder(doc);
  doc.on("update", (update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
    const change = recorder.record(transaction);
    if (origin !== FROM_HUB && origin !== ada.client) {
      ada.made(update, change);
    }
  });
  const scene = [...doc.getMap<Y.Map<unknown>>("scenes").entries()].find(([id]) => id.startsWith("scn_"))!;
  const prompt = scene[1].get("prompt") as Y.Text;
  doc.getMap("ext").set("ts.written", 1);
  doc.getMap("evil").set("evil", 1);
  prompt.insert(0, "Made again. ");
  await ada.until(() => ada.client.refused.length === 1);
  await saved(ada);
  const now = ada.client.doc.getMap<Y.Map<unknown>>("scenes").get(scene[0])!.get("prompt") as Y.Text;
  expect(ada.client.doc).not.toBe(doc);
  expect(now.toJSON()).toMatch(/^Made again. /);
  expect(ext(ada.client).get("ts.written")).toBe(1);
  expect(ada.client.refused[0]).toMatchObject({ reason: "schema.root", error: null });
});

test("what was edited while the network was away comes with the next socket", async () => {
  const ada = join(setting("STORYFORGE_TOKEN"));
  await saved(ada);
  ada.sockets[0]!.terminate();
  await ada.until(() => ada.client.status === "offline");
  for (let number = 0; number < 500; number += 1) {
    ada.edit(put("ts.offline", number));
  }
  await saved(ada);
  const ben = join(setting("STORYFORGE_OTHER_TOKEN"));
  await ben.until(() => ext(ben.client).get("ts.offline") === 499);
});

test("W54 strokes reach the others, with the person", async () => {
  const seen: [string, string][] = [];
  const ada = join(setting("STORYFORGE_TOKEN"));
  const ben = join(setting("STORYFORGE_OTHER_TOKEN"), (user, payload) => {
    seen.push([user, new TextDecoder().decode(payload)]);
  });
  await Promise.all([saved(ada), saved(ben)]);
  ada.show(new TextEncoder().encode("stroke"));
  await ben.until(() => seen.length > 0);
  expect(seen[0]![0]).toMatch(/^usr_/);
  expect(seen[0]![1]).toBe("stroke");
});

test("W65 what happens in the project is told on the same socket, also after a break", async () => {
  const kinds: string[] = [];
  const ada = join(setting("STORYFORGE_TOKEN"), undefined, ({ kind }) => {
    kinds.push(kind);
  });
  ada.follow();
  await saved(ada);
  await ada.until(() => ada.client.cursor !== null);
  const before = ada.client.cursor!;
  ada.sockets[0]!.terminate();
  await ada.until(() => ada.client.status === "offline");
  ada.edit((doc) => {
    const scene = [...doc.getMap<Y.Map<unknown>>("scenes").values()][0]!;
    scene.set("title", `Told ${before}`);
  });
  await ada.until(() => kinds.includes("scene"));
  expect(kinds.filter((kind) => kind === "following")).toHaveLength(2);
  expect(ada.client.cursor!).toBeGreaterThan(before);
});

test("W55 a large document passes in fragments, both ways", async () => {
  const ada = join(setting("STORYFORGE_TOKEN"));
  await saved(ada);
  ada.sockets[0]!.terminate();
  await ada.until(() => ada.client.status === "offline");
  for (let number = 0; number < 12; number += 1) {
    ada.edit(scenes(number, 6));
  }
  await saved(ada);
  const ben = join(setting("STORYFORGE_OTHER_TOKEN"));
  await saved(ben);
  expect(ben.client.doc.getMap("scenes").toJSON()).toEqual(ada.client.doc.getMap("scenes").toJSON());
});
