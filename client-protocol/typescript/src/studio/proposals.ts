/**
 * The list of edits that wait: who wanted what, why it was refused, and the buttons to take it in or to leave it out.
 * What a proposal says is read in `proposals/model.ts`; who may decide is the server's to say.
 */

import { acceptProposal, dismissProposal, HttpProblem, listProposals, showProposal } from "../http/client.ts";
import type { Me, Project } from "../http/model.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { moment } from "../page/when.ts";
import { reasonText, type ChangeLine, type Names, type ShownProposal } from "../proposals/model.ts";

const REFRESH_MS = 150;
const TAGS = { same: "span", removed: "del", added: "ins" } as const;

export class ProposalList {
  #timer: number | undefined;
  #turn = 0;
  #open = false;

  /** `toggle` shows how many wait and opens `panel`. `storyboard`: its id. */
  constructor(
    private readonly toggle: HTMLElement,
    private readonly panel: HTMLElement,
    private readonly project: Project,
    private readonly storyboard: string,
    private readonly me: Me,
    private readonly names: Names,
    private readonly announcer: Announcer,
  ) {
    this.toggle.addEventListener("click", () => { this.#show(!this.#open); });
    this.refreshSoon();
  }

  /** Of the project's events. */
  heard(kind: string): void {
    if (["proposal", "lock", "reset", "following"].includes(kind)) {
      this.refreshSoon();
    }
  }

  refreshSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#refresh(), REFRESH_MS);
  }

  async #refresh(): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const document = this.storyboard;
    try {
      const waiting = await listProposals(document);
      const shown = await Promise.all(waiting.map((each) => showProposal(document, each.id, this.names).catch(() => ({ ...each, lines: [], held: false }))));
      if (turn === this.#turn) {
        this.#draw(shown);
      }
    } catch (error) {
      if (!(error instanceof HttpProblem)) {
        throw error;
      }
      // The hub is away: when it is back, events are followed again, and that asks again.
    }
  }

  #draw(shown: readonly ShownProposal[]): void {
    this.toggle.hidden = shown.length === 0;
    this.toggle.textContent = shown.length === 1 ? "1 proposal" : `${shown.length} proposals`;
    this.panel.replaceChildren(...shown.map((each) => this.#item(each)));
    this.#show(this.#open && shown.length > 0);
  }

  #show(open: boolean): void {
    this.#open = open;
    this.panel.hidden = !open;
    this.toggle.setAttribute("aria-expanded", String(open));
  }

  #item(proposal: ShownProposal): HTMLElement {
    const mine = proposal.author === this.me.id;
    const when = moment(proposal.createdAt);
    const item = element(
      "li",
      { className: "proposal" },
      element("p", { className: "proposal-who" }, element("strong", {}, mine ? "You" : proposal.authorName), ` \u00b7 ${when}`),
      element("p", { className: "proposal-why" }, reasonText(proposal, this.names)),
      proposal.lines.length === 0
        ? element("p", { className: "quiet" }, "It would change nothing now.")
        : element("ul", { className: "proposal-lines" }, ...proposal.lines.map(lineItem)),
      this.#buttons(proposal, mine),
    );
    item.dataset["proposal"] = proposal.id;
    return item;
  }

  #buttons(proposal: ShownProposal, mine: boolean): HTMLElement {
    const { role } = this.project;
    const document = this.storyboard;
    const decides = role === "owner" || role === "editor";
    const buttons: HTMLElement[] = [];
    if (decides && (!proposal.held || role === "owner")) {
      const label = proposal.held ? "Accept despite the lock" : "Accept";
      buttons.push(this.#button(label, "primary", () => acceptProposal(document, proposal.id, proposal.held)));
    } else if (decides) {
      buttons.push(element("span", { className: "quiet" }, "Can be accepted when the scene is unlocked."));
    }
    if (decides || mine) {
      buttons.push(this.#button(mine ? "Withdraw" : "Dismiss", "", () => dismissProposal(document, proposal.id)));
    }
    return element("div", { className: "proposal-buttons" }, ...buttons);
  }

  #button(label: string, kind: string, decide: () => Promise<void>): HTMLElement {
    const button = element("button", { type: "button", className: `button ${kind}`.trim() }, label);
    button.addEventListener("click", () => {
      button.disabled = true;
      decide().then(
        () => { this.refreshSoon(); },
        (error: unknown) => {
          this.announcer.warn(error instanceof HttpProblem ? error.message : "The proposal could not be decided.");
          this.refreshSoon();
        },
      );
    });
    return button;
  }
}

function lineItem(line: ChangeLine): HTMLElement {
  const words = line.words.map((word) => element(TAGS[word.op], {}, word.text));
  const spaced = words.flatMap((word, index) => (index > 0 && isWhole(line) ? [" ", word] : [word]));
  return element("li", {}, element("span", { className: "proposal-place" }, line.place), element("span", { className: "proposal-words" }, ...spaced));
}

/** One value instead of another; the pieces of a text bring their own spaces. */
function isWhole(line: ChangeLine): boolean {
  return line.words.every((word) => word.op !== "same");
}
