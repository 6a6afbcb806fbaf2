/** What moderation objected to in the project, and appeals against it, whose outcome is told here. */

import { appealVerdict, listObjections, type Appeal, type ModerationVerdict } from "../http/verdicts.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { fieldForm, textField } from "../page/fields.ts";
import { refill, row, section } from "../page/sheet.ts";
import { moment } from "../page/when.ts";

const STATES: Readonly<Record<Appeal["state"], string>> = { open: "an operator will decide", upheld: "the verdict stays", overturned: "overturned: it is allowed from now on" };

export class Moderation {
  readonly #list = element("ul", { ariaLabel: "Objections" });
  readonly element = section("Moderation", this.#list);

  constructor(
    private readonly project: string,
    private readonly mayAppeal: boolean,
    private readonly announcer: Announcer,
  ) {}

  async load(): Promise<void> {
    await this.announcer.tried(async () => {
      const found = await listObjections(this.project);
      refill(this.#list, found.map((verdict) => this.#row(verdict)), "Nothing was objected to.");
    });
  }

  #row(verdict: ModerationVerdict): HTMLElement {
    const { subject, outcome, reasons, at, appeal } = verdict;
    const appealed = appeal === null ? [] : [`Appeal: ${appeal.words}`, `${STATES[appeal.state]}${appeal.note === "" ? "" : `: ${appeal.note}`}`];
    const item = row([`${subject === "prompt" ? "A prompt" : "A picture"} was ${outcome}`], [moment(at), ...reasons, ...appealed]);
    if (appeal === null && this.mayAppeal) {
      item.append(this.#form(verdict));
    }
    return item;
  }

  #form({ id }: ModerationVerdict): HTMLElement {
    const words = textField("words", "Why it is wrong");
    const form = element("div", {}, fieldForm([words], "Appeal", async () => {
      await appealVerdict(id, words.value);
      this.announcer.say("The appeal is made; an operator will decide.");
      await this.load();
    }));
    return element("details", { className: "fold" }, element("summary", {}, "Appeal against it"), form);
  }
}
