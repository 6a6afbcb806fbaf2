/**
 * What the pages about a project and about oneself are laid out with: sections, rows with actions, a secret shown once.
 * No page's own words.
 */

import type { Project } from "../http/model.ts";
import { element, setText } from "./element.ts";

/** The header of a project's pages. `here`: which of them this is. */
export function projectHeader(project: Project, here: string): Node[] {
  const doors = [["studio", "Studio"], ["review", "Review"], ["people", "People"], ["project", "Project"]] as const;
  const links = doors.map(([path, name]) => {
    const link = element("a", { href: `/${path}/${project.id}` }, name);
    if (path === here) {
      link.setAttribute("aria-current", "page");
    }
    return link;
  });
  return [
    element("a", { className: "wordmark", href: "/" }, "StoryForge"),
    element("h1", { className: "project-title" }, project.title),
    element("nav", { className: "doors", ariaLabel: "This project" }, ...links),
  ];
}

export function section(title: string, ...children: readonly Node[]): HTMLElement {
  return element("section", { className: "sheet-section", ariaLabel: title }, element("h2", {}, title), ...children);
}

/** `facts`: quiet lines below what it is. */
export function row(what: readonly (Node | string)[], facts: readonly string[], ...actions: readonly Node[]): HTMLLIElement {
  const words = element("div", { className: "row-words" }, element("p", { className: "row-what" }, ...what));
  words.append(...facts.filter((fact) => fact !== "").map((fact) => element("p", { className: "quiet" }, fact)));
  return element("li", { className: "sheet-row" }, words, element("div", { className: "row-actions" }, ...actions));
}

/** `label`: what it does to what, for who does not see the row. It acts once at a time. */
export function action(text: string, label: string, act: () => Promise<unknown>): HTMLButtonElement {
  const button = element("button", { type: "button", className: "button", ariaLabel: label }, text);
  button.addEventListener("click", () => {
    if (button.ariaDisabled !== "true") {
      button.ariaDisabled = "true";
      void act().finally(() => { button.ariaDisabled = null; });
    }
  });
  return button;
}

/** New rows in place of the old. Whoever was at one of those is at the list now, not at the top of the page. */
export function refill(list: HTMLElement, rows: readonly Node[], none: string): void {
  const wasHere = list.contains(document.activeElement);
  list.tabIndex = -1;
  list.replaceChildren(...(rows.length > 0 ? rows : [element("li", { className: "quiet" }, none)]));
  if (wasHere) {
    list.focus();
  }
}

/** Content that is read when it is opened; `load` fills `body`, again at each opening. */
export function fold(title: string, body: HTMLElement, load: () => Promise<unknown>): HTMLDetailsElement {
  const details = element("details", { className: "fold" }, element("summary", {}, title), body);
  details.addEventListener("toggle", () => {
    if (details.open) {
      void load();
    }
  });
  return details;
}

/** What nobody can read again. It takes the focus. */
export function secretOnce(container: HTMLElement, label: string, secret: string): void {
  const field = element("input", { type: "text", readOnly: true, value: secret, ariaLabel: label, className: "secret" });
  const copy = element("button", { type: "button", className: "button primary" }, "Copy");
  const said = element("p", { className: "quiet", role: "status" }, "Copy it now: it is not shown again.");
  field.addEventListener("focus", () => { field.select(); });
  copy.addEventListener("click", () => {
    field.select();
    navigator.clipboard.writeText(secret).then(
      () => { setText(said, "Copied. It is not shown again."); },
      () => { setText(said, "The browser does not let this page copy: it is selected, copy it yourself."); },
    );
  });
  container.replaceChildren(element("div", { className: "secret-once" }, field, copy, said));
  field.focus();
}
