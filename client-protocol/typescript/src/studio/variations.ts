/**
 * Going on from the scene's take: other words, another one, or a part of its picture painted over.
 * Each is a run of its own; the prompt on the storyboard stays as it is.
 */

import { HttpProblem, mediaUrl } from "../http/client.ts";
import { vary, type Change } from "../http/variation.ts";
import { element, setAttribute } from "../page/element.ts";
import { isActive, type SceneView, type TakeView } from "../storyboard/model.ts";
import { MaskPad } from "./mask.ts";

type Panel = "words" | "part";

export class Variations {
  readonly element = element("section", { className: "variations", ariaLabel: "Go on from this take", hidden: true });
  readonly #words = button("Other words\u2026");
  readonly #another = button("Another one");
  readonly #part = button("Change a part\u2026");
  readonly #form = element("form", { className: "variations-form", hidden: true });
  readonly #label = element("label", { className: "variations-label" });
  readonly #text = element("textarea", { className: "variations-text", rows: 3, required: true });
  readonly #pad: MaskPad;
  readonly #brush = element("input", { type: "range", min: "0.01", max: "0.15", step: "0.01", value: "0.05", ariaLabel: "Size of the brush" });
  readonly #undo = button("Undo");
  readonly #tools: HTMLElement;
  readonly #make = element("button", { type: "submit", className: "button primary" }, "Make it");
  readonly #cancel = button("Cancel");
  readonly #note = element("p", { className: "variations-note", role: "status" });
  #take: TakeView | null = null;
  #panel: Panel | null = null;
  /** Of what is asked for and has no answer yet: asked again, it is the same run. */
  #pending: { readonly change: string; readonly key: string } | null = null;

  constructor(
    private readonly project: string,
    private readonly promptOf: (scene: string) => string,
  ) {
    this.#pad = new MaskPad(() => { this.#check(); });
    this.#tools = element("div", { className: "mask-tools" }, "Brush", this.#brush, this.#undo);
    this.#label.append(element("span"), this.#text);
    const acts = element("div", { className: "variations-acts" }, this.#make, this.#cancel);
    this.#form.append(this.#pad.element, this.#tools, this.#label, acts);
    const doors = element("div", { className: "variations-acts" }, this.#words, this.#another, this.#part);
    this.element.append(doors, this.#form, this.#note);
    this.#listen();
  }

  update(scene: SceneView | null): void {
    const take = scene === null || isActive(scene.run) || scene.lock !== null ? null : scene.take;
    this.element.hidden = take === null;
    if (take?.id !== this.#take?.id) {
      this.#take = take;
      this.#open(null);
      this.#note.textContent = "";
    }
    this.element.dataset["scene"] = scene?.id ?? "";
    this.#part.hidden = take?.thumb == null;
  }

  #listen(): void {
    this.#words.addEventListener("click", () => { this.#open(this.#panel === "words" ? null : "words"); });
    this.#part.addEventListener("click", () => { this.#open(this.#panel === "part" ? null : "part"); });
    this.#another.addEventListener("click", () => void this.#ask({ kind: "pictures" }));
    this.#cancel.addEventListener("click", () => { this.#open(null); });
    this.#undo.addEventListener("click", () => { this.#pad.undo(); });
    this.#brush.addEventListener("input", () => { this.#pad.radius = Number(this.#brush.value); });
    this.#text.addEventListener("input", () => { this.#check(); });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const words = this.#text.value.trim();
      const part: Change = { kind: "part", words, mask: this.#pad.strokes };
      void this.#ask(this.#panel === "part" ? part : { kind: "words", prompt: words });
    });
  }

  #open(panel: Panel | null): void {
    this.#panel = panel;
    this.#form.hidden = panel === null;
    setAttribute(this.#words, "aria-expanded", String(panel === "words"));
    setAttribute(this.#part, "aria-expanded", String(panel === "part"));
    if (panel === null) {
      return;
    }
    const isPart = panel === "part";
    this.#pad.element.hidden = this.#tools.hidden = !isPart;
    this.#label.firstElementChild?.replaceChildren(isPart ? "What is seen there instead" : "The scene in other words, for this take only");
    this.#text.maxLength = isPart ? 500 : 4000;
    this.#text.value = isPart ? "" : this.promptOf(this.element.dataset["scene"] ?? "");
    if (isPart && this.#take?.thumb != null) {
      this.#pad.show(mediaUrl(this.project, this.#take.thumb));
    }
    this.#check();
    this.#text.focus();
  }

  #check(): void {
    this.#make.disabled = this.#text.value.trim() === "" || (this.#panel === "part" && this.#pad.strokes.length === 0);
    this.#undo.disabled = this.#pad.strokes.length === 0;
  }

  async #ask(change: Change): Promise<void> {
    if (this.#take === null) {
      return;
    }
    const spelled = JSON.stringify([this.#take.id, change]);
    if (this.#pending?.change !== spelled) {
      this.#pending = { change: spelled, key: crypto.randomUUID() };
    }
    this.#enable(false);
    try {
      await vary(this.#take.id, change, this.#pending.key);
      this.#pending = null;
      this.#open(null);
      this.#note.textContent = "It is being made.";
    } catch (error) {
      this.#note.textContent = error instanceof HttpProblem ? error.message : "It could not be asked for.";
    } finally {
      this.#enable(true);
      this.#check();
    }
  }

  #enable(enabled: boolean): void {
    for (const each of this.element.querySelectorAll("button")) {
      each.disabled = !enabled;
    }
  }
}

function button(words: string): HTMLButtonElement {
  return element("button", { type: "button", className: "button" }, words);
}
