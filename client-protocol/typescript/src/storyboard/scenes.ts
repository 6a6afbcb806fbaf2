/**
 * The gestures on scenes and their shots, the same as `sync/storyboard/scenes.py`; all others are in `gestures.ts`.
 * A split and a merge leave what others do to the scene meanwhile where it was meant (decision 0019).
 */

import { GestureImpossible, NoSuchEntity } from "../gesture.ts";
import { derivedId } from "../ids.ts";
import { isRecord } from "../json.ts";
import { idOrNull } from "../registers.ts";
import { AUTHORS, type Node } from "./content.ts";
import { Hand, type Registers } from "./hand.ts";
import { lettered, nextNumber } from "./numbers.ts";
import { rekeyed } from "./order-key.ts";
import { isSame } from "./tree.ts";

/** What the key `pin` of a scene says of a take; of a register it says true. */
const PINNED = "take";
const PART_PREFIXES = { shots: "sht", beats: "bt" } as const;

/** Part of `Storyboard`. */
export class Scenes extends Hand {
  /** Answers its id. Without a number it gets the next one; moving never renumbers. */
  addScene(registers: Registers = {}, parent = "", before: string | null = null, id?: string): string {
    return this.gesture(() => {
      const place = this.place("scenes", parent, before);
      return this.create("scenes", id, place, { num: nextNumber(this.#numbers()), title: "", dlg: [], ...registers });
    });
  }

  editScene(id: string, registers: Registers): void {
    this.edited("scenes", id, registers);
  }

  moveScene(id: string, parent = "", before: string | null = null): void {
    this.moved("scenes", id, parent, before);
  }

  /** Its shots and beats are seen no more, until it is restored. */
  deleteScene(id: string): void {
    this.deleted("scenes", id);
  }

  /** Also one that was merged: its shots are its own again. */
  restoreScene(id: string): void {
    this.restored("scenes", id);
  }

  /** What people wrote of it, its shots and beats, directly behind it; takes are not copied. Answers the id. */
  duplicateScene(id: string, copy?: string): string {
    return this.gesture(() => {
      const scene = this.node("scenes", id);
      const parts = [...this.tree.children("shots", scene), ...this.tree.children("beats", scene)];
      const made = this.create("scenes", copy, this.behind(scene), this.#copied(scene));
      for (const part of parts) {
        const root = part.root === "shots" ? "shots" : "beats";
        const held = this.held(part);
        const registers = Object.fromEntries(AUTHORS[root].map((key) => [key, held[key] ?? null]));
        this.create(root, derivedId(PART_PREFIXES[root], made, part.id), this.at(root, this.tree.get("scenes", made)), registers);
      }
      return made;
    });
  }

  /**
   * From this shot on it is a scene of its own, with the same prompt and the dialogue of its shots. Two people who split at
   * one shot make one scene, as its id follows from both. Answers the id.
   */
  splitScene(id: string, shot: string): string {
    return this.gesture(() => {
      const scene = this.node("scenes", id);
      const shots = this.tree.children("shots", scene);
      const index = shots.findIndex((each) => each.id === shot);
      if (index < 0) {
        throw new NoSuchEntity("shots", shot);
      }
      if (index === 0) {
        throw new GestureImpossible("a scene is split between two of its shots");
      }
      const [earlier, rest] = [shots.slice(0, index), shots.slice(index)];
      const later = this.#later(id, shot);
      const registers = { ...this.#partedLines(scene, earlier, rest), ...this.#partedFrames(scene, rest) };
      this.#settle(id, earlier.filter((node) => node.par === later));
      const merged = this.tree.get("scenes", later);
      if (merged === undefined) {
        this.create("scenes", later, this.behind(scene), { ...this.#copied(scene, "cont", "dlg", "est_f"), ...registers });
      } else {
        for (const [key, value] of Object.entries({ ...registers, del: null, into: null })) {
          this.set(merged, key, value);
        }
      }
      this.#settle(later, rest);
      return later;
    });
  }

  /** `other` becomes part of it: its prompt and dialogue follow, its shots are seen there. It can be restored. */
  mergeScenes(id: string, other: string): void {
    this.gesture(() => {
      const [scene, merged] = [this.node("scenes", id), this.node("scenes", other)];
      if (isSame(scene, merged)) {
        throw new GestureImpossible("a scene is not merged into itself");
      }
      const [one, two] = [this.held(scene), this.held(merged)];
      const [prompt, more] = [textOf(one["prompt"]), textOf(two["prompt"])];
      if (!prompt.includes(more)) {
        this.write(scene, "prompt", prompt === "" ? more : `${prompt}\n\n${more}`);
      }
      this.#joinLines(scene, merged);
      if (typeof one["est_f"] === "number" && typeof two["est_f"] === "number") {
        this.write(scene, "est_f", one["est_f"] + two["est_f"]);
      }
      this.set(merged, "into", id);
      this.set(merged, "del", this.mark());
    });
  }

  /** The scene shows it, also when newer ones come; null: the newest. */
  chooseTake(id: string, take: string | null): void {
    this.gesture(() => {
      const scene = this.node("scenes", id);
      if (take !== null) {
        this.#checkTake(scene, take);
      }
      this.set(scene, "want", take);
    });
  }

  /** It stays in the document, whatever comes after it. */
  pinTake(id: string, take: string): void {
    this.gesture(() => {
      const scene = this.node("scenes", id);
      this.#checkTake(scene, take);
      this.write(scene, "pin", { ...this.#pins(scene), [take]: PINNED });
    });
  }

  unpinTake(id: string, take: string): void {
    this.gesture(() => {
      const scene = this.node("scenes", id);
      const pins = this.#pins(scene);
      if (!(take in pins)) {
        throw new NoSuchEntity("pin", take);
      }
      this.write(scene, "pin", Object.fromEntries(Object.entries(pins).filter(([key]) => key !== take)));
    });
  }

  // Shots -------------------------------------------------------------------------------------------------

  addShot(registers: Registers = {}, parent = "", before: string | null = null, id?: string): string {
    return this.added("shots", registers, parent, before, id);
  }

  editShot(id: string, registers: Registers): void {
    this.edited("shots", id, registers);
  }

  moveShot(id: string, parent = "", before: string | null = null): void {
    this.moved("shots", id, parent, before);
  }

  deleteShot(id: string): void {
    this.deleted("shots", id);
  }

  restoreShot(id: string): void {
    this.restored("shots", id);
  }

  // What they are made of ---------------------------------------------------------------------------------

  #numbers(): string[] {
    const live = [...this.tree.nodes.values()].filter((node) => node.root === "scenes" && !node.isDeleted);
    return live.map((node) => printed(this.register(node, "num")));
  }

  #pins(scene: Node): Readonly<Record<string, unknown>> {
    const pins = this.held(scene)["pin"];
    return isRecord(pins) ? pins : {};
  }

  #checkTake(scene: Node, take: string): void {
    const held: unknown = this.doc.getMap("takes").get(take);
    const json: unknown = held !== null && typeof held === "object" && "toJSON" in held ? (held.toJSON as () => unknown)() : held;
    if (!isRecord(json) || idOrNull(json["scn"]) !== scene.id) {
      throw new NoSuchEntity("takes", take);
    }
  }

  /** What people wrote of it, under a number of its own. Which take is wanted or pinned is not copied. */
  #copied(scene: Node, ...but: readonly string[]): Record<string, unknown> {
    const held = this.held(scene);
    const kept = AUTHORS.scenes.filter((key) => key !== "want" && !but.includes(key));
    const copied = Object.fromEntries(kept.map((key) => [key, held[key] ?? null]));
    if (copied["pin"] !== null) {
      copied["pin"] = Object.fromEntries(Object.entries(this.#pins(scene)).filter(([, value]) => value !== PINNED));
    }
    return { ...copied, num: lettered(printed(held["num"]), this.#numbers()) };
  }

  /** The id of what is split off: a new one, or that of what was split off there and merged again. */
  #later(scene: string, shot: string): string {
    for (const parts = [scene, shot]; ; parts.push("again")) {
      const found = derivedId("scn", ...parts);
      const held = this.tree.get("scenes", found);
      if (held === undefined || (held.isDeleted && held.into === scene)) {
        return found;
      }
    }
  }

  /** Puts them at its end, in this order; their keys stay where they ascend. */
  #settle(scene: string, shots: readonly Node[]): void {
    const siblings = this.tree.siblings("shots", this.tree.get("scenes", scene));
    const nodes = [...siblings.filter((node) => node.ord !== "" && !shots.some((shot) => isSame(shot, node))), ...shots];
    const keys = rekeyed(nodes.map((node) => node.ord));
    nodes.forEach((node, place) => {
      this.stand(node, [scene, keys[place] ?? node.ord]);
    });
  }

  /** The dialogue from the first line of the later shots on is theirs; where shots share lines, both have all. */
  #partedLines(scene: Node, earlier: readonly Node[], later: readonly Node[]): Record<string, unknown> {
    const lines: unknown = this.held(scene)["dlg"];
    const refs = later.map((node) => this.#lineOf(node)).filter((ref) => ref !== null);
    if (!Array.isArray(lines) || refs.length === 0) {
      return { dlg: [] };
    }
    const first = Math.min(...refs);
    if (earlier.some((node) => (this.#lineOf(node) ?? -1) >= first)) {
      return { dlg: lines };
    }
    this.set(scene, "dlg", lines.slice(0, first));
    this.#shiftLines(later, -first);
    return { dlg: lines.slice(first) };
  }

  #joinLines(scene: Node, merged: Node): void {
    const [mine, theirs]: unknown[] = [this.held(scene)["dlg"], this.held(merged)["dlg"]];
    if (Array.isArray(theirs) && theirs.length > 0) {
      const lines: unknown[] = Array.isArray(mine) ? mine : [];
      this.write(scene, "dlg", [...lines, ...(theirs as unknown[])]);
      this.#shiftLines(this.tree.children("shots", merged), lines.length);
    }
  }

  #lineOf(shot: Node): number | null {
    const ref = this.held(shot)["dlg_ref"];
    return typeof ref === "number" ? ref : null;
  }

  #shiftLines(shots: readonly Node[], by: number): void {
    for (const node of shots) {
      const ref = this.#lineOf(node);
      if (ref !== null) {
        this.write(node, "dlg_ref", ref + by);
      }
    }
  }

  /** Of the estimate, as much as the shots say that they take. */
  #partedFrames(scene: Node, later: readonly Node[]): Record<string, unknown> {
    const estimate = this.held(scene)["est_f"];
    const lengths = later.map((node) => this.held(node)["dur_f"]).filter((length) => typeof length === "number");
    const part = lengths.reduce((sum, length) => sum + length, 0);
    if (typeof estimate !== "number" || part <= 0 || part >= estimate) {
      return {};
    }
    this.set(scene, "est_f", estimate - part);
    return { est_f: part };
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A number as text, whatever a client has put there. */
function printed(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
