/**
 * What was decided about the take that is shown, and the two buttons of whoever may decide.
 * Who asks for changes says which; a note that was begun stays with its take.
 */

import { getProject, HttpProblem } from "../http/client.ts";
import { decide, listDecisions, type Decision, type Verdict } from "../http/review.ts";
import { arrange, element, required, setText } from "../page/element.ts";
import { oneAtATime } from "../page/form.ts";
import { moment } from "../page/when.ts";

const SAID: Readonly<Record<Verdict, string>> = { approved: "approved it", changes: "asks for changes" };
const NOTE_CHARS_MAX = 2_000;

export class Decisions {
  readonly #panel = required("decisions");
  readonly #list = element("ol", { className: "said" });
  readonly #note = element("textarea", { id: "note", rows: 2, maxLength: NOTE_CHARS_MAX });
  readonly #buttons: Readonly<Record<Verdict, HTMLButtonElement>> = {
    approved: element("button", { type: "button", className: "button" }, "Approve"),
    changes: element("button", { type: "button", className: "button" }, "Ask for changes"),
  };
  readonly #form = element(
    "div",
    { className: "deciding", hidden: true },
    element("label", { htmlFor: "note" }, "Note"),
    this.#note,
    element("div", { className: "deciding-buttons" }, this.#buttons.approved, this.#buttons.changes),
  );
  readonly #once = oneAtATime((problem) => { (problem.field === "note" ? this.#note : this.#buttons.approved).focus(); });
  readonly #notes = new Map<string, string>();
  #take: string | null = null;
  #asked = 0;

  constructor(project: string) {
    this.#panel.append(this.#list, this.#form, element("p", { id: "problem", className: "problem", role: "alert" }));
    for (const verdict of ["approved", "changes"] as const) {
      this.#buttons[verdict].addEventListener("click", () => void this.#once(() => this.#decide(verdict)));
    }
    this.#note.addEventListener("input", () => { this.#keepNote(); });
    getProject(project).then(
      (found) => { this.#form.hidden = !found.mayApprove; },
      () => undefined, // the page itself says that there is no such project
    );
  }

  /** `decided`: rises with every decision in the project. */
  show(take: string | null, decided: number): void {
    if (take === this.#take && decided === this.#asked) {
      return;
    }
    if (take !== this.#take) {
      this.#keepNote();
      this.#note.value = (take === null ? undefined : this.#notes.get(take)) ?? "";
      setText(required("problem"), "");
      arrange(this.#list, []);
    }
    this.#take = take;
    this.#asked = decided;
    this.#panel.hidden = take === null;
    if (take !== null) {
      void this.#load(take);
    }
  }

  async #load(take: string): Promise<void> {
    try {
      this.#showAll(take, await listDecisions(take));
    } catch (problem) {
      if (!(problem instanceof HttpProblem)) {
        throw problem;
      }
      this.#asked = 0; // asked again with the next event
    }
  }

  async #decide(verdict: Verdict): Promise<void> {
    const take = this.#take;
    if (take === null) {
      return;
    }
    await decide(take, verdict, this.#note.value, crypto.randomUUID());
    this.#notes.delete(take);
    if (take === this.#take) {
      this.#note.value = "";
    }
    await this.#load(take);
  }

  #showAll(take: string, decisions: readonly Decision[]): void {
    if (take === this.#take) {
      arrange(this.#list, decisions.map(shown));
    }
  }

  #keepNote(): void {
    if (this.#take !== null) {
      this.#notes.set(this.#take, this.#note.value);
    }
  }
}

function shown(decision: Decision): HTMLLIElement {
  const line = element("p", { className: "said-line" }, element("strong", {}, decision.by), ` ${SAID[decision.verdict]}`);
  const when = element("time", { className: "quiet", dateTime: decision.at }, moment(decision.at));
  const row = element("li", { className: "said-row" }, line, when);
  row.dataset["verdict"] = decision.verdict;
  if (decision.note !== "") {
    row.append(element("p", { className: "said-note" }, decision.note));
  }
  return row;
}
