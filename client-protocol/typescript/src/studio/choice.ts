/**
 * Which frames shall be filmed: the posters of a run that waits for a person, each with the button that films it.
 * A run is asked what it offers once; whoever chooses first has chosen for everybody.
 */

import type { FramesChoice } from "../http/asked.ts";
import { chooseFrames, getAsked, HttpProblem, mediaUrl } from "../http/client.ts";
import { element } from "../page/element.ts";
import { asksPeople, isActive, type RunView } from "../storyboard/model.ts";

export class Choice {
  readonly element = element("section", { className: "choice", ariaLabel: "Frames to choose from", hidden: true });
  readonly #note = element("p", { className: "choice-note", role: "status" });
  readonly #again = element("button", { type: "button", className: "button", hidden: true }, "Try again");
  readonly #list = element("ol", { className: "choice-list" });
  /** The one whose choices are shown, or asked for. */
  #run: string | null = null;

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
    const waiting = isActive(run) && asksPeople(run) ? run.id : null;
    this.element.hidden = waiting === null;
    if (waiting === this.#run) {
      return;
    }
    this.#run = waiting;
    this.#list.replaceChildren();
    this.#note.textContent = "";
    if (waiting !== null) {
      void this.#ask(waiting);
    }
  }

  async #ask(run: string): Promise<void> {
    this.#again.hidden = true;
    try {
      const asked = await getAsked(run);
      if (run === this.#run) {
        const drawn = asked?.choices.map((choice, index) => this.#drawn(run, asked.step, choice, index + 1)) ?? [];
        this.#list.replaceChildren(...drawn);
        this.#note.textContent = asked === null ? "The frames are chosen." : this.#question();
      }
    } catch (error) {
      this.#failed(run, error, "The frames could not be read.");
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

  #question(): string {
    return this.mayChoose ? "Which of these frames shall be filmed?" : "Somebody who may edit chooses which of these frames are filmed.";
  }

  async #choose(run: string, step: string, choice: string): Promise<void> {
    this.#enable(false);
    try {
      await chooseFrames(run, step, choice);
      if (run === this.#run) {
        this.#list.replaceChildren();
        this.#note.textContent = "Chosen. It is filmed next.";
      }
    } catch (error) {
      this.#failed(run, error, "The frames could not be chosen.");
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
