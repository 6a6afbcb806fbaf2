/** The numbers that are printed on scenes (`sync/storyboard/numbers.py`): moving one never renumbers it, what comes between gets a letter. */

/** One more than the highest. */
export function nextNumber(numbers: readonly string[]): string {
  const found = numbers.map((number) => Number(/^[0-9]{1,9}/.exec(number)?.[0] ?? 0));
  return String(Math.max(0, ...found) + 1);
}

/** `12` -> `12A`, or the first letter after its own that is free; where it is no such number, the next one. */
export function lettered(number: string, taken: readonly string[]): string {
  const match = /^([0-9]{1,9})([A-Z]{0,4})$/.exec(number);
  if (match === null) {
    return nextNumber(taken);
  }
  const stem = match[1] ?? "";
  let letters = match[2] ?? "";
  while (taken.includes(stem + letters) || stem + letters === number) {
    letters = after(letters);
  }
  return stem + letters;
}

/** Nothing -> A, A -> B, Z -> AA. */
function after(letters: string): string {
  const kept = letters.replace(/Z+$/, "");
  const rolled = "A".repeat(letters.length - kept.length);
  return kept === "" ? `A${rolled}` : kept.slice(0, -1) + String.fromCharCode(kept.charCodeAt(kept.length - 1) + 1) + rolled;
}
