/**
 * A card's lock: who holds it and why, the button that lifts it, and the form that sets one.
 * It asks nobody: `LockActions` does.
 */

import { element, icon, setText } from "../page/element.ts";
import { ICONS } from "../page/icons.ts";
import type { LockView, SceneView } from "../storyboard/model.ts";

const WHY_CHARS_MAX = 300;

export interface LockActions {
  readonly editable: boolean;
  lock(scene: string, why: string, take: string | null): void;
  unlock(scene: string): void;
  mayUnlock(lock: LockView): boolean;
  nameOf(user: string): string;
}

export class LockBar {
  readonly element = element("div", { className: "card-lock", hidden: true });
  readonly tool = element("button", { type: "button", className: "tool card-lock-tool" }, icon(ICONS.lock));
  readonly #text = element("p", { className: "card-lock-text" });
  readonly #unlock = element("button", { type: "button", className: "button" }, "Unlock");
  readonly #why = element("input", { type: "text", className: "lock-why", maxLength: WHY_CHARS_MAX, placeholder: "Why? Everybody can read it." });
  readonly #approve = element("button", { type: "button", className: "button" });
  readonly #form: HTMLFormElement;
  #scene: SceneView | null = null;
  #asking = false;

  constructor(
    private readonly id: string,
    private readonly actions: LockActions,
  ) {
    const lock = element("button", { type: "submit", className: "button" }, "Lock");
    this.#form = element("form", { className: "lock-form", hidden: true }, this.#why, lock, this.#approve);
    this.element.append(icon(ICONS.lock), this.#text, this.#unlock, this.#form);
    this.tool.addEventListener("click", () => { this.#ask(!this.#asking); });
    this.#unlock.addEventListener("click", () => { actions.unlock(id); });
    this.#approve.addEventListener("click", () => { this.#send(this.#scene?.take?.id ?? null); });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(null);
    });
    this.#why.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        this.#ask(false);
      }
    });
  }

  update(scene: SceneView, name: string): void {
    this.#scene = scene;
    const { lock } = scene;
    const byPerson = lock?.run === null ? lock : null;
    this.#unlock.hidden = byPerson === null || !this.actions.editable || !this.actions.mayUnlock(byPerson);
    this.#unlock.ariaLabel = `Unlock ${name}`;
    this.#why.ariaLabel = `Why ${name} is locked`;
    this.tool.ariaLabel = `Lock ${name}`;
    this.tool.title = "Lock or approve";
    this.tool.hidden = lock !== null;
    this.#approve.hidden = scene.take === null;
    setText(this.#approve, scene.take === null ? "" : `Approve take ${scene.take.number}`);
    if (lock !== null) {
      this.#asking = false;
      setText(this.#text, lockText(lock, this.actions.nameOf(lock.by)));
    }
    this.#draw();
  }

  #ask(asking: boolean): void {
    this.#asking = asking && this.#scene?.lock === null;
    this.#draw();
    (this.#asking ? this.#why : this.tool).focus();
  }

  #send(take: string | null): void {
    this.actions.lock(this.id, this.#why.value.trim(), take);
    this.#why.value = "";
    this.#ask(false);
  }

  #draw(): void {
    const locked = this.#scene?.lock != null;
    this.element.hidden = !locked && !this.#asking;
    this.#text.hidden = !locked;
    this.#form.hidden = !this.#asking;
    this.tool.setAttribute("aria-expanded", String(this.#asking));
  }
}

/** "Approved by Ana Ruiz: the client likes it". */
export function lockText(lock: LockView, name: string): string {
  if (lock.run !== null) {
    return "Being generated: edits wait until it has ended.";
  }
  const what = lock.take === null ? "Locked" : "Approved";
  return `${what} by ${name}${lock.why === "" ? "." : `: ${lock.why}`}`;
}
