/** Where one is signed in, and signing out: of one place, or of all. */

import { endSession, listSessions, type Session } from "../http/account.ts";
import { signOut } from "../http/client.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { action, refill, row, section } from "../page/sheet.ts";
import { moment } from "../page/when.ts";

export class Sessions {
  readonly #list = element("ul", { ariaLabel: "Sessions" });
  readonly #all = action("Sign out everywhere", "Sign out everywhere", () => this.#leave(true));
  readonly element = section("Where you are signed in", this.#list, element("p", { className: "below" }, this.#all));

  constructor(private readonly announcer: Announcer) {}

  async load(): Promise<void> {
    await this.announcer.tried(async () => {
      refill(this.#list, (await listSessions()).map((session) => this.#row(session)), "Nowhere.");
    });
  }

  #row(session: Session): HTMLElement {
    const what = named(session.what);
    const facts = [`since ${moment(session.since)}`, session.address ?? "", `until ${moment(session.expiresAt)}`].filter((fact) => fact !== "").join(" · ");
    const out = session.isCurrent
      ? action("Sign out", "Sign out here", () => this.#leave(false))
      : action("Sign out", `Sign out: ${what}, since ${moment(session.since)}`, () => this.#end(session));
    return row([session.isCurrent ? `${what} (this one)` : what], [facts], out);
  }

  async #end(session: Session): Promise<void> {
    await this.announcer.tried(() => endSession(session.id));
    await this.load();
  }

  async #leave(everywhere: boolean): Promise<void> {
    if (await this.announcer.tried(() => signOut(everywhere))) {
      location.assign("/");
    }
  }
}

/** What a person recognises of a browser's long name; a program is called as it calls itself. */
export function named(agent: string): string {
  const known = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]] as const;
  const systems = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Web0S", "webOS"], ["Tizen", "Tizen"], ["Linux", "Linux"]] as const;
  const browser = known.find(([mark]) => agent.includes(mark))?.[1];
  const system = systems.find(([mark]) => agent.includes(mark))?.[1];
  return browser === undefined ? agent || "An unknown device" : system === undefined ? browser : `${browser} on ${system}`;
}
