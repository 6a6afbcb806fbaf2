/**
 * Binds a textarea to a Y.Text: what is typed becomes the smallest edit, what others type moves the caret along.
 * It draws no carets of others (`carets.ts`) and keeps no history: undo belongs to the document.
 */

import type * as Y from "yjs";

import { diffText, mapEdit, mapIndex, splitsPair, type DeltaStep, type TextEdit } from "./diff.ts";

export class PromptField {
  /** What the field shows in the document's words: the base of the next difference. */
  #shown = "";
  #writing = false;
  #composing = false;
  /** Others' changes while an input method composes: writing into the field would break the composition. */
  #deferred: (readonly DeltaStep[])[] = [];
  readonly #abort = new AbortController();

  constructor(
    private readonly field: HTMLTextAreaElement,
    readonly text: Y.Text,
    private readonly origin: string,
    private readonly onShown: () => void,
  ) {
    this.#show(text.toString());
    text.observe(this.#observe);
    const { signal } = this.#abort;
    field.addEventListener("input", () => { this.#commit(); }, { signal });
    field.addEventListener("compositionstart", () => { this.#composing = true; }, { signal });
    field.addEventListener("compositionend", () => {
      this.#composing = false;
      this.#commit();
    }, { signal });
  }

  destroy(): void {
    this.text.unobserve(this.#observe);
    this.#abort.abort();
  }

  readonly #observe = (event: Y.YTextEvent): void => {
    if (this.#writing) {
      return; // the field has it already
    }
    if (this.#composing) {
      this.#deferred.push(event.delta);
    } else if (this.text.toString() !== this.#shown) {
      const { selectionStart, selectionEnd, selectionDirection } = this.field;
      this.#show(this.text.toString());
      // a selection keeps its words: what others write right before it stays outside
      const start = mapIndex(selectionStart, event.delta, selectionStart === selectionEnd ? "left" : "right");
      this.#select(start, Math.max(start, mapIndex(selectionEnd, event.delta, "left")), selectionDirection);
      this.onShown();
    }
  };

  #commit(): void {
    if (this.#composing) {
      return;
    }
    const edit = diffText(this.#shown, this.field.value, this.field.selectionEnd);
    const deferred = this.#deferred;
    this.#deferred = [];
    if (edit === null && deferred.length === 0) {
      return;
    }
    const mapped = edit === null ? null : mapEdit(edit, deferred);
    if (mapped !== null) {
      this.#apply(mapped);
    }
    if (this.text.toString() === this.field.value) {
      this.#shown = this.field.value;
    } else {
      const caret = mapped === null ? this.field.selectionEnd : mapped.index + mapped.insert.length;
      this.#show(this.text.toString());
      this.#select(caret, caret, "none");
    }
    this.onShown();
  }

  #apply(edit: TextEdit): void {
    const write = (): void => {
      this.#dropCarriageReturns();
      if (edit.remove > 0) {
        this.text.delete(edit.index, edit.remove);
      }
      if (edit.insert !== "") {
        this.text.insert(edit.index, edit.insert);
      }
    };
    this.#writing = true;
    try {
      this.text.doc?.transact(write, this.origin);
    } finally {
      this.#writing = false;
    }
  }

  /** Fields know "\n" only: other clients' line ends become that as soon as somebody edits here, one by one. */
  #dropCarriageReturns(): void {
    const content = this.text.toString();
    for (let at = content.length - 1; at >= 0; at -= 1) {
      if (content.charAt(at) === "\r") {
        this.text.delete(at, 1);
        if (content.charAt(at + 1) !== "\n") {
          this.text.insert(at, "\n");
        }
      }
    }
  }

  #show(content: string): void {
    this.#shown = content.replace(/\r\n?/g, "\n");
    this.field.value = this.#shown;
  }

  #select(start: number, end: number, direction: "forward" | "backward" | "none"): void {
    const { value } = this.field;
    const whole = (at: number): number => (splitsPair(value, at) ? at + 1 : at);
    this.field.setSelectionRange(whole(start), whole(end), direction);
  }
}
