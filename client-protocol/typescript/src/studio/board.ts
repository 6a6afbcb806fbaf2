/**
 * The storyboard: one card per scene in story order, kept in step without disturbing the card in use.
 */

import type * as Y from "yjs";

import { arrange } from "../page/element.ts";
import { SceneCard, type CardActions, type CardView } from "./card.ts";

export class Board {
  readonly #cards = new Map<string, SceneCard>();

  constructor(
    private readonly list: HTMLElement,
    private readonly promptOf: (scene: string) => Y.Text | null,
    private readonly actions: CardActions,
  ) {}

  update(views: readonly CardView[]): void {
    const cards = views.flatMap((view) => {
      const card = this.#cardOf(view.scene.id);
      card?.update(view);
      return card === null ? [] : [card];
    });
    for (const [id, card] of this.#cards) {
      if (!cards.includes(card)) {
        card.destroy();
        this.#cards.delete(id);
      }
    }
    arrange(this.list, cards.map((card) => card.element));
  }

  /** Brings the card into view and, from the keyboard's side, to where Tab goes on. */
  reveal(scene: string): void {
    const card = this.#cards.get(scene)?.element;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    card?.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
    card?.focus({ preventScroll: true });
  }

  /** Brings the whole card into view and leaves the focus where it is. */
  show(scene: string): void {
    this.#cards.get(scene)?.element.scrollIntoView({ block: "nearest" });
  }

  /** Nothing is written in these cards any more. */
  hold(): void {
    for (const card of this.#cards.values()) {
      card.prompt.setEditable(false);
    }
  }

  /** Runs `draw`, after which cards may be others: who writes in a prompt goes on where they were. */
  keepingCaret(draw: () => void): void {
    const writing = [...this.#cards].find(([, card]) => card.prompt.field === document.activeElement);
    const { selectionStart = 0, selectionEnd = 0 } = writing?.[1].prompt.field ?? {};
    draw();
    const field = writing === undefined ? undefined : this.#cards.get(writing[0])?.prompt.field;
    if (field !== undefined && field !== document.activeElement) {
      field.focus({ preventScroll: true });
      field.setSelectionRange(selectionStart, selectionEnd);
    }
  }

  focusPrompt(scene: string): void {
    this.#cards.get(scene)?.prompt.field.focus();
  }

  /** After an undo of a deletion the scene has the same id and, perhaps, another text. */
  #cardOf(scene: string): SceneCard | null {
    const text = this.promptOf(scene);
    const known = this.#cards.get(scene);
    if (known?.prompt.text === text) {
      return known;
    }
    known?.destroy();
    this.#cards.delete(scene);
    if (text === null) {
      return null;
    }
    const card = new SceneCard(scene, text, this.actions);
    this.#cards.set(scene, card);
    return card;
  }
}
