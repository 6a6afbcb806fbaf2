/**
 * Who is here and what the server is doing, read from awareness states (documents.md A14).
 * States are others' JSON: whatever does not fit is left out.
 */

import { colourOf, intOf, isRecord, recordOf, textOf, type JsonRecord } from "../json.ts";

export interface Person {
  readonly client: number;
  /** Stamped by the hub: one person may be here in several windows. */
  readonly user: string;
  readonly name: string;
  readonly colour: string;
  /** The prompt that they have the caret in; anchor and head are Yjs relative positions as JSON. */
  readonly cursor: { readonly scene: string; readonly anchor: JsonRecord; readonly head: JsonRecord } | null;
  /** The scene that they look at. */
  readonly scene: string | null;
}

export interface Tick {
  readonly run: string;
  readonly stage: string;
  readonly pct: number;
  readonly state: string;
}

export interface Presence {
  readonly people: readonly Person[];
  readonly ticks: ReadonlyMap<string, Tick>;
}

const NEUTRAL = "#9aa3b2";

/** `own`: the awareness client id of this page, which is left out. */
export function readPresence(states: ReadonlyMap<number, unknown>, own: number): Presence {
  const people: Person[] = [];
  const ticks = new Map<string, Tick>();
  for (const [client, state] of states) {
    const user = recordOf(recordOf(state)["user"]);
    if (user["kind"] === "server" && user["id"] === undefined) {
      // only people's entries carry an id, and the hub stamps it on each of them: nobody can pose as the server
      readTicks(recordOf(state)["ticks"], ticks);
    } else if (client !== own && isRecord(state) && textOf(user["name"]) !== "") {
      people.push(readPerson(client, user, state));
    }
  }
  people.sort((a, b) => a.client - b.client);
  return { people, ticks };
}

function readPerson(client: number, user: JsonRecord, state: JsonRecord): Person {
  const cursor = recordOf(state["cursor"]);
  const { anchor, head } = cursor;
  const scene = textOf(cursor["scene"]);
  const view = textOf(state["scene"]);
  return {
    client,
    user: textOf(user["id"], String(client)),
    name: textOf(user["name"]),
    colour: colourOf(user["color"], NEUTRAL),
    cursor: scene !== "" && isRecord(anchor) && isRecord(head) ? { scene, anchor, head } : null,
    scene: view === "" ? null : view,
  };
}

function readTicks(value: unknown, ticks: Map<string, Tick>): void {
  for (const [scene, each] of Object.entries(recordOf(value))) {
    const tick = recordOf(each);
    ticks.set(scene, {
      run: textOf(tick["run"]),
      stage: textOf(tick["stage"]),
      pct: intOf(tick["pct"], 0, 0, 100),
      state: textOf(tick["st"], "running"),
    });
  }
}
