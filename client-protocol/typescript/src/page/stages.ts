/** What the stages of a generation are called on the pages. Their order and meaning belong to the server. */

const NAMES: ReadonlyMap<string, string> = new Map([
  ["queued", "Waiting"],
  ["enhance", "Enhancing"],
  ["frames", "Drawing frames"],
  ["agree", "Waiting for your choice"],
  ["choose", "Waiting for your choice"],
  ["reuse", "Waiting for your answer"],
  ["clip", "Shooting"],
  ["voice", "Recording voice"],
  ["finish", "Finishing"],
]);

export function stageName(stage: string): string {
  return NAMES.get(stage) ?? "Waiting";
}

/** `shot.1` is "Shot 1". */
export function nameOfStep(step: string): string {
  const [word = "", number] = step.split(".");
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}${number === undefined ? "" : ` ${number}`}`;
}
