/**
 * Something about a scene's last generation that is folded away under its picture, as a list.
 * It asks when it is opened, and again when the run has come further; closed, it asks nobody.
 */

import { HttpProblem } from "../http/client.ts";
import { element } from "../page/element.ts";
import type { RunView } from "../storyboard/model.ts";

export interface Subject<T> {
  /** Of the element, and before "-list" and "-note" of its parts. */
  readonly className: string;
  readonly title: string;
  /** What is said of an empty list. */
  readonly nothing: string;
  /** What is said where nobody answered. */
  readonly unread: string;
  readonly ask: (run: string) => Promise<readonly T[]>;
  readonly draw: (item: T) => HTMLElement;
}

export class RunDetails<T> {
  readonly element: HTMLDetailsElement;
  readonly #list: HTMLElement;
  readonly #note: HTMLElement;
  /** By what they show, so that what somebody has unfolded stays so while the run goes on. */
  #drawn: ReadonlyMap<string, HTMLElement> = new Map();
  #run: string | null = null;
  /** What is shown, or asked for: a run at one of its stages. */
  #shown = "";
  #wanted = "";

  constructor(private readonly subject: Subject<T>) {
    const { className, title } = subject;
    this.element = element("details", { className: `run-details ${className}`, hidden: true });
    this.#list = element("ol", { className: `run-details-list ${className}-list` });
    this.#note = element("p", { className: `run-details-note ${className}-note` });
    this.element.append(element("summary", {}, title), this.#note, this.#list);
    this.element.addEventListener("toggle", () => { this.#ask(); });
  }

  update(run: RunView | null): void {
    this.element.hidden = run === null;
    if (run?.id !== this.#run) {
      this.#draw([]);
      this.#note.hidden = true;
    }
    this.#run = run?.id ?? null;
    this.#wanted = run === null ? "" : `${run.id} ${run.stage} ${run.state}`;
    this.#ask();
  }

  #ask(): void {
    if (!this.element.open || this.#run === null || this.#shown === this.#wanted) {
      return;
    }
    this.#shown = this.#wanted;
    void this.#show(this.#run);
  }

  async #show(run: string): Promise<void> {
    let items: readonly T[] = [];
    let note = this.subject.nothing;
    try {
      items = await this.subject.ask(run);
    } catch (error) {
      this.#shown = "";
      note = error instanceof HttpProblem ? error.message : this.subject.unread;
    }
    if (run === this.#run) {
      this.#note.textContent = note;
      this.#note.hidden = items.length > 0;
      this.#draw(items);
    }
  }

  #draw(items: readonly T[]): void {
    const before = this.#drawn;
    this.#drawn = new Map(
      items.map((item) => {
        const key = JSON.stringify(item);
        return [key, before.get(key) ?? this.subject.draw(item)];
      }),
    );
    const nodes = [...this.#drawn.values()];
    if (nodes.length !== before.size || nodes.some((node) => !node.isConnected)) {
      this.#list.replaceChildren(...nodes);
    }
  }
}
