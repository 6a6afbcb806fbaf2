/**
 * One file in the bin: its picture, its name, how it stands, and what can be done with it.
 */

import { formatBytes, formatSeconds, type Asset } from "../http/asset.ts";
import { mediaUrl } from "../http/client.ts";
import { element, icon, setAttribute, setText } from "../page/element.ts";
import { ICONS } from "../page/icons.ts";
import { Picture } from "../page/picture.ts";

const GLYPHS = { picture: ICONS.picture, sound: ICONS.sound, film: ICONS.film, subtitle: ICONS.text, lut: ICONS.text, document: ICONS.text } as const;

export class BinRow {
  readonly element = element("li", { className: "bin-row" });
  readonly #frame = element("div", { className: "bin-frame" });
  readonly #picture = new Picture(this.#frame);
  readonly #name = element("p", { className: "bin-name" });
  readonly #state = element("p", { className: "bin-state" });
  readonly #length = element("span", { className: "bin-length", hidden: true });
  readonly #progress = element("progress", { max: 100, hidden: true });
  readonly #remove = element("button", { type: "button", className: "tool" }, icon(ICONS.trash));
  #pct = 0;

  constructor(
    private readonly project: string,
    editable: boolean,
    remove: () => void,
  ) {
    this.#remove.hidden = !editable;
    this.#remove.addEventListener("click", remove);
    const words = element("div", { className: "bin-words" }, this.#name, this.#state, this.#progress);
    this.element.append(this.#frame, words, this.#remove);
  }

  /** A file that is being sent. `pct`: of its bytes. */
  showUpload(file: File, pct: number): void {
    this.#label(file.name, "sending", "Stop sending");
    this.#glyph(file.type.startsWith("image/") ? "picture" : file.type.startsWith("audio/") ? "sound" : "film");
    this.#busy(pct, `Sending ${formatBytes(file.size)} · ${pct} %`);
  }

  showFailure(name: string, message: string): void {
    this.#label(name, "failed", "Take off the list");
    this.#rest(message);
  }

  show(asset: Asset): void {
    this.#label(asset.name, asset.state, "Remove");
    this.#glyph(asset.kind);
    if (asset.thumb !== null) {
      this.#picture.show({ url: mediaUrl(this.project, asset.thumb), alt: "", step: null });
    }
    switch (asset.state) {
      case "waiting":
      case "working":
        this.#pct = Math.max(this.#pct, asset.pct);
        this.#busy(this.#pct, `Looking at it · ${this.#pct} %`);
        return;
      case "failed":
        this.#rest(asset.error);
        return;
      case "ready":
        this.#rest(`${capital(asset.kind)} · ${formatBytes(asset.bytes)}`);
        this.#length.hidden = asset.seconds === null;
        setText(this.#length, asset.seconds === null ? "" : formatSeconds(asset.seconds));
    }
  }

  /** A tick between two events. */
  showLooking(pct: number): void {
    if (this.element.dataset["state"] === "waiting" || this.element.dataset["state"] === "working") {
      this.#pct = Math.max(this.#pct, pct);
      this.#busy(this.#pct, `Looking at it · ${this.#pct} %`);
    }
  }

  #label(name: string, state: string, removal: string): void {
    setText(this.#name, name);
    setAttribute(this.#name, "title", name);
    setAttribute(this.element, "data-state", state);
    setAttribute(this.#remove, "aria-label", `${removal}: ${name}`);
    setAttribute(this.#progress, "aria-label", name);
  }

  #glyph(kind: keyof typeof GLYPHS): void {
    if (this.#frame.dataset["kind"] !== kind) {
      this.#frame.dataset["kind"] = kind;
      this.#frame.replaceChildren(icon(GLYPHS[kind]), this.#length);
    }
  }

  #busy(pct: number, text: string): void {
    this.#progress.hidden = false;
    this.#progress.value = pct;
    setText(this.#state, text);
  }

  #rest(text: string): void {
    this.#progress.hidden = true;
    setText(this.#state, text);
  }
}

function capital(word: string): string {
  return word === "lut" ? "LUT" : word.charAt(0).toUpperCase() + word.slice(1);
}
