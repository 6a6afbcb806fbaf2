/**
 * A run's progress as a bar with its stage, and a scene's state in a word.
 * Where the numbers come from (milestones, ticks) is settled before they arrive here.
 */

import { element, setAttribute, setText } from "../page/element.ts";
import { stageName } from "../page/stages.ts";
import { asksPeople, isActive, STAGES, type RunView, type SceneView } from "../storyboard/model.ts";

export class ProgressBar {
  readonly element = element("div", { className: "progress", role: "progressbar", hidden: true });
  readonly #fill = element("div", { className: "progress-fill" });
  readonly #label = element("span", { className: "progress-stage" });
  readonly #pct = element("span", { className: "progress-pct" });

  constructor() {
    this.element.ariaValueMin = "0";
    this.element.ariaValueMax = "100";
    this.element.append(
      element("div", { className: "progress-text" }, this.#label, this.#pct),
      element("div", { className: "progress-track" }, this.#fill),
    );
  }

  update(run: RunView | null, label: string): void {
    const active = isActive(run);
    this.element.hidden = !active;
    if (!active) {
      return;
    }
    setAttribute(this.element, "aria-label", label);
    setAttribute(this.element, "aria-valuenow", String(run.pct));
    setAttribute(this.element, "aria-valuetext", `${stageName(run.stage)}, ${run.pct} %`);
    setText(this.#label, stageName(run.stage));
    setText(this.#pct, `${run.pct} %`);
    this.#fill.style.setProperty("--done", `${run.pct}%`);
  }
}

/** The short names of the stages in order, for the monitor's row of steps. */
export function stageSteps(): readonly (readonly [stage: string, name: string])[] {
  return STAGES.map((stage) => [stage, stage.charAt(0).toUpperCase() + stage.slice(1)]);
}

export function statusText(scene: SceneView): string {
  if (isActive(scene.run)) {
    return asksPeople(scene.run) ? "Your choice" : scene.run.state === "queued" ? "Queued" : "Generating";
  }
  if (scene.run?.state === "failed") {
    return "Failed";
  }
  if (scene.take !== null) {
    return `Take ${scene.take.number}`;
  }
  return scene.run?.state === "cancelled" ? "Cancelled" : scene.status === "locked" ? "Locked" : "Draft";
}
