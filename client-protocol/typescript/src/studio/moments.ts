/**
 * Small pictures of the take under the big one, a second apart or so: each brings the player to its moment.
 * They are pieces of one sheet; a take that has none shows nothing.
 */

import { takeMoments } from "../http/client.ts";
import { element } from "../page/element.ts";
import type { TakeView } from "../storyboard/model.ts";

export interface Moment {
  readonly atSeconds: number;
  readonly picture: string;
  /** Of the sheet, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly wide: number;
  readonly tall: number;
}

const CUE = /^(\d+):(\d{2}):(\d{2}\.\d{3}) --> .*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm;

/** Of the sheet's times (WebVTT). */
export function readMoments(text: string): Moment[] {
  return [...text.matchAll(CUE)].map(([, hours, minutes, seconds, picture = "", ...box]) => {
    const [x = 0, y = 0, wide = 0, tall = 0] = box.map(Number);
    return { atSeconds: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds), picture, x, y, wide, tall };
  });
}

export class Moments {
  readonly element = element("div", { className: "moments", hidden: true });
  #take: string | null = null;

  constructor(private readonly video: HTMLVideoElement) {
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "Moments of the take");
  }

  update(take: TakeView | null): void {
    if (take?.id === this.#take || (take === null && this.#take === null)) {
      return;
    }
    this.#take = take?.id ?? null;
    this.element.hidden = true;
    if (take !== null) {
      void this.#show(take.id);
    }
  }

  async #show(take: string): Promise<void> {
    const moments = readMoments(await takeMoments(take).catch(() => ""));
    if (take === this.#take) {
      this.element.replaceChildren(...moments.map((moment) => this.#drawn(moment)));
      this.element.hidden = moments.length === 0;
    }
  }

  #drawn(moment: Moment): HTMLElement {
    const button = element("button", { type: "button", ariaLabel: `At ${Math.round(moment.atSeconds)} s` });
    button.style.width = `${moment.wide}px`;
    button.style.height = `${moment.tall}px`;
    button.style.backgroundImage = `url("${moment.picture}")`;
    button.style.backgroundPosition = `-${moment.x}px -${moment.y}px`;
    button.addEventListener("click", () => { this.video.currentTime = moment.atSeconds; });
    return button;
  }
}
