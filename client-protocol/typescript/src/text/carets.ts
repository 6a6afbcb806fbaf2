/**
 * Other people's carets and selections over a prompt: a layer of the same text, unseen, with coloured marks in it.
 * The layer also gives the field its height. It reads no awareness: who passes carets says where they are.
 */

import { paintPerson } from "../page/colour.ts";
import { element } from "../page/element.ts";

export interface Caret {
  readonly client: number;
  readonly name: string;
  readonly colour: string;
  readonly anchor: number;
  readonly head: number;
}

export interface Piece {
  readonly text: string;
  /** The person whose selection covers this piece. */
  readonly selectedBy: Caret | null;
  /** Carets that stand before this piece. */
  readonly carets: readonly Caret[];
}

/** Cuts `text` at every caret and selection end; the pieces together are the text. */
export function pieces(text: string, carets: readonly Caret[]): Piece[] {
  const clamp = (at: number): number => Math.max(0, Math.min(text.length, at));
  const cuts = new Set([0, text.length]);
  for (const caret of carets) {
    cuts.add(clamp(caret.anchor));
    cuts.add(clamp(caret.head));
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.map((start, index) => {
    const end = sorted[index + 1] ?? start;
    const covering = carets.find((caret) => Math.min(caret.anchor, caret.head) <= start && Math.max(caret.anchor, caret.head) >= end);
    return {
      text: text.slice(start, end),
      selectedBy: end > start ? (covering ?? null) : null,
      carets: carets.filter((caret) => clamp(caret.head) === start),
    };
  });
}

export function drawCarets(layer: HTMLElement, text: string, carets: readonly Caret[]): void {
  const nodes: Node[] = [];
  for (const piece of pieces(text, carets)) {
    nodes.push(...piece.carets.map(caretMark));
    if (piece.selectedBy !== null) {
      const mark = element("span", { className: "caret-selection" }, piece.text);
      mark.style.setProperty("--person", piece.selectedBy.colour);
      nodes.push(mark);
    } else if (piece.text !== "") {
      nodes.push(document.createTextNode(piece.text));
    }
  }
  nodes.push(document.createTextNode("\u200b")); // a last empty line has a height too
  layer.replaceChildren(...nodes);
}

function caretMark(caret: Caret): HTMLElement {
  const mark = element("span", { className: "caret" }, element("span", { className: "caret-name" }, caret.name));
  mark.dataset["client"] = String(caret.client);
  paintPerson(mark, caret.colour);
  return mark;
}
