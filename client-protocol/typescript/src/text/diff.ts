/**
 * What a text field's change was, as one replacement, and where a position went when others changed the text.
 * Offsets are UTF-16 code units, as in the DOM and in Y.Text; a surrogate pair is never split (consistency.md C4).
 */

export interface TextEdit {
  readonly index: number;
  readonly remove: number;
  readonly insert: string;
}

/** The part of a Y.Text delta that moves positions. */
export interface DeltaStep {
  readonly retain?: number | undefined;
  readonly insert?: unknown;
  readonly delete?: number | undefined;
}

/**
 * The smallest replacement that turns `before` into `after`, or null. `caret`: where it stands in `after`;
 * it tells which of several equal letters was typed.
 */
export function diffText(before: string, after: string, caret: number): TextEdit | null {
  if (before === after) {
    return null;
  }
  const shorter = Math.min(before.length, after.length);
  let suffix = 0;
  const suffixMax = Math.min(shorter, Math.max(0, after.length - caret));
  while (suffix < suffixMax && before.charCodeAt(before.length - 1 - suffix) === after.charCodeAt(after.length - 1 - suffix)) {
    suffix += 1;
  }
  let prefix = 0;
  while (prefix < shorter - suffix && before.charCodeAt(prefix) === after.charCodeAt(prefix)) {
    prefix += 1;
  }
  while (suffix < shorter - prefix && before.charCodeAt(before.length - 1 - suffix) === after.charCodeAt(after.length - 1 - suffix)) {
    suffix += 1; // the caret stood elsewhere: after an undo or a drop
  }
  if (splitsPair(before, prefix) || splitsPair(after, prefix)) {
    prefix -= 1;
  }
  if (splitsPair(before, before.length - suffix) || splitsPair(after, after.length - suffix)) {
    suffix -= 1;
  }
  return {
    index: prefix,
    remove: before.length - suffix - prefix,
    insert: after.slice(prefix, after.length - suffix).toWellFormed(),
  };
}

/** Whether cutting `text` at `index` would part a surrogate pair. */
export function splitsPair(text: string, index: number): boolean {
  return isHigh(text.charCodeAt(index - 1)) && isLow(text.charCodeAt(index));
}

/** Where `index` is after `delta`. `stick`: what is inserted exactly there lands before or after the position. */
export function mapIndex(index: number, delta: readonly DeltaStep[], stick: "left" | "right"): number {
  let position = index;
  let at = 0;
  for (const step of delta) {
    if (step.retain !== undefined) {
      at += step.retain;
    } else if (step.delete !== undefined) {
      position -= Math.max(0, Math.min(step.delete, position - at));
    } else {
      const length = typeof step.insert === "string" ? step.insert.length : 1;
      if (at < position || (at === position && stick === "right")) {
        position += length;
      }
      at += length;
    }
  }
  return position;
}

/** The same edit after others' `deltas`, which were made at the same time. */
export function mapEdit(edit: TextEdit, deltas: readonly (readonly DeltaStep[])[]): TextEdit {
  let start = edit.index;
  let end = edit.index + edit.remove;
  for (const delta of deltas) {
    start = mapIndex(start, delta, edit.remove > 0 ? "right" : "left");
    end = Math.max(start, mapIndex(end, delta, "left"));
  }
  return { index: start, remove: end - start, insert: edit.insert };
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
