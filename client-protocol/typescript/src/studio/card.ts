/**
 * One scene's card on the storyboard: heading, title, prompt, picture, progress and what can be done.
 * It changes no document itself; every gesture goes to `CardActions`.
 */

import type * as Y from "yjs";

import { mediaUrl } from "../http/client.ts";
import { badge } from "../page/badge.ts";
import { element, icon, setAttribute, setText } from "../page/element.ts";
import { ICONS } from "../page/icons.ts";
import { Picture, type Shown } from "../page/picture.ts";
import type { Person } from "../presence/model.ts";
import type { CaretPlace } from "../session/studio-session.ts";
import { formatDuration, isActive, previewOf, seconds, type SceneView, type ShotView } from "../storyboard/model.ts";
import { formatSlug } from "../storyboard/slug.ts";
import { LockBar, type LockActions } from "./lock-bar.ts";
import { PromptEditor } from "./prompt-editor.ts";
import { ProgressBar, statusText } from "./progress.ts";

export interface CardActions extends LockActions {
  readonly project: string;
  /** Whether the documents are there to be written in. */
  isOpen(): boolean;
  generate(scene: string): void;
  /** Asks how first. */
  how(scene: string, name: string): void;
  cancel(run: string): void;
  move(scene: string, steps: number): void;
  remove(scene: string): void;
  setTitle(scene: string, title: string): void;
  setHeading(scene: string, heading: string): void;
  select(scene: string): void;
  caret(place: CaretPlace | null): void;
}

export interface CardView {
  readonly scene: SceneView;
  readonly people: readonly Person[];
  readonly rate: readonly [number, number];
  readonly selected: boolean;
  /** Generate was pressed and the server has not answered yet. */
  readonly starting: boolean;
  readonly first: boolean;
  readonly last: boolean;
}

export class SceneCard {
  readonly element = element("li", { className: "card" });
  readonly prompt: PromptEditor;
  readonly #number = element("span", { className: "card-number" });
  readonly #heading = element("input", { className: "card-heading", type: "text", spellcheck: false, maxLength: 160, placeholder: "INT. PLACE \u2014 TIME" });
  readonly #title = element("input", { className: "card-title", type: "text", spellcheck: false, maxLength: 120, placeholder: "Untitled scene" });
  readonly #status = element("span", { className: "status" });
  readonly #frame = element("div", { className: "card-frame" });
  readonly #facts = element("p", { className: "card-facts" });
  readonly #head = element("div", { className: "card-head" });
  readonly #people = element("div", { className: "card-people" });
  readonly #progress = new ProgressBar();
  readonly #run = element("button", { type: "button", className: "button primary card-run" });
  readonly #how = element("button", { type: "button", className: "button card-how" }, "How");
  readonly #up = tool(ICONS.up, "card-up");
  readonly #down = tool(ICONS.down, "card-down");
  readonly #delete = tool(ICONS.trash, "card-delete");
  readonly #picture = new Picture(this.#frame);
  readonly #lock: LockBar;
  #view: CardView | null = null;

  constructor(
    readonly id: string,
    text: Y.Text,
    private readonly actions: CardActions,
  ) {
    this.prompt = new PromptEditor(id, text, actions.editable, (place) => { actions.caret(place); });
    this.element.dataset["scene"] = id;
    this.element.tabIndex = -1;
    this.#lock = new LockBar(id, actions);
    this.#frame.prepend(this.#number);
    this.#build();
    this.#listen();
  }

  update(view: CardView): void {
    this.#view = view;
    const { scene } = view;
    const name = `scene ${scene.number}`;
    setText(this.#number, scene.number);
    setAttribute(this.#head, "data-number", scene.number);
    setField(this.#heading, formatSlug(scene.slug));
    setField(this.#title, scene.title);
    setAttribute(this.#heading, "aria-label", `Heading of ${name}`);
    setAttribute(this.#title, "aria-label", `Title of ${name}`);
    this.prompt.label(`Prompt of ${name}`);
    this.prompt.showPeople(view.people);
    this.#heading.readOnly = this.#title.readOnly = !this.#mayWrite();
    this.prompt.setEditable(this.#mayWrite());
    this.#lock.update(scene, name);
    setAttribute(this.element, "data-locked", scene.lock === null ? null : scene.lock.run === null ? "person" : "run");
    setText(this.#status, statusText(scene));
    this.element.dataset["status"] = isActive(scene.run) ? "generating" : scene.status;
    setAttribute(this.element, "aria-current", view.selected ? "true" : null);
    setText(this.#facts, facts(scene, view.rate));
    this.#picture.show(pictureOf(this.actions.project, scene));
    this.#progress.update(scene.run, `Progress of ${name}`);
    this.#updateButtons(view, name);
    this.#updatePeople(view.people);
  }

  destroy(): void {
    this.prompt.destroy();
    this.element.remove();
  }

  #build(): void {
    this.#head.append(this.#heading, this.#status);
    const tools = element("div", { className: "card-tools" }, this.#people);
    if (this.actions.editable) {
      tools.append(this.#lock.tool, this.#up, this.#down, this.#delete, this.#how, this.#run);
    }
    this.element.append(
      this.#frame,
      element(
        "div",
        { className: "card-body" },
        this.#head,
        this.#lock.element,
        this.#title,
        this.prompt.element,
        this.#progress.element,
        element("div", { className: "card-foot" }, this.#facts, tools),
      ),
    );
  }

  #listen(): void {
    const { id, actions } = this;
    this.element.addEventListener("focusin", () => { actions.select(id); });
    this.element.addEventListener("click", () => { actions.select(id); });
    this.#up.addEventListener("click", () => { this.#move(-1); });
    this.#down.addEventListener("click", () => { this.#move(1); });
    this.#delete.addEventListener("click", () => { this.#ifMayWrite(() => { actions.remove(id); }); });
    this.#run.addEventListener("click", () => { this.#pressRun(); });
    this.#how.addEventListener("click", () => { this.#askHow(); });
    this.#title.addEventListener("change", () => { this.#ifMayWrite(() => { actions.setTitle(id, this.#title.value); }); });
    this.#heading.addEventListener("change", () => { this.#ifMayWrite(() => { actions.setHeading(id, this.#heading.value); }); });
    this.element.addEventListener("keydown", (event) => { this.#onKey(event); });
  }

  #onKey(event: KeyboardEvent): void {
    if (!this.actions.editable) {
      return;
    }
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      this.#move(event.key === "ArrowUp" ? -1 : 1);
    } else if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      this.#pressRun();
    } else if (event.key === "Enter" && (event.target === this.#title || event.target === this.#heading)) {
      this.prompt.field.focus();
    }
  }

  #mayWrite(): boolean {
    return this.actions.editable && this.actions.isOpen() && this.#view?.scene.lock === null;
  }

  /** What was written before the lock came, and is not sent, stays in its field until that is left. */
  #ifMayWrite(write: () => void): void {
    if (this.#mayWrite()) {
      write();
    }
  }

  /** A generation does not read where its scene stands; people lock all of it. */
  #move(steps: number): void {
    if (this.actions.isOpen() && this.#view !== null && this.#view.scene.lock?.run !== null) {
      this.actions.move(this.id, steps);
    }
  }

  #pressRun(): void {
    const run = this.#view?.scene.run ?? null;
    if (isActive(run)) {
      this.actions.cancel(run.id);
    } else if (this.#view?.starting === false && this.#mayWrite()) {
      this.actions.generate(this.id);
    }
  }

  #askHow(): void {
    if (this.#view?.starting === false && this.#mayWrite()) {
      this.actions.how(this.id, `scene ${this.#view.scene.number}`);
    }
  }

  #updateButtons(view: CardView, name: string): void {
    const active = isActive(view.scene.run);
    const idle = view.scene.take === null ? "Generate" : "New take";
    setText(this.#run, active ? "Cancel" : view.starting ? "Starting\u2026" : idle);
    setAttribute(this.#run, "aria-label", `${active ? "Cancel" : "Generate"} ${name}`);
    this.#run.classList.toggle("primary", !active);
    const { lock } = view.scene;
    const held = lock !== null;
    const heldInPlace = lock?.run === null;
    setAttribute(this.#run, "aria-disabled", (view.starting || held) && !active ? "true" : null);
    this.#how.hidden = active;
    setAttribute(this.#how, "aria-label", `How ${name} is made`);
    setAttribute(this.#how, "aria-disabled", view.starting || held ? "true" : null);
    setAttribute(this.#delete, "aria-disabled", held ? "true" : null);
    setAttribute(this.#up, "aria-label", `Move ${name} up`);
    setAttribute(this.#down, "aria-label", `Move ${name} down`);
    setAttribute(this.#delete, "aria-label", `Delete ${name}`);
    // Not `disabled`: the button that was just pressed would lose the focus at the end of the list.
    setAttribute(this.#up, "aria-disabled", view.first || heldInPlace ? "true" : null);
    setAttribute(this.#down, "aria-disabled", view.last || heldInPlace ? "true" : null);
  }

  #updatePeople(people: readonly Person[]): void {
    const here = people.filter((person) => (person.cursor?.scene ?? person.scene) === this.id);
    const key = here.map((person) => `${person.client}${person.name}${person.colour}`).join();
    if (this.#people.dataset["key"] === key) {
      return;
    }
    this.#people.dataset["key"] = key;
    this.#people.replaceChildren(...here.map((person) => badge(person, `${person.name} is here`)));
    this.element.style.setProperty("--visitor", here[0]?.colour ?? "transparent");
  }
}

export function pictureOf(project: string, scene: SceneView): Shown | null {
  const preview = previewOf(scene);
  if (preview !== null) {
    const alt = `Preview ${preview.step} of scene ${scene.number}`;
    return { url: mediaUrl(project, preview.media), alt, step: preview.step };
  }
  if (scene.take?.thumb != null) {
    return { url: mediaUrl(project, scene.take.thumb), alt: `Take ${scene.take.number} of scene ${scene.number}`, step: null };
  }
  return null;
}

/** "MS · eye · 35 mm", with only what the document says. */
export function describeShot(shot: ShotView): string {
  const lens = shot.lensMm > 0 ? `${shot.lensMm} mm` : "";
  return [shot.size, shot.angle, lens, shot.move].filter((part) => part !== "").join(" \u00b7 ");
}

function facts(scene: SceneView, rate: readonly [number, number]): string {
  const frames = scene.take?.frames ?? scene.estimateFrames;
  const length = formatDuration(seconds(frames, scene.take?.rate ?? rate));
  const shot = scene.shots[0];
  const more = scene.shots.length > 1 ? `${scene.shots.length} shots` : "";
  return [scene.take === null ? `about ${length}` : length, shot === undefined ? "" : describeShot(shot), more]
    .filter((part) => part !== "")
    .join("  \u00b7  ");
}

/** What somebody is typing into is not replaced under their hands. */
function setField(field: HTMLInputElement, value: string): void {
  if (document.activeElement !== field && field.value !== value) {
    field.value = value;
  }
}

function tool(paths: string, className: string): HTMLButtonElement {
  return element("button", { type: "button", className: `tool ${className}` }, icon(paths));
}
