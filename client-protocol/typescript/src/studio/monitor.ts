/**
 * The big picture: the selected scene's preview while it sharpens, then its take in a player, with the steps of the run.
 * It follows the selection and never changes it.
 */

import { mediaUrl } from "../http/client.ts";
import type { OutputView } from "../http/output.ts";
import { element, setAttribute, setText } from "../page/element.ts";
import { Picture } from "../page/picture.ts";
import { stageName } from "../page/stages.ts";
import { formatDuration, isActive, previewOf, seconds, type SceneView, type TakeView } from "../storyboard/model.ts";
import { formatSlug } from "../storyboard/slug.ts";
import { describeShot, pictureOf } from "./card.ts";
import { Choice } from "./choice.ts";
import { Moments } from "./moments.ts";
import { TakeOffer } from "./offer.ts";
import { outputs } from "./outputs.ts";
import { costText } from "./price.ts";
import { stageSteps } from "./progress.ts";
import type { RunDetails } from "./run-details.ts";
import { routes } from "./routes.ts";
import { Variations } from "./variations.ts";

export class Monitor {
  readonly #screen = element("div", { className: "screen" });
  readonly #video = element("video", { className: "screen-video", controls: true, playsInline: true, preload: "metadata", hidden: true });
  readonly #slate = element("div", { className: "screen-slate" });
  readonly #slateNumber = element("p", { className: "screen-slate-number" });
  readonly #slateText = element("p", { className: "screen-slate-text" });
  readonly #badge = element("p", { className: "screen-badge", hidden: true });
  readonly #steps = element("ol", { className: "steps", ariaLabel: "Steps of the generation" });
  readonly #title = element("h2", { className: "monitor-title" });
  readonly #heading = element("p", { className: "monitor-heading" });
  readonly #facts = element("dl", { className: "monitor-facts" });
  readonly #moments = new Moments(this.#video);
  readonly #routes = routes();
  readonly #outputs: RunDetails<OutputView>;
  readonly #choice: Choice;
  readonly #offer: TakeOffer;
  readonly #variations: Variations | null;
  readonly #picture = new Picture(this.#screen);
  readonly #stepNodes = new Map<string, HTMLElement>();
  #scene: string | null = null;
  #wasActive = false;

  constructor(
    container: HTMLElement,
    private readonly project: string,
    editable: boolean,
    promptOf: (scene: string) => string,
  ) {
    this.#offer = new TakeOffer(project, editable, promptOf);
    this.#variations = editable ? new Variations(project, promptOf) : null;
    this.#choice = new Choice(project, editable);
    this.#outputs = outputs(project);
    this.#slate.append(this.#slateNumber, this.#slateText);
    this.#screen.append(this.#slate, this.#video, this.#badge);
    for (const [stage, name] of stageSteps()) {
      const node = element("li", {}, name);
      this.#stepNodes.set(stage, node);
      this.#steps.append(node);
    }
    const details = [this.#routes.element, this.#outputs.element];
    const about = element("div", { className: "monitor-about" }, this.#heading, this.#title, this.#facts, ...details);
    const goOn = this.#variations === null ? [] : [this.#variations.element];
    container.replaceChildren(this.#screen, this.#moments.element, this.#steps, this.#offer.element, this.#choice.element, ...goOn, about);
  }

  update(scene: SceneView | null, rate: readonly [number, number]): void {
    const changed = scene?.id !== this.#scene;
    this.#scene = scene?.id ?? null;
    this.#updateScreen(scene, changed);
    this.#updateSteps(scene);
    setText(this.#heading, scene === null ? "" : formatSlug(scene.slug));
    setText(this.#title, scene === null ? "No scene selected" : scene.title || `Scene ${scene.number}`);
    this.#updateFacts(scene, rate);
    this.#choice.update(scene?.run ?? null);
    this.#offer.update(scene);
    this.#variations?.update(scene);
    this.#routes.update(scene?.run ?? null);
    this.#outputs.update(scene?.run ?? null);
    this.#wasActive = isActive(scene?.run ?? null);
  }

  #updateScreen(scene: SceneView | null, changed: boolean): void {
    const preview = scene === null ? null : previewOf(scene);
    const active = isActive(scene?.run ?? null);
    const take = active && preview !== null ? null : (scene?.take ?? null);
    this.#updateVideo(take, !changed && this.#wasActive && !active);
    this.#moments.update(take);
    this.#picture.show(scene === null || take !== null ? null : pictureOf(this.project, scene));
    this.#slate.hidden = take !== null || preview !== null;
    setText(this.#slateNumber, scene?.number ?? "");
    setText(this.#slateText, slateText(scene));
    this.#badge.hidden = !active;
    setText(this.#badge, scene?.run == null ? "" : `${stageName(scene.run.stage)} ${scene.run.pct} %`);
    setAttribute(this.#screen, "data-state", take !== null ? "take" : preview !== null ? "preview" : "slate");
  }

  /** A take that has just been made before our eyes plays by itself, silently; any other waits to be started. */
  #updateVideo(take: TakeView | null, arrived: boolean): void {
    this.#video.hidden = take === null;
    const wanted = take === null ? "" : mediaUrl(this.project, take.media);
    if ((this.#video.getAttribute("src") ?? "") === wanted) {
      return;
    }
    if (take === null) {
      this.#video.removeAttribute("src");
      this.#video.removeAttribute("poster");
      this.#video.load();
      return;
    }
    this.#video.ariaLabel = `Take ${take.number}`;
    setAttribute(this.#video, "poster", take.thumb === null ? null : mediaUrl(this.project, take.thumb));
    this.#video.src = wanted;
    if (arrived && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.#video.muted = true;
      this.#video.play().catch(() => undefined); // the browser may forbid it; the controls are there
    }
  }

  #updateSteps(scene: SceneView | null): void {
    const run = scene?.run ?? null;
    const stages = [...this.#stepNodes.keys()];
    const at = isActive(run) ? stages.indexOf(stepOf(run.stage)) : scene?.take != null ? stages.length : -1;
    stages.forEach((stage, index) => {
      const node = this.#stepNodes.get(stage);
      if (node !== undefined) {
        node.className = index < at ? "done" : index === at ? "current" : "";
        setAttribute(node, "aria-current", index === at ? "step" : null);
      }
    });
  }

  #updateFacts(scene: SceneView | null, rate: readonly [number, number]): void {
    const facts = scene === null ? [] : factsOf(scene, rate);
    const key = JSON.stringify(facts);
    if (this.#facts.dataset["key"] !== key) {
      this.#facts.dataset["key"] = key;
      this.#facts.replaceChildren(
        ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
      );
    }
  }
}

/** A choice belongs to the frames that are chosen from, and before an answer to an offer nothing is made. */
function stepOf(stage: string): string {
  return stage === "choose" ? "frames" : stage === "reuse" || stage === "agree" ? "enhance" : stage;
}

function slateText(scene: SceneView | null): string {
  if (scene === null) {
    return "Select a scene on the storyboard.";
  }
  if (isActive(scene.run)) {
    return "The first preview is on its way.";
  }
  if (scene.run?.state === "failed") {
    return scene.run.error ?? "The last generation failed.";
  }
  return "Not shot yet. Write the prompt and press Generate.";
}

function factsOf(scene: SceneView, rate: readonly [number, number]): [string, string][] {
  const facts: [string, string][] = scene.shots.map((shot, index) => [
    scene.shots.length > 1 ? `Shot ${index + 1}` : "Shot",
    describeShot(shot),
  ]);
  if (scene.take !== null) {
    const { take } = scene;
    facts.push(["Take", String(take.number).padStart(3, "0")]);
    facts.push(["Length", `${formatDuration(seconds(take.frames, take.rate))}, ${take.frames} frames`]);
    facts.push(["Picture", `${take.width} \u00d7 ${take.height}`]);
    if (take.cost !== null) {
      facts.push(["Cost", costText(take.cost)]);
    }
  } else {
    facts.push(["Length", `about ${formatDuration(seconds(scene.estimateFrames, rate))}`]);
  }
  return facts;
}
