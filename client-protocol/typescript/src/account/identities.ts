/** Through whom one signs in: one more provider, or one less. */

import { beginLink, listIdentities, unlink } from "../http/account.ts";
import type { Provider } from "../http/model.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { action, refill, row, section } from "../page/sheet.ts";
import { day } from "../page/when.ts";

export class Identities {
  readonly #list = element("ul", { ariaLabel: "Providers" });
  readonly element = section("Through whom you sign in", this.#list);

  constructor(
    private readonly providers: readonly Provider[],
    private readonly announcer: Announcer,
  ) {}

  async load(): Promise<void> {
    await this.announcer.tried(async () => {
      const linked = await listIdentities();
      const rows = linked.map(({ provider, title, since }) => row([title], [`since ${day(since)}`], action("Unlink", `Sign in through ${title} no more`, () => this.#unlink(provider, title))));
      const others = this.providers.filter(({ path }) => linked.every(({ provider }) => path !== `/signin/${provider}`));
      const offers = others.map(({ path, title }) => row([title], ["not linked"], action("Link", `Sign in through ${title} too`, () => this.#link(path.replace("/signin/", "")))));
      refill(this.#list, [...rows, ...offers], "There is no provider.");
    });
  }

  async #link(provider: string): Promise<void> {
    await this.announcer.tried(async () => { location.assign(await beginLink(provider, location.pathname)); });
  }

  async #unlink(provider: string, title: string): Promise<void> {
    if (confirm(`Sign in through ${title} no more?`)) {
      await this.announcer.tried(() => unlink(provider));
      await this.load();
    }
  }
}
