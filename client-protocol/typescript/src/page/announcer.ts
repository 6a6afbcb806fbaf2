/**
 * Says what happens to people who do not see it, and shows what went wrong to everybody.
 * Not a log: each message replaces the last.
 */

import { HttpProblem } from "../http/client.ts";
import { element } from "./element.ts";

const ALERT_MS = 8_000;

export class Announcer {
  #last = "";

  /** `polite`: a visually hidden live region; `alerts`: the visible place for problems. */
  constructor(
    private readonly polite: HTMLElement,
    private readonly alerts: HTMLElement,
  ) {}

  say(message: string): void {
    if (message !== this.#last) {
      this.#last = message;
      this.polite.textContent = message;
    }
  }

  /** Stays until it is answered. */
  ask(message: string, label: string, act: () => void): void {
    const button = element("button", { type: "button", className: "button" }, label);
    button.addEventListener("click", act);
    this.alerts.append(element("div", { className: "alert" }, element("span", {}, message), button));
  }

  /** Whether `work` succeeded; what the studio refuses is shown, in its words. */
  async tried(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof HttpProblem)) {
        throw error;
      }
      this.warn(error.message);
      return false;
    }
  }

  warn(message: string): void {
    const close = element("button", { type: "button", className: "alert-close" }, "Dismiss");
    const alert = element("div", { className: "alert" }, element("span", {}, message), close);
    close.addEventListener("click", () => { alert.remove(); });
    this.alerts.append(alert);
    setTimeout(() => { alert.remove(); }, ALERT_MS);
  }
}
