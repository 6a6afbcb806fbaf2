/** A choice of looks, with the colours of the one that is chosen beside it. */

import type { Look } from "../http/looks.ts";
import { element } from "./element.ts";
import { choice, type Field } from "./fields.ts";

export class LookChoice {
  readonly field: Field<HTMLSelectElement>;
  readonly palette = element("span", { className: "palette", ariaHidden: "true" });

  constructor(
    private readonly looks: readonly Look[],
    chosen: string,
    changed: (look: Look) => void = () => undefined,
  ) {
    const [first] = looks;
    const known = looks.some(({ id }) => id === chosen) ? chosen : (first?.id ?? "");
    this.field = choice("brain", "Look", looks.map(({ id, name }) => [id, name]), known);
    this.field.control.addEventListener("change", () => {
      this.#show();
      const look = this.#look;
      if (look !== undefined) {
        changed(look);
      }
    });
    this.#show();
  }

  get #look(): Look | undefined {
    return this.looks.find(({ id }) => id === this.field.value);
  }

  #show(): void {
    this.palette.replaceChildren(
      ...(this.#look?.palette ?? []).map((colour) => {
        const swatch = element("span");
        swatch.style.setProperty("--swatch", colour);
        return swatch;
      }),
    );
  }
}
