/**
 * What one transaction did to a document of roots of entities, said so that it can be done again on another replica: registers
 * are set, texts are edited where the words are now, entities are made with all that they had.
 */

import * as Y from "yjs";

import { NoSuchEntity } from "../gesture.ts";
import { isRecord } from "../json.ts";
import { diffText, mapEdit, type DeltaStep, type TextEdit } from "../text/diff.ts";
import type { Change } from "./native-client.ts";

/** Somebody has locked it meanwhile. */
export class EntityLocked extends Error {
  override readonly name = "EntityLocked";
}

type Step =
  | { readonly kind: "make"; readonly root: string; readonly id: string; readonly registers: readonly Register[] }
  | { readonly kind: "set"; readonly root: string; readonly id: string | null; readonly key: string; readonly value: unknown }
  | { readonly kind: "text"; readonly root: string; readonly id: string; readonly key: string; readonly before: string; readonly edit: TextEdit };

type Shared = Parameters<Y.Transaction["changed"]["get"]>[0];

/** A text is given as its words. */
type Register = readonly [key: string, value: unknown, isText: boolean];

/** Of one replica. It has to be there before anything is edited. */
export class Recorder {
  /** What each text said before the transaction that is under way. */
  readonly #words = new WeakMap<Y.Text, string>();
  readonly #doc: Y.Doc;

  constructor(doc: Y.Doc) {
    this.#doc = doc;
    for (const name of [...doc.share.keys()]) {
      this.#learn(doc.getMap(name)); // all roots are maps (W29)
    }
  }

  /** To be called for every transaction, whoever made it. The change that it was. */
  record(transaction: Y.Transaction): Change {
    const steps: Step[] = [];
    for (const [type, keys] of transaction.changed) {
      const place = this.#placeOf(type);
      if (type instanceof Y.Text && place.length === 3) {
        steps.push(...this.#textStep(type, place as [string, string, string]));
      } else if (type instanceof Y.Map && place.length === 1) {
        steps.push(...this.#rootSteps(type as Y.Map<unknown>, place[0] ?? "", keys));
      } else if (type instanceof Y.Map && place.length === 2) {
        steps.push(...setSteps(type as Y.Map<unknown>, place[0] ?? "", place[1] ?? "", keys));
      }
    }
    const order = ["make", "set", "text"];
    steps.sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
    const words = steps.map((step) => (step.kind === "text" ? step.edit.insert : "")).join("");
    return Object.assign((doc: Y.Doc) => { steps.forEach((step) => { take(doc, step); }); }, { words });
  }

  #learn(value: unknown): void {
    if (value instanceof Y.Text) {
      this.#words.set(value, value.toJSON());
    } else if (value instanceof Y.Map) {
      (value as Y.Map<unknown>).forEach((inner) => { this.#learn(inner); });
    }
  }

  /** `[root, id, key]`, as far as it goes. */
  #placeOf(type: Shared): string[] {
    const place: string[] = [];
    let at: Shared | null = type;
    while (at?._item != null) {
      place.unshift(at._item.parentSub ?? "");
      at = at._item.parent as Shared | null;
    }
    for (const [name, root] of this.#doc.share) {
      if (root === at) {
        return [name, ...place];
      }
    }
    return [];
  }

  #textStep(text: Y.Text, [root, id, key]: [string, string, string]): Step[] {
    const before = this.#words.get(text);
    const after = text.toJSON();
    this.#words.set(text, after);
    const edit = before === undefined ? null : diffText(before, after, after.length);
    return before === undefined || edit === null ? [] : [{ kind: "text", root, id, key, before, edit }];
  }

  #rootSteps(root: Y.Map<unknown>, name: string, keys: ReadonlySet<string | null>): Step[] {
    return [...keys].flatMap((id): Step[] => {
      const value = id === null ? undefined : root.get(id);
      if (id === null || !(value instanceof Y.Map)) {
        return id === null ? [] : [{ kind: "set", root: name, id: null, key: id, value }];
      }
      this.#learn(value);
      return [{ kind: "make", root: name, id, registers: registersOf(value as Y.Map<unknown>) }];
    });
  }
}

function registersOf(entity: Y.Map<unknown>): Register[] {
  return [...entity].map(([key, value]): Register => (value instanceof Y.Text ? [key, value.toJSON(), true] : [key, value, false]));
}

function setSteps(entity: Y.Map<unknown>, root: string, id: string, keys: ReadonlySet<string | null>): Step[] {
  return [...keys].flatMap((key): Step[] => {
    const value = key === null ? null : entity.get(key);
    return key === null || value instanceof Y.AbstractType ? [] : [{ kind: "set", root, id, key, value }];
  });
}

/** Throws `NoSuchEntity` and `EntityLocked`. */
function take(doc: Y.Doc, step: Step): void {
  const root = doc.getMap(step.root);
  if (step.kind === "make") {
    if (!root.has(step.id)) {
      root.set(step.id, new Y.Map(step.registers.map(([key, value, isText]) => [key, isText ? new Y.Text(String(value)) : value])));
    }
    return;
  }
  if (step.kind === "set" && step.id === null) {
    write(root, step.key, step.value);
    return;
  }
  const entity = root.get(step.id ?? "");
  if (!(entity instanceof Y.Map)) {
    throw new NoSuchEntity(step.root, step.id ?? "");
  }
  const registers = entity as Y.Map<unknown>;
  if (isLocked(doc, step.root, registers, step.key)) {
    throw new EntityLocked(`${step.root}.${step.id ?? ""}`);
  }
  if (step.kind === "set") {
    write(registers, step.key, step.value);
    return;
  }
  const text = registers.get(step.key);
  if (text instanceof Y.Text) {
    edit(text, step.before, step.edit);
  }
}

/** By W61: a generation's lock covers what that reads. */
function isLocked(doc: Y.Doc, root: string, entity: Y.Map<unknown>, key: string): boolean {
  const of = root === "scenes" ? entity : doc.getMap("scenes").get(String(entity.get("par")));
  const lock = of instanceof Y.Map && ["scenes", "shots", "beats"].includes(root) ? (of as Y.Map<unknown>).get("lock") : null;
  if (!isRecord(lock)) {
    return false;
  }
  return lock["run"] == null || (root !== "beats" && !(root === "scenes" && ["ord", "par", "want"].includes(key)));
}

function write(map: Y.Map<unknown>, key: string, value: unknown): void {
  if (value === undefined) {
    map.delete(key);
  } else {
    map.set(key, value);
  }
}

/** Where the words are now that it was made among. */
function edit(text: Y.Text, before: string, made: TextEdit): void {
  const now = text.toJSON();
  const since = diffText(before, now, now.length);
  const { index, remove, insert } = since === null ? made : mapEdit(made, [deltaOf(since)]);
  if (remove > 0) {
    text.delete(index, remove);
  }
  if (insert !== "") {
    text.insert(index, insert);
  }
}

function deltaOf({ index, remove, insert }: TextEdit): DeltaStep[] {
  return [{ retain: index }, ...(insert === "" ? [] : [{ insert }]), ...(remove === 0 ? [] : [{ delete: remove }])];
}
