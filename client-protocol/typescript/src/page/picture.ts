/**
 * A picture that is replaced without flicker: the next one is decoded first, and an older one never replaces a newer.
 * It plays nothing and chooses nothing.
 */

export interface Shown {
  readonly url: string;
  readonly alt: string;
  /** Sharpness step of a preview, for tests and styles; null for anything else. */
  readonly step: number | null;
}

export class Picture {
  #wanted: string | null = null;
  #requested = 0;
  #drawn = 0;
  #image: HTMLImageElement | null = null;

  constructor(private readonly container: HTMLElement) {}

  show(shown: Shown | null): void {
    if (shown?.url === this.#wanted || (shown === null && this.#wanted === null)) {
      return;
    }
    this.#wanted = shown?.url ?? null;
    this.#requested += 1;
    const request = this.#requested;
    if (shown === null) {
      this.#drawn = request;
      this.#image?.remove();
      this.#image = null;
      return;
    }
    const image = new Image();
    image.alt = shown.alt;
    image.className = "picture";
    if (shown.step !== null) {
      image.dataset["step"] = String(shown.step);
    }
    image.src = shown.url;
    image.decode().then(() => { this.#draw(image, request); }, () => { this.#forget(request); });
  }

  #draw(image: HTMLImageElement, request: number): void {
    if (request < this.#drawn) {
      return;
    }
    this.#drawn = request;
    this.container.prepend(image);
    this.#image?.remove();
    this.#image = image;
  }

  /** A picture that did not come may be asked for again. */
  #forget(request: number): void {
    if (request === this.#requested) {
      this.#wanted = null;
    }
  }
}
