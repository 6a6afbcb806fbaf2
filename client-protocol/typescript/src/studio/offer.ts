/**
 * Reuse this take? One that is there and shows the same, under the picture of the run that would make another: its
 * picture, the words of both with what only one of them has, what it had cost, and the three answers.
 * It asks for the words once; an answer is everybody's.
 */

import { mediaUrl, HttpProblem } from "../http/client.ts";
import { inCredits } from "../http/credits.ts";
import { acceptOffer, declineOffer, getOffer, type Because, type Offer } from "../http/offer.ts";
import { element } from "../page/element.ts";
import { isActive, type OfferView, type RunView, type SceneView } from "../storyboard/model.ts";
import { besides } from "../text/words.ts";

export class TakeOffer {
  readonly element = element("section", { className: "offer", ariaLabel: "A take that is there already", hidden: true });
  readonly #note = element("p", { className: "offer-note", role: "status" });
  #shown = "";

  constructor(
    private readonly project: string,
    private readonly mayAnswer: boolean,
    /** The prompt as it stands. */
    private readonly promptOf: (scene: string) => string,
  ) {}

  update(scene: SceneView | null): void {
    const run = scene?.run ?? null;
    const offer = isActive(run) ? run.offer : null;
    this.element.hidden = offer === null;
    const shown = scene === null || offer === null ? "" : `${scene.id} ${offer.id}`;
    if (shown === this.#shown) {
      return;
    }
    this.#shown = shown;
    this.element.replaceChildren();
    if (scene !== null && run !== null && offer !== null) {
      void this.#show(shown, run, scene, offer);
    }
  }

  async #show(shown: string, run: RunView, scene: SceneView, seen: OfferView): Promise<void> {
    let offer: Offer | null = null;
    let failure = "It has been answered.";
    try {
      offer = await getOffer(run.id);
    } catch (error) {
      failure = messageOf(error, "The offer could not be read.");
    }
    if (shown !== this.#shown) {
      return;
    }
    if (offer === null) {
      this.#note.textContent = failure;
      this.element.replaceChildren(this.#note);
      return;
    }
    this.#note.textContent = saving(offer.saves, run.stage);
    this.element.replaceChildren(this.#picture(scene, seen), this.#words(scene, offer), this.#note, ...this.#answers(run.id, offer));
  }

  #picture(scene: SceneView, offer: OfferView): HTMLElement {
    const where = offer.scene === scene.id ? "of this scene" : "of another scene";
    const name = `Take ${offer.number} ${where}`;
    const head = element("h3", { className: "offer-head" }, `${name} shows the same. Use it?`);
    const picture = offer.thumb === null ? [] : [element("img", { src: mediaUrl(this.project, offer.thumb), alt: name })];
    return element("div", { className: "offer-take" }, ...picture, head);
  }

  #words(scene: SceneView, offer: Offer): HTMLElement {
    const now = this.promptOf(scene.id);
    const made = marked(offer.prompt, now);
    const asked = marked(now, offer.prompt);
    const same = element("p", { className: "offer-same" }, "The same words in another order.");
    const alike = [...made, ...asked].every((node) => typeof node === "string");
    return element(
      "dl",
      { className: "offer-words" },
      element("div", {}, element("dt", {}, "It was made for"), element("dd", {}, ...made)),
      element("div", {}, element("dt", {}, "Asked for now"), element("dd", {}, ...asked)),
      ...(alike ? [same] : []),
    );
  }

  #answers(run: string, offer: Offer): HTMLElement[] {
    if (!this.mayAnswer) {
      return [];
    }
    const answer = (text: string, act: () => Promise<void>, primary = false): HTMLElement => {
      const button = element("button", { type: "button", className: primary ? "button primary" : "button" }, text);
      button.addEventListener("click", () => void this.#answer(act));
      return button;
    };
    const decline = (because: Because) => () => declineOffer(run, offer.id, because);
    const list = element(
      "p",
      { className: "offer-answers" },
      answer("Use this take", () => acceptOffer(run, offer.id), true),
      answer("It shows something else", decline("differs")),
      answer("Make another", decline("another")),
    );
    return [list];
  }

  async #answer(act: () => Promise<void>): Promise<void> {
    this.#enable(false);
    const { textContent } = this.#note;
    try {
      await act();
      this.#note.textContent = "Answered.";
    } catch (error) {
      this.#note.textContent = messageOf(error, textContent);
      this.#enable(true);
    }
  }

  #enable(enabled: boolean): void {
    for (const button of this.element.querySelectorAll("button")) {
      button.disabled = !enabled;
    }
  }
}

function marked(text: string, other: string): (string | HTMLElement)[] {
  return besides(text, other).map((piece) => (piece.alone ? element("mark", {}, piece.text) : piece.text));
}

function saving(micro: number, stage: string): string {
  const worth = micro === 0 ? "It costs nothing, and is there at once." : `It costs nothing; to make it has cost ${inCredits(micro, 2)} credits.`;
  return `${worth} ${stage === "reuse" ? "Nothing is made before somebody answers." : "Until somebody answers, the new one is being made."}`;
}

function messageOf(error: unknown, otherwise: string): string {
  return error instanceof HttpProblem ? error.message : otherwise;
}
