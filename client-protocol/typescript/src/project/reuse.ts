/** What the project uses again instead of making it: its owner says what, everybody sees it, and what it has spared. */

import { getReusePolicy, getReuseReport, putReusePolicy, REUSES, type Reuse, type ReusePolicy, type ReuseReport } from "../http/cache.ts";
import { inCredits } from "../http/credits.ts";
import type { Project } from "../http/model.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { choice, fieldForm, tick, type Option } from "../page/fields.ts";
import { row, section } from "../page/sheet.ts";

const MODES: Readonly<Record<Reuse, string>> = {
  suggest: "Equal steps, and takes that are offered",
  exact: "Equal steps only",
  off: "Nothing: all is made anew",
};
const LAYERS: ReadonlyMap<string, string> = new Map([
  ["exact", "Made before"],
  ["semantic", "Offered and taken"],
  ["component", "Kept for the project"],
  ["ahead", "Drawn ahead"],
  ["none", "Made"],
]);

export class Reuses {
  readonly #policy = element("div");
  readonly #report = element("div");
  readonly element = section("Used again", this.#policy, this.#report);

  constructor(
    private readonly project: Project,
    private readonly mayChange: boolean,
    private readonly announcer: Announcer,
  ) {}

  async load(): Promise<void> {
    await this.announcer.tried(async () => { this.#showPolicy(await getReusePolicy(this.project.id)); });
    await this.announcer.tried(async () => { this.#report.replaceChildren(...told(await getReuseReport(this.project.id))); });
  }

  #showPolicy(policy: ReusePolicy): void {
    const ahead = policy.preparesAhead ? "yes" : "no";
    const facts = [["What is used again", MODES[policy.mode]], ["The next scene is drawn ahead", ahead]] as const;
    const list = element("ul", { ariaLabel: "What is used again" }, ...facts.map(([name, value]) => row([name], [], element("span", {}, value))));
    this.#policy.replaceChildren(this.mayChange ? this.#form(policy) : list);
  }

  #form(policy: ReusePolicy): HTMLElement {
    const options: readonly Option[] = REUSES.map((mode) => [mode, MODES[mode]]);
    const mode = choice("mode", "What is used again", options, policy.mode);
    const ahead = tick("ahead", "Draw the next scene ahead, while nothing else is to be done; it costs nothing", policy.preparesAhead);
    return fieldForm([mode, ahead], "Save what is used again", async () => {
      const wanted = { mode: REUSES.find((each) => each === mode.value) ?? "suggest", preparesAhead: ahead.control.checked };
      this.#showPolicy(await putReusePolicy(this.project.id, wanted));
      this.announcer.say("Saved.");
    }, true);
  }
}

function told(report: ReuseReport): Node[] {
  const steps = new Map<string, { requests: number; saved: number }>();
  for (const { layer, requests, saved } of report.figures) {
    const known = steps.get(layer) ?? { requests: 0, saved: 0 };
    steps.set(layer, { requests: known.requests + requests, saved: known.saved + saved });
  }
  const rows = [...steps].map(([layer, sum]) => {
    const spared = sum.saved === 0 ? "" : `, ${inCredits(sum.saved, 2)} credits not paid again`;
    return row([LAYERS.get(layer) ?? layer], [], element("span", {}, `${sum.requests} ${sum.requests === 1 ? "step" : "steps"}${spared}`));
  });
  const offers = `Takes offered: ${report.offered}, used: ${report.accepted}, declined: ${report.declined}.`;
  const wrong = report.compared === 0 ? "" : ` Of ${report.compared} with a reason, ${report.differing} showed something else.`;
  const last = element("p", { className: "quiet" }, `In thirty days. ${offers}${wrong}`);
  return rows.length === 0 ? [last] : [element("ul", { ariaLabel: "What was used again" }, ...rows), last];
}
