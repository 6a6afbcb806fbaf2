/**
 * Tells of generations in words, for the live region: each stage once, and how a run ended.
 * Percentages are left to the progress bars.
 */

import { isActive, type RunView, type SceneView } from "../storyboard/model.ts";
import { stageName } from "../page/stages.ts";

export class RunReporter {
  readonly #known = new Map<string, RunView>();

  constructor(private readonly say: (message: string) => void) {}

  report(scenes: readonly SceneView[]): void {
    for (const scene of scenes) {
      const known = this.#known.get(scene.id);
      const message = scene.run === null ? null : news(scene, scene.run, known);
      if (scene.run !== null) {
        this.#known.set(scene.id, scene.run);
      }
      if (message !== null) {
        this.say(`Scene ${scene.number}: ${message}`);
      }
    }
  }
}

/** Runs that had ended before this page saw them are no news. */
function news(scene: SceneView, run: RunView, known: RunView | undefined): string | null {
  if (isActive(run)) {
    return known?.id === run.id && known.stage === run.stage ? null : stageName(run.stage);
  }
  if (known?.id !== run.id || !isActive(known)) {
    return null;
  }
  if (run.state === "failed") {
    return `failed${run.error === null ? "" : `, ${run.error}`}`;
  }
  return run.state === "cancelled" ? "cancelled" : `take ${scene.take?.number ?? ""} is ready`;
}
