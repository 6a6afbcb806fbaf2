/**
 * The timeline strip: one block per clip in story order, as wide as it is long; a click goes to the scene's card.
 * It edits nothing.
 */

import { mediaUrl } from "../http/client.ts";
import { arrange, element, setAttribute, setText } from "../page/element.ts";
import { Picture } from "../page/picture.ts";
import { formatDuration, isActive, type SceneView } from "../storyboard/model.ts";
import type { StripSlot } from "../timeline/read.ts";

export class TimelineStrip {
  readonly #list = element("ol", { className: "strip-clips", ariaLabel: "Timeline" });
  readonly #total = element("span", { className: "strip-total" });
  readonly #blocks = new Map<string, ClipBlock>();

  constructor(
    container: HTMLElement,
    private readonly project: string,
    private readonly onSelect: (scene: string) => void,
  ) {
    const head = element("div", { className: "strip-head" }, element("h2", {}, "Timeline"), this.#total);
    container.replaceChildren(head, element("div", { className: "strip-scroll" }, this.#list));
  }

  update(slots: readonly StripSlot[], selected: string | null): void {
    const last = slots.at(-1);
    setText(this.#total, last === undefined ? "" : formatDuration(last.start_s + last.duration_s));
    const seen = new Set<string>();
    const nodes = slots.map((slot) => {
      const key = slot.clip ?? slot.scene.id;
      seen.add(key);
      const block = this.#blocks.get(key) ?? new ClipBlock(this.project, this.onSelect);
      this.#blocks.set(key, block);
      block.update(slot, slot.scene.id === selected);
      return block.element;
    });
    for (const key of this.#blocks.keys()) {
      if (!seen.has(key)) {
        this.#blocks.delete(key);
      }
    }
    arrange(this.#list, nodes);
  }
}

class ClipBlock {
  readonly element = element("li", { className: "clip" });
  readonly #button = element("button", { type: "button", className: "clip-button" });
  readonly #picture = new Picture(this.#button);
  readonly #number = element("span", { className: "clip-number" });
  readonly #name = element("span", { className: "clip-name" });
  readonly #length = element("span", { className: "clip-length" });
  readonly #done = element("span", { className: "clip-done" });
  #scene = "";

  constructor(
    private readonly project: string,
    onSelect: (scene: string) => void,
  ) {
    this.#button.append(this.#number, this.#name, this.#length, this.#done);
    this.#button.addEventListener("click", () => { onSelect(this.#scene); });
    this.element.append(this.#button);
  }

  update(slot: StripSlot, selected: boolean): void {
    const { scene } = slot;
    this.#scene = scene.id;
    this.element.dataset["scene"] = scene.id;
    this.element.dataset["status"] = isActive(scene.run) ? "generating" : scene.take === null ? scene.status : "complete";
    this.element.style.setProperty("--length", String(slot.duration_s));
    this.#done.style.setProperty("--done", `${isActive(scene.run) ? scene.run.pct : 0}%`);
    setText(this.#number, scene.number);
    setText(this.#name, scene.title);
    setText(this.#length, formatDuration(slot.duration_s));
    setAttribute(this.#button, "aria-current", selected ? "true" : null);
    setAttribute(this.#button, "aria-label", `Scene ${scene.number}, ${scene.title || "untitled"}, ${formatDuration(slot.duration_s)}`);
    this.#picture.show(thumb(this.project, scene));
  }
}

function thumb(project: string, scene: SceneView): { url: string; alt: string; step: null } | null {
  const media = scene.take?.thumb ?? null;
  return media === null ? null : { url: mediaUrl(project, media), alt: "", step: null };
}
