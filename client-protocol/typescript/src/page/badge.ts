/** The round mark of a person: their letters on their colour. */

import { paintPerson } from "./colour.ts";
import { element } from "./element.ts";

export function badge(person: { readonly name: string; readonly colour: string }, label: string): HTMLElement {
  const node = element("span", { className: "badge", title: label, role: "img", ariaLabel: label }, initials(person.name));
  paintPerson(node, person.colour);
  return node;
}

/** Two letters for the round badge. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => Array.from(word ?? "")[0] ?? "").join("").toUpperCase();
}
