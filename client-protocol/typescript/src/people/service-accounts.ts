/** Programs of a team and their keys. A key's secret is shown once, where it was just made. */

import { deleteServiceAccount, listKeys, listServiceAccounts, makeKey, makeServiceAccount, revokeKey, type ApiKey, type ServiceAccount } from "../http/access.ts";
import { ROLES, type Role } from "../http/model.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { choice, fieldForm, textField, tick } from "../page/fields.ts";
import { action, fold, refill, row, secretOnce } from "../page/sheet.ts";
import { day, moment } from "../page/when.ts";

const GIVEN: readonly Role[] = ROLES.toReversed();

export class ServiceAccounts {
  readonly #list = element("ul", { ariaLabel: "Programs" });
  readonly element: HTMLElement;

  /** `project`: the one that a key may be limited to. */
  constructor(
    private readonly team: string,
    private readonly project: string,
    private readonly announcer: Announcer,
  ) {
    const name = textField("name", "Name of a new program");
    const form = fieldForm([name], "Make a program", async () => {
      await makeServiceAccount(this.team, name.value);
      await this.load();
    });
    this.element = element("div", {}, element("h3", {}, "Programs"), this.#list, form);
  }

  async load(): Promise<void> {
    await this.announcer.tried(async () => {
      refill(this.#list, (await listServiceAccounts(this.team)).map((account) => this.#row(account)), "The team has no program.");
    });
  }

  #row(account: ServiceAccount): HTMLElement {
    const item = row([account.name], [], action("Delete", `Delete the program ${account.name}`, () => this.#delete(account)));
    const keys = element("ul", { ariaLabel: `Keys of ${account.name}` });
    const made = element("div");
    const inside = element("div", {}, keys, made, this.#keyForm(account, keys, made));
    item.append(fold("Keys", inside, () => this.#showKeys(account, keys)));
    return item;
  }

  #keyForm(account: ServiceAccount, keys: HTMLElement, made: HTMLElement): HTMLElement {
    const name = textField("name", "Name of a new key");
    const role = choice("role", "At most", GIVEN.map((each) => [each, each]), "viewer");
    const until = textField("expires_at", "Good until (else 90 days)", { type: "datetime-local" });
    const here = tick("project", "Only in this project");
    return fieldForm([name, role, until, here], "Make a key", async () => {
      const key = await makeKey(account.id, {
        name: name.value,
        role: GIVEN.find((each) => each === role.value) ?? "viewer",
        project: here.control.checked ? this.project : null,
        expires_at: until.value === "" ? null : new Date(until.value).toISOString(),
      });
      await this.#showKeys(account, keys);
      secretOnce(made, `Secret of the key ${key.name}`, key.secret ?? "");
    });
  }

  async #showKeys(account: ServiceAccount, list: HTMLElement): Promise<void> {
    await this.announcer.tried(async () => {
      const good = (await listKeys(account.id)).filter((key) => !key.isRevoked);
      refill(list, good.map((key) => this.#key(account, list, key)), "It has no key.");
    });
  }

  #key(account: ServiceAccount, list: HTMLElement, key: ApiKey): HTMLElement {
    const where = key.project === null ? "in every project of the team" : key.project === this.project ? "in this project" : "in another project";
    const used = key.usedAt === null ? "never used" : `used ${moment(key.usedAt)}`;
    const revoke = async (): Promise<void> => {
      await this.announcer.tried(() => revokeKey(account.id, key.id));
      await this.#showKeys(account, list);
    };
    return row([key.name], [`${key.shown}…, at most ${key.role} ${where}, until ${day(key.expiresAt)}, ${used}`], action("Revoke", `Revoke the key ${key.name}`, revoke));
  }

  async #delete(account: ServiceAccount): Promise<void> {
    if (confirm(`Delete the program ${account.name}? Its keys end at once.`)) {
      await this.announcer.tried(() => deleteServiceAccount(account.id));
      await this.load();
    }
  }
}
