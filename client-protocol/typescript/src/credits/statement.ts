/** The statement of a month: balances at both ends, what moved between them, by kind, by project and line by line. */

import { getStatement, inCredits, statementFile, type Statement, type StatementLine, type StatementSaving } from "../http/credits.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { action, section } from "../page/sheet.ts";
import { nameOfStep } from "../page/stages.ts";
import { moment } from "../page/when.ts";

const MONTHS = 12;
const KINDS: Readonly<Record<string, string>> = {
  grant: "Given",
  purchase: "Bought",
  settlement: "Generations",
  refund: "Paid back",
  transfer: "Between wallets",
  sale: "Sales",
  payout: "Paid out",
};

export class StatementSection {
  readonly #month = element("select", { ariaLabel: "Month" }, ...lastMonths(new Date()).map((month) => element("option", { value: month }, named(month))));
  readonly #file = element("a", { className: "button" }, "CSV");
  readonly #body = element("div", { className: "statement" });
  readonly element: HTMLElement;

  constructor(
    private readonly wallet: string,
    private readonly announcer: Announcer,
  ) {
    const asked = new URLSearchParams(location.search).get("month") ?? "";
    this.#month.value = [...this.#month.options].some((option) => option.value === asked) ? asked : this.#month.value;
    this.#month.addEventListener("change", () => { void this.load(); });
    const print = action("Print", "Print the statement", () => { window.print(); return Promise.resolve(); });
    this.element = section("Statement", element("p", { className: "statement-tools" }, this.#month, this.#file, print), this.#body);
  }

  async load(): Promise<void> {
    const month = this.#month.value;
    this.#file.href = statementFile(this.wallet, month);
    await this.announcer.tried(async () => {
      const statement = await getStatement(this.wallet, month);
      if (this.#month.value === month) { // of two that were asked for, the one that was asked for last
        this.#body.replaceChildren(...drawn(statement));
        document.title = `Statement ${named(month)} · StoryForge`;
      }
    });
  }
}

function drawn(statement: Statement): Node[] {
  const summary = table("Summary", 1, ["", "Credits"], [
    ["Balance before", inCredits(statement.opening)],
    ...statement.totals.map((total) => [kindOf(total.kind), signed(total.amount)]),
    ["Balance after", inCredits(statement.closing)],
  ]);
  const projects = statement.projects.map((each) => [each.title ?? "A project that you do not see", inCredits(each.spent), each.saved === 0 ? "" : inCredits(each.saved)]);
  const savings = statement.savings.map((each) => [moment(each.at), savedFrom(each), inCredits(each.saved)]);
  const lines = statement.lines.map((line) => [moment(line.at), kindOf(line.kind), whatFor(line), signed(line.amount)]);
  return [
    element("h3", {}, named(statement.month)),
    element("p", { className: "quiet" }, `Wallet ${statement.wallet}. The month is that of UTC; what is held counts as still there.`),
    summary,
    ...(projects.length === 0 ? [] : [element("h3", {}, "By project"), table("By project", 1, ["Project", "Spent", "Saved"], projects)]),
    ...(savings.length === 0 ? [] : [element("h3", {}, "Not paid again"), table("Not paid again", 2, ["When", "What was there already", "Saved"], savings)]),
    element("h3", {}, "Line by line"),
    lines.length === 0 ? element("p", { className: "quiet" }, "Nothing moved.") : table("Line by line", 3, ["When", "What", "For", "Credits"], lines),
  ];
}

/** `figures`: the first column of amounts, which stand on the right. */
function table(name: string, figures: number, head: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const classOf = (column: number): string => (column >= figures ? "figure" : "");
  const heads = head.map((text, at) => element("th", { scope: "col", className: classOf(at) }, text));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((text, at) => element("td", { className: classOf(at) }, text))));
  return element("table", { ariaLabel: name }, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...body));
}

function whatFor(line: StatementLine): string {
  return [line.title, line.by, line.note].filter((part) => part !== null && part !== "").join(" · ");
}

/** "A short · Shot 2 · Ada · made before". */
function savedFrom(saving: StatementSaving): string {
  const how = saving.layer === "semantic" ? "a take was reused" : saving.layer === "component" ? "kept for the project" : "made before";
  return [saving.title, nameOfStep(saving.what), saving.by, how].filter((part) => part !== null && part !== "").join(" \u00b7 ");
}

function kindOf(kind: string): string {
  return KINDS[kind] ?? kind;
}

function signed(micro: number): string {
  return micro < 0 ? `−${inCredits(-micro)}` : `+${inCredits(micro)}`;
}

/** `2026-11`, newest first, as UTC counts them. */
export function lastMonths(now: Date): string[] {
  return Array.from({ length: MONTHS }, (_, ago) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 1)).toISOString().slice(0, 7));
}

function named(month: string): string {
  return new Date(`${month}-15T12:00:00Z`).toLocaleDateString([], { month: "long", year: "numeric" });
}
