/**
 * One scene in the reviewer's list: picture, number, title, and what is happening to it.
 */

import { mediaUrl } from "../http/client.ts";
import { progressOf } from "../http/feed.ts";
import type { FeedScene } from "../http/model.ts";
import { element, setAttribute, setText } from "../page/element.ts";
import { Picture, type Shown } from "../page/picture.ts";
import { stageName } from "../page/stages.ts";
import { formatDuration, seconds } from "../storyboard/model.ts";
import { showingOf } from "./focus.ts";

export class SceneRow {
  readonly element = element("li", { className: "row" });
  readonly #button = element("button", { type: "button", className: "row-button" });
  readonly #frame = element("span", { className: "row-frame" });
  readonly #number = element("span", { className: "row-number" });
  readonly #title = element("span", { className: "row-title" });
  readonly #heading = element("span", { className: "row-heading" });
  readonly #state = element("span", { className: "row-state" });
  readonly #done = element("span", { className: "row-done", hidden: true });
  readonly #picture = new Picture(this.#frame);

  constructor(
    private readonly project: string,
    scene: string,
    onChoose: (scene: string) => void,
  ) {
    this.element.dataset["scene"] = scene;
    this.#frame.append(this.#number);
    const text = element("span", { className: "row-text" }, this.#title, this.#heading, this.#state, this.#done);
    this.#button.append(this.#frame, text);
    this.#button.addEventListener("click", () => { onChoose(scene); });
    this.element.append(this.#button);
  }

  update(scene: FeedScene, current: boolean): void {
    const pct = progressOf(scene);
    setText(this.#number, scene.number);
    setText(this.#title, scene.title || "Untitled");
    setText(this.#heading, scene.heading);
    setText(this.#state, pct === null ? stateText(scene) : `${stageText(scene)} ${pct} %`);
    setAttribute(this.#button, "aria-current", current ? "true" : null);
    this.element.dataset["status"] = pct !== null ? "generating" : scene.take !== null ? "complete" : scene.status;
    this.#done.hidden = pct === null;
    this.#done.style.setProperty("--done", `${pct ?? 0}%`);
    this.#picture.show(pictureOf(this.project, scene));
  }
}

export function stageText(scene: FeedScene): string {
  return stageName(scene.run?.stage ?? "queued");
}

export function stateText(scene: FeedScene): string {
  if (progressOf(scene) !== null) {
    return stageText(scene);
  }
  if (scene.run?.state === "failed") {
    return "Failed";
  }
  if (scene.take !== null) {
    return `Shot, ${formatDuration(seconds(scene.take.frames, scene.take.rate))}`;
  }
  return scene.run?.state === "cancelled" ? "Cancelled" : "Not shot yet";
}

function pictureOf(project: string, scene: FeedScene): Shown | null {
  if (showingOf(scene) === "preview" && scene.preview !== null) {
    return { url: mediaUrl(project, scene.preview.media), alt: "", step: scene.preview.step };
  }
  const thumb = scene.take?.thumb ?? null;
  return thumb === null ? null : { url: mediaUrl(project, thumb), alt: "", step: null };
}
