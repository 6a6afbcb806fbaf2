/**
 * Which models made a scene's last generation, under its picture: every decision with who was passed over and why.
 * It asks when it is opened, and again when the run has come further; closed, it asks nobody.
 */

import { HttpProblem, listRoutes } from "../http/client.ts";
import type { RouteView } from "../http/route.ts";
import { element } from "../page/element.ts";
import { nameOfStep } from "../page/stages.ts";
import type { RunView } from "../storyboard/model.ts";

export class Routes {
  readonly element = element("details", { className: "routes", hidden: true });
  readonly #list = element("ol", { className: "routes-list" });
  readonly #note = element("p", { className: "routes-note" });
  /** By what they show, so that what somebody has unfolded stays so while the run goes on. */
  #drawn: ReadonlyMap<string, HTMLElement> = new Map();
  #run: string | null = null;
  /** What is shown, or asked for: a run at one of its stages. */
  #shown = "";
  #wanted = "";

  constructor() {
    this.element.append(element("summary", {}, "Which models, and why"), this.#note, this.#list);
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
    let routes: readonly RouteView[] = [];
    let note = "Made on the studio's own machines: no model was chosen.";
    try {
      routes = await listRoutes(run);
    } catch (error) {
      this.#shown = "";
      note = error instanceof HttpProblem ? error.message : "The decisions could not be read.";
    }
    if (run === this.#run) {
      this.#note.textContent = note;
      this.#note.hidden = routes.length > 0;
      this.#draw(routes);
    }
  }

  #draw(routes: readonly RouteView[]): void {
    const before = this.#drawn;
    this.#drawn = new Map(
      routes.map((route) => {
        const key = JSON.stringify(route);
        return [key, before.get(key) ?? drawn(route)];
      }),
    );
    const nodes = [...this.#drawn.values()];
    if (nodes.length !== before.size || nodes.some((node) => !node.isConnected)) {
      this.#list.replaceChildren(...nodes);
    }
  }
}

function drawn(route: RouteView): HTMLElement {
  const head = element("p", { className: "route-head" }, stepName(route));
  const node = element("li", { className: "route" }, head, element("p", {}, route.sentence));
  const came = cameOf(route);
  if (came !== "") {
    node.append(element("p", { className: "route-came" }, came));
  }
  if (route.others.length > 0) {
    const others = route.others.map((each) => {
      const item = element("li", {}, each.sentence);
      item.dataset["reason"] = each.reason;
      return item;
    });
    const summary = element("summary", {}, `${route.others.length} passed over`);
    node.append(element("details", { className: "route-others" }, summary, element("ul", {}, ...others)));
  }
  return node;
}

/** `shot.1` of the second turn is "Shot 1, try 2". */
export function stepName(route: Pick<RouteView, "step" | "turn">): string {
  const name = nameOfStep(route.step);
  return route.turn === 1 ? name : `${name}, try ${route.turn}`;
}

export function cameOf(route: Pick<RouteView, "failed" | "tookSeconds">): string {
  if (route.failed) {
    return "It failed.";
  }
  return route.tookSeconds === null ? "" : `It took ${Math.max(1, Math.round(route.tookSeconds))} s.`;
}
