/** Two texts side by side: which words only one of them has. Order and capitals say nothing. Pure. */

/** A piece of a text; `alone`: the other text has no such word, or not as often. */
export interface Piece {
  readonly text: string;
  readonly alone: boolean;
}

const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;

/** The pieces of `text`, which joined are `text` again. */
export function besides(text: string, other: string): Piece[] {
  const left = new Map<string, number>();
  for (const [word] of other.matchAll(WORD)) {
    const key = word.toLocaleLowerCase();
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(WORD)) {
    const key = match[0].toLocaleLowerCase();
    const there = left.get(key) ?? 0;
    left.set(key, there - 1);
    if (there <= 0) {
      pieces.push({ text: text.slice(at, match.index), alone: false }, { text: match[0], alone: true });
      at = match.index + match[0].length;
    }
  }
  pieces.push({ text: text.slice(at), alone: false });
  return pieces.filter((piece) => piece.text !== "");
}
