/**
 * Which frames shall be filmed, and whose plan: what a run that waits for a person offers, each with its button.
 * A run is asked what it offers once; whoever chooses first has chosen for everybody.
 */

import type { Asked, FramesChoice, PlanChange, PlanChoice } from "../http/asked.ts";
import { chooseFrames, getAsked, HttpProblem, mediaUrl } from "../http/client.ts";
import { element } from "../page/element.ts";
import { asksPeople, isActive, type RunView } from "../storyboard/model.ts";

export class Choice {
  readonly element = element("section", { className: "choice", ariaLabel: "To choose from", hidden: true });
  readonly #note = element("p", { className: "choice-note", role: "status" });
  readonly #again = element("button", { type: "button", className: "button", hidden: true }, "Try again");
  readonly #list = element("ol", { className: "choice-list" });
  /** The one whose choices are shown, or asked for. */
  #run: string | null = null;
  #stage: string | undefined;

  /** `mayChoose`: not who only looks. */
  constructor(
    private readonly project: string,
    private readonly mayChoose: boolean,
  ) {
    this.element.append(this.#note, this.#again, this.#list);
    this.#again.addEventListener("click", () => {
      if (this.#run !== null) {
        void this.#ask(this.#run);
      }
    });
  }

  update(run: RunView | null): void {
    const waiting = isActive(run) && asksPeople(run) ? run : null;
    this.element.hidden = waiting === null;
    if ((waiting?.id ?? null) === this.#run && waiting?.stage === this.#stage) {
      return;
    }
    this.#run = waiting?.id ?? null;
    this.#stage = waiting?.stage;
    this.#list.replaceChildren();
    this.#note.textContent = "";
    if (waiting !== null) {
      void this.#ask(waiting.id);
    }
  }

  async #ask(run: string): Promise<void> {
    this.#again.hidden = true;
    try {
      const asked = await getAsked(run);
      if (run === this.#run) {
        const drawn = asked?.choices.map((choice, index) => this.#drawn(run, asked.step, choice, index + 1)) ?? [];
        const plans = asked?.plans.map((plan) => this.#planned(run, asked.step, plan)) ?? [];
        this.#list.replaceChildren(...drawn, ...plans);
        this.#note.textContent = asked === null ? "It is chosen." : this.#question(asked);
      }
    } catch (error) {
      this.#failed(run, error, "What there is to choose from could not be read.");
      this.#again.hidden = false;
    }
  }

  #drawn(run: string, step: string, choice: FramesChoice, number: number): HTMLElement {
    const picture = element("img", { src: mediaUrl(this.project, choice.poster), alt: `Frames ${number}` });
    if (!this.mayChoose) {
      return element("li", {}, picture);
    }
    const film = element("button", { type: "button", className: "button", ariaLabel: `Film this one: frames ${number}` });
    film.append("Film this one");
    film.addEventListener("click", () => void this.#choose(run, step, choice.id));
    return element("li", {}, picture, film);
  }

  #planned(run: string, step: string, plan: PlanChoice): HTMLElement {
    const isRules = plan.changes.length === 0;
    const changes = element("ul", { className: "plan-changes" }, ...plan.changes.map((change) => element("li", {}, told(change))));
    const row = element("li", { className: "plan-choice" }, ...(isRules ? [] : [changes]));
    if (this.mayChoose) {
      const take = element("button", { type: "button", className: "button" }, isRules ? "Keep the studio's plan" : "Take the model's plan");
      take.addEventListener("click", () => void this.#choose(run, step, plan.id));
      row.append(take);
    }
    return row;
  }

  #question(asked: Asked): string {
    if (asked.plans.length > 0) {
      const who = this.mayChoose ? "Whose plan shall be made?" : "Somebody who may edit chooses whose plan is made.";
      return `A language model would film some shots otherwise. ${who}`;
    }
    return this.mayChoose ? "Which of these frames shall be filmed?" : "Somebody who may edit chooses which of these frames are filmed.";
  }

  async #choose(run: string, step: string, choice: string): Promise<void> {
    this.#enable(false);
    try {
      await chooseFrames(run, step, choice);
      if (run === this.#run) {
        this.#list.replaceChildren();
        this.#note.textContent = "Chosen. It is made next.";
      }
    } catch (error) {
      this.#failed(run, error, "It could not be chosen.");
      this.#enable(true);
    }
  }

  #enable(enabled: boolean): void {
    for (const button of this.#list.querySelectorAll("button")) {
      button.disabled = !enabled;
    }
  }

  #failed(run: string, error: unknown, otherwise: string): void {
    if (run === this.#run) {
      this.#note.textContent = error instanceof HttpProblem ? error.message : otherwise;
    }
  }
}

/** "Shot 2, size: MS → CU" */
function told(change: PlanChange): string {
  if (change.field === "shot") {
    return change.after === "" ? `Shot ${change.shot} goes: ${change.before}` : `Shot ${change.shot} is new: ${change.after}`;
  }
  return `Shot ${change.shot}, ${change.field.replace("_mm", "").replace("_", " ")}: ${change.before} \u2192 ${change.after}`;
}
