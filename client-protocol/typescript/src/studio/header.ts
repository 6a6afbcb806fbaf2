/**
 * The header: the project and its episode, who is here, whether one's work is safe, what may be spent,
 * undo and redo.
 */

import { badge } from "../page/badge.ts";
import { element, icon, setAttribute, setText } from "../page/element.ts";
import { ICONS } from "../page/icons.ts";
import type { Me } from "../http/model.ts";
import type { Person } from "../presence/model.ts";
import { describeSave, type SaveStatus } from "../session/save-status.ts";

const BADGES_MAX = 6;

export interface HeaderActions {
  undo(): void;
  redo(): void;
  files(): void;
}

export class Header {
  readonly #title = element("h1", { className: "project-title" });
  readonly #people = element("div", { className: "people", role: "group", ariaLabel: "People here" });
  readonly #save = element("p", { className: "save" });
  readonly #undo = element("button", { type: "button", className: "tool", ariaLabel: "Undo", title: "Undo" }, icon(ICONS.undo));
  readonly #redo = element("button", { type: "button", className: "tool", ariaLabel: "Redo", title: "Redo" }, icon(ICONS.redo));

  constructor(
    container: HTMLElement,
    title: string,
    episodes: HTMLElement | null,
    balance: HTMLElement | null,
    editable: boolean,
    private readonly me: Me,
    actions: HeaderActions,
  ) {
    setText(this.#title, title);
    this.#undo.addEventListener("click", () => { actions.undo(); });
    this.#redo.addEventListener("click", () => { actions.redo(); });
    const files = element("button", { type: "button", className: "button files" }, "Files");
    files.addEventListener("click", () => { actions.files(); });
    const mark = element("a", { className: "wordmark", href: "/" }, "StoryForge");
    const tools = editable ? [element("div", { className: "history" }, this.#undo, this.#redo)] : [element("p", { className: "role" }, "View only")];
    container.replaceChildren(mark, this.#title, ...(episodes === null ? [] : [episodes]), this.#save, ...(balance === null ? [] : [balance]), ...tools, files, this.#people);
    this.showPeople([]);
    this.showSave({ kind: "syncing", pending: 0 });
  }

  showSave(status: SaveStatus): void {
    setText(this.#save, describeSave(status));
    setAttribute(this.#save, "data-kind", status.kind);
  }

  showHistory(canUndo: boolean, canRedo: boolean): void {
    setAttribute(this.#undo, "aria-disabled", canUndo ? null : "true");
    setAttribute(this.#redo, "aria-disabled", canRedo ? null : "true");
  }

  /** One badge a person, however many windows they have open. */
  showPeople(people: readonly Person[]): void {
    const others = [...new Map(people.map((person) => [person.user, person])).values()].filter((person) => person.user !== this.me.id);
    const shown = others.slice(0, BADGES_MAX).map((person) => badge(person, person.name));
    const rest = others.length > BADGES_MAX ? [element("span", { className: "badge more" }, `+${others.length - BADGES_MAX}`)] : [];
    this.#people.replaceChildren(badge(this.me, `${this.me.name} (you)`), ...shown, ...rest);
  }
}
