/**
 * One scene's prompt: the field, its binding to the shared text, and other people's carets over it.
 * It commits every keystroke; there is nothing to submit.
 */

import * as Y from "yjs";

import { element } from "../page/element.ts";
import type { Person } from "../presence/model.ts";
import type { CaretPlace } from "../session/studio-session.ts";
import { OWN_EDIT } from "../storyboard/edit.ts";
import { drawCarets, type Caret } from "../text/carets.ts";
import { PromptField } from "../text/prompt-field.ts";

const PROMPT_CHARS_MAX = 8_000;

export class PromptEditor {
  readonly element: HTMLElement;
  readonly field: HTMLTextAreaElement;
  readonly #layer: HTMLElement;
  readonly #binding: PromptField;
  #people: readonly Person[] = [];
  #drawn = "";

  constructor(
    private readonly scene: string,
    text: Y.Text,
    editable: boolean,
    private readonly onCaret: (place: CaretPlace | null) => void,
  ) {
    this.field = element("textarea", {
      className: "prompt-field",
      rows: 1,
      maxLength: PROMPT_CHARS_MAX,
      readOnly: !editable,
      spellcheck: false,
      placeholder: "What do we see and hear?",
    });
    this.#layer = element("div", { className: "prompt-layer", ariaHidden: "true" });
    this.element = element("div", { className: "prompt" }, this.#layer, this.field);
    this.#binding = new PromptField(this.field, text, OWN_EDIT, () => {
      this.#draw();
      this.#tellCaret();
    });
    for (const type of ["select", "keyup", "pointerup", "focus"]) {
      this.field.addEventListener(type, () => { this.#tellCaret(); });
    }
    this.field.addEventListener("blur", () => { this.onCaret(null); });
    this.#draw();
  }

  get text(): Y.Text {
    return this.#binding.text;
  }

  label(label: string): void {
    this.field.ariaLabel = label;
  }

  setEditable(editable: boolean): void {
    this.field.readOnly = !editable;
  }

  showPeople(people: readonly Person[]): void {
    this.#people = people.filter((person) => person.cursor?.scene === this.scene);
    this.#draw();
  }

  destroy(): void {
    this.#binding.destroy();
  }

  #draw(): void {
    const carets = this.#people.flatMap((person) => caretOf(person, this.text));
    const drawn = JSON.stringify([this.field.value, carets]);
    if (drawn === this.#drawn) {
      return; // ticks come four times a second: names that have faded stay faded
    }
    this.#drawn = drawn;
    drawCarets(this.#layer, this.field.value, carets);
  }

  #tellCaret(): void {
    if (document.activeElement !== this.field) {
      return;
    }
    const { selectionStart, selectionEnd, selectionDirection } = this.field;
    const backward = selectionDirection === "backward";
    this.onCaret({
      scene: this.scene,
      anchor: Y.createRelativePositionFromTypeIndex(this.text, backward ? selectionEnd : selectionStart),
      head: Y.createRelativePositionFromTypeIndex(this.text, backward ? selectionStart : selectionEnd),
    });
  }
}

/** Nothing, where the position is not (or not yet) in this text. */
function caretOf(person: Person, text: Y.Text): Caret[] {
  const { doc } = text;
  if (doc === null || person.cursor === null) {
    return [];
  }
  const anchor = indexOf(person.cursor.anchor, text, doc);
  const head = indexOf(person.cursor.head, text, doc);
  if (anchor === null || head === null) {
    return [];
  }
  return [{ client: person.client, name: person.name, colour: person.colour, anchor, head }];
}

function indexOf(position: object, text: Y.Text, doc: Y.Doc): number | null {
  try {
    const absolute = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(position), doc);
    return absolute?.type === text ? absolute.index : null;
  } catch {
    return null; // another client's JSON, which need not be a position at all
  }
}
