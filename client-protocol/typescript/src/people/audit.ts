/** What was done in the project and by whom, newest first, a page at a time. */

import { readAudit, type AuditEntry } from "../http/access.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { action, row, section } from "../page/sheet.ts";
import { moment } from "../page/when.ts";

export class AuditLog {
  readonly #list = element("ol", { ariaLabel: "What was done" });
  readonly #more = action("Show more", "Show more of the log", () => this.#read());
  readonly element = section("Log", this.#list, this.#more);
  #next: string | null = null;

  constructor(
    private readonly project: string,
    private readonly announcer: Announcer,
  ) {}

  async load(): Promise<void> {
    this.#next = null;
    this.#list.replaceChildren();
    await this.#read();
  }

  async #read(): Promise<void> {
    await this.announcer.tried(async () => {
      const { entries, next } = await readAudit(this.project, this.#next);
      this.#list.append(...entries.map(entryRow));
      this.#next = next;
      this.#more.hidden = next === null;
    });
  }
}

/** `member.set` as "member set", with what belongs to it; ids say nothing to people. */
function entryRow(entry: AuditEntry): HTMLElement {
  const done = entry.action.replaceAll(/[._]/g, " ");
  const whom = entry.user === null ? "" : `: ${entry.user}`;
  const role = entry.detail["role"];
  const as = typeof role === "string" ? ` as ${role}` : "";
  return row([element("span", {}, element("strong", {}, entry.actor ?? "a stranger"), ` ${done}${whom}${as}`)], [[moment(entry.at), entry.address ?? ""].filter((each) => each !== "").join(" · ")]);
}
