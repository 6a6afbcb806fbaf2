/**
 * A form of labelled fields: sent once at a time, and what the studio refuses is said at the field that it names.
 * What a value may be the studio says; nothing is judged here.
 */

import { HttpProblem } from "../http/client.ts";
import { newId } from "../ids.ts";
import { element, setText } from "./element.ts";

type Control = HTMLInputElement | HTMLSelectElement;

/** `name`: as the studio calls it in a refusal. */
export class Field<C extends Control = Control> {
  readonly element: HTMLElement;
  readonly #problem = element("p", { className: "field-problem", id: newId("fld") });

  constructor(
    readonly name: string,
    label: string,
    readonly control: C,
  ) {
    const id = newId("fld");
    control.id = id;
    control.setAttribute("aria-describedby", this.#problem.id);
    const isTick = control.type === "checkbox";
    const words = element("label", { htmlFor: id }, label);
    this.element = element("div", { className: isTick ? "field tick" : "field" }, ...(isTick ? [control, words] : [words, control]), this.#problem);
  }

  get value(): string {
    return this.control.value.trim();
  }

  refuse(message: string): void {
    setText(this.#problem, message);
    this.control.setAttribute("aria-invalid", "true");
    this.control.focus();
  }

  accept(): void {
    setText(this.#problem, "");
    this.control.removeAttribute("aria-invalid");
  }
}

export function textField(name: string, label: string, properties: Partial<Omit<HTMLInputElement, "style" | "dataset">> = {}): Field<HTMLInputElement> {
  return new Field(name, label, element("input", { type: "text", autocomplete: "off", ...properties }));
}

export function tick(name: string, label: string, checked = false): Field<HTMLInputElement> {
  return new Field(name, label, element("input", { type: "checkbox", checked, defaultChecked: checked }));
}

export function choice(name: string, label: string, options: readonly Option[], value: string): Field<HTMLSelectElement> {
  return new Field(name, label, select(options, value));
}

export type Option = readonly [value: string, text: string];

export function select(options: readonly Option[], value: string): HTMLSelectElement {
  const node = element("select", {}, ...options.map(([each, text]) => element("option", { value: each }, text)));
  node.value = value;
  return node;
}

/** `send` runs when it is submitted. After success the fields are as they were at first, unless `keeps`. */
export function fieldForm(fields: readonly Field[], label: string, send: () => Promise<void>, keeps = false): HTMLFormElement {
  const button = element("button", { type: "submit", className: "button primary" }, label);
  const problem = element("p", { className: "field-problem", role: "alert" });
  const form = element("form", { className: "fields", noValidate: true }, ...fields.map((field) => field.element), button, problem);
  let isBusy = false;
  const submit = async (): Promise<void> => {
    setText(problem, "");
    for (const field of fields) {
      field.accept();
    }
    try {
      await send();
      if (!keeps) {
        form.reset();
      }
    } catch (error) {
      if (!(error instanceof HttpProblem)) {
        throw error;
      }
      show(error, fields, problem);
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isBusy) {
      isBusy = true;
      button.setAttribute("aria-disabled", "true");
      void submit().finally(() => {
        isBusy = false;
        button.removeAttribute("aria-disabled");
      });
    }
  });
  return form;
}

function show(error: HttpProblem, fields: readonly Field[], problem: HTMLElement): void {
  const named = fields.find((field) => field.name === error.field);
  if (named === undefined) {
    setText(problem, error.message);
  } else {
    named.refuse(error.message.replace(`${error.field}: `, ""));
  }
}
