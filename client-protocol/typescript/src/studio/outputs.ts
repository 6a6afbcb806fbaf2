/** How good the last generation of a scene is, under its picture: what was measured, and what was turned away. */

import { listOutputs, mediaUrl } from "../http/client.ts";
import type { OutputView } from "../http/output.ts";
import { element } from "../page/element.ts";
import { nameOfStep } from "../page/stages.ts";
import { RunDetails } from "./run-details.ts";

const WORDS = { pass: "good", warn: "doubtful", fail: "wrong in places" } as const;

export function outputs(project: string): RunDetails<OutputView> {
  return new RunDetails({
    className: "outputs",
    title: "How good it is",
    nothing: "Nothing was measured: only finals are.",
    unread: "The measures could not be read.",
    ask: listOutputs,
    draw: (output) => drawn(project, output),
  });
}

function drawn(project: string, output: OutputView): HTMLElement {
  const look = element("a", { href: mediaUrl(project, output.media), target: "_blank", rel: "noopener" }, "Look at it");
  const node = element("li", { className: "output" }, element("p", { className: "output-head" }, headOf(output), " ", look));
  node.dataset["verdict"] = output.accepted ? output.verdict : "refused";
  if (output.faults.length > 0) {
    node.append(element("ul", { className: "output-faults" }, ...output.faults.map((fault) => element("li", {}, fault))));
  }
  return node;
}

/** `judge.1` looks at the first shot, `measure` at the whole take. */
export function headOf(output: Pick<OutputView, "step" | "accepted" | "verdict" | "score">): string {
  if (!output.accepted) {
    return `${nameOfStep(output.step)} was turned away, and cost nothing.`;
  }
  const what = output.step === "measure" ? "The whole take" : nameOfStep(output.step.replace("judge", "shot"));
  return `${what} is ${WORDS[output.verdict]}: ${Math.round(output.score * 100)} of 100.`;
}
