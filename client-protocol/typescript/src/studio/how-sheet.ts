/**
 * How a scene is generated: boards or straight on, a draft or a final, by which models and up to what price.
 * Whatever is chosen, the price is shown before anything is begun. It begins nothing itself: `HowActions` does.
 */

import { HttpProblem } from "../http/client.ts";
import { DRAFT, quote, type ModelQuote, type Quote, type Wish } from "../http/quote.ts";
import { element, setText } from "../page/element.ts";
import { choice, textField } from "../page/fields.ts";
import { modelText, priceText, roomText } from "./price.ts";

const MICRO = 1_000_000;
const FRAMES = [
  ["1", "Straight on"],
  ["2", "Show two sets of frames, then wait for a choice"],
  ["3", "Show three sets of frames, then wait for a choice"],
  ["4", "Show four sets of frames, then wait for a choice"],
] as const;
const PURPOSES = [
  ["draft", "A draft, drawn here, free"],
  ["final", "A final, by a film model"],
] as const;

export interface HowActions {
  readonly project: string;
  readonly episode: string;
  generate(scene: string, wish: Wish): void;
}

export class HowSheet {
  readonly #dialog = element("dialog", { className: "how" });
  readonly #title = element("h2", { id: "how-title" });
  readonly #frames = choice("boards", "Frames", FRAMES, "1");
  readonly #purpose = choice("purpose", "What is made", PURPOSES, "draft");
  readonly #limit = textField("spend_max_microcredits", "Spend at most, in credits (empty: as the budgets allow)", { inputMode: "decimal" });
  readonly #models = element("ul", { className: "how-models", ariaLabel: "Models" });
  readonly #final = element("div", {}, this.#limit.element, element("h3", {}, "Models"), element("p", { className: "how-note" }, "Choose none, and the best of all is taken."), this.#models);
  readonly #price = element("p", { className: "how-price", role: "status" });
  readonly #why = element("p", { className: "how-note" });
  readonly #begin = element("button", { type: "submit", className: "button primary" }, "Generate");
  #scene = "";
  /** Those that are chosen. */
  #named: ReadonlySet<string> = new Set();
  /** Of the newest question: an older answer is not shown any more. */
  #asked = 0;

  constructor(private readonly actions: HowActions) {
    const close = element("button", { type: "button", className: "button" }, "Close");
    close.addEventListener("click", () => { this.#dialog.close(); });
    const form = element(
      "form",
      {},
      element("div", { className: "how-head" }, this.#title, close),
      this.#purpose.element,
      this.#frames.element,
      this.#final,
      element("div", { className: "how-foot" }, this.#price, this.#why, this.#begin),
    );
    this.#dialog.setAttribute("aria-labelledby", this.#title.id);
    this.#dialog.append(form);
    form.addEventListener("change", () => { void this.#ask(); });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    document.body.append(this.#dialog);
  }

  /** As it was chosen the last time. */
  open(scene: string, name: string): void {
    this.#scene = scene;
    this.#named = new Set();
    this.#models.replaceChildren();
    setText(this.#title, `How ${name} is generated`);
    setText(this.#price, "");
    setText(this.#why, "");
    this.#dialog.showModal();
    void this.#ask();
  }

  /** Null: the limit is no number. */
  #wish(): Wish | null {
    if (this.#purpose.value !== "final") {
      return { ...DRAFT, boards: Number(this.#frames.value) };
    }
    const limit = this.#limit.value === "" ? null : Math.round(Number(this.#limit.value.replace(",", ".")) * MICRO);
    if (limit !== null && !(limit >= 0 && Number.isSafeInteger(limit))) {
      return null;
    }
    return { boards: Number(this.#frames.value), purpose: "final", models: [...this.#named], spendMax: limit };
  }

  async #ask(): Promise<void> {
    const asked = ++this.#asked;
    const wish = this.#wish();
    this.#final.hidden = this.#purpose.value !== "final";
    this.#begin.disabled = true;
    if (wish === null) {
      this.#limit.refuse("Write a number of credits.");
      return;
    }
    this.#limit.accept();
    try {
      const anybody = { ...wish, models: [] };
      const [all, own] = await Promise.all([this.#quoted(anybody), wish.models.length === 0 ? null : this.#quoted(wish)]);
      if (asked === this.#asked) {
        this.#show(all, own ?? all);
      }
    } catch (error) {
      if (asked === this.#asked) {
        setText(this.#price, error instanceof HttpProblem ? error.message : "The price could not be read.");
        setText(this.#why, "");
      }
    }
  }

  #quoted(wish: Wish): Promise<Quote> {
    return quote(this.actions.project, this.actions.episode, this.#scene, wish);
  }

  /** `all`: of all models; `own`: of those that are chosen. */
  #show(all: Quote, own: Quote): void {
    setText(this.#price, priceText(own));
    setText(this.#why, own.shots === 0 ? own.sentence : `${own.sentence} ${roomText(own)}`);
    this.#begin.disabled = !own.possible;
    const had = document.activeElement?.id;
    this.#models.replaceChildren(...all.models.map((model) => this.#model(model, all.shots)));
    if (had !== undefined && had !== "") {
      document.getElementById(had)?.focus();
    }
  }

  #model(model: ModelQuote, shots: number): HTMLElement {
    const id = `how-${model.name}`;
    const box = element("input", { type: "checkbox", id, checked: this.#named.has(model.name), disabled: model.shots === 0 && !this.#named.has(model.name) });
    box.addEventListener("change", () => {
      const rest = [...this.#named].filter((name) => name !== model.name);
      this.#named = new Set(box.checked ? [...rest, model.name] : rest);
    });
    const title = element("label", { htmlFor: id }, model.title);
    const price = element("span", { className: "how-model-price" }, modelText(model, shots));
    const item = element("li", {}, box, title, price, element("p", {}, model.sentence));
    item.dataset["model"] = model.name;
    return item;
  }

  #send(): void {
    const wish = this.#wish();
    if (wish !== null && !this.#begin.disabled) {
      this.#dialog.close();
      this.actions.generate(this.#scene, wish);
    }
  }
}
