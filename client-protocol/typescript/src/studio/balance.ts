/** What one may still spend in this project, in the header: read again when generations begin and end, and now and then. */

import { getProjectCredits, inCredits, type ProjectCredits } from "../http/credits.ts";
import { isUnreachable } from "../http/client.ts";
import { element, setAttribute, setText } from "../page/element.ts";
import { LIMITS } from "./price.ts";

const INTERVAL_MS = 30_000;
export class Balance {
  readonly element = element("a", { className: "credits", hidden: true });
  #active = 0;

  /** `me`: whose wallet is one's own, and can be opened. */
  constructor(
    private readonly project: string,
    private readonly me: string,
  ) {
    const look = (): void => {
      if (document.visibilityState === "visible") {
        void this.load();
      }
    };
    document.addEventListener("visibilitychange", look);
    setInterval(look, INTERVAL_MS);
    void this.load();
  }

  /** `active`: generations under way. */
  follow(active: number): void {
    if (active !== this.#active) {
      this.#active = active;
      void this.load();
    }
  }

  async load(): Promise<void> {
    try {
      this.#show(await getProjectCredits(this.project));
    } catch (error) {
      if (!isUnreachable(error)) {
        this.element.hidden = true; // one may not spend here any more
      }
    }
  }

  #show(credits: ProjectCredits): void {
    const held = credits.held === 0 ? "" : ` ${inCredits(credits.held)} are held for what is under way.`;
    setText(this.element, `${inCredits(credits.left, 2)} credits`);
    this.element.title = `You may spend ${inCredits(credits.left)} credits now, by ${LIMITS[credits.by] ?? credits.by}.${held}`;
    setAttribute(this.element, "href", credits.wallet === this.me ? `/credits/${credits.wallet}` : null);
    this.element.hidden = false;
  }
}
