/** Links by which guests come: made with what they allow, their address shown once, who came, revoked. */

import { changeShareLink, getShareLink, listGuests, listShareLinks, makeShareLink, revokeShareLink, type ShareLink } from "../http/access.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { fieldForm, textField, tick } from "../page/fields.ts";
import { action, fold, refill, row, secretOnce, section } from "../page/sheet.ts";
import { fieldMoment, moment } from "../page/when.ts";

export class ShareLinks {
  readonly #list = element("ul", { ariaLabel: "Share links" });
  readonly #made = element("div");
  readonly element = section("Share links", this.#form(), this.#made, this.#list);

  constructor(
    private readonly project: string,
    private readonly announcer: Announcer,
  ) {}

  async load(): Promise<void> {
    await this.announcer.tried(async () => {
      const open = (await listShareLinks(this.project)).filter((each) => !each.isRevoked);
      refill(this.#list, open.map((each) => this.#row(each)), "There is no link at the moment.");
    });
  }

  #form(): HTMLElement {
    const label = textField("label", "For whom");
    const password = textField("password", "Password, if it is to have one", { autocomplete: "new-password" });
    const until = textField("expires_at", "Good until", { type: "datetime-local" });
    const flags = [tick("comment", "May comment"), tick("download", "May download"), tick("approve", "May approve takes")] as const;
    const [comment, download, approve] = flags;
    return fieldForm([label, password, until, ...flags], "Make a link", async () => {
      const made = await makeShareLink(this.project, {
        label: label.value,
        password: password.control.value || null,
        comment: comment.control.checked,
        download: download.control.checked,
        approve: approve.control.checked,
        expires_at: until.value === "" ? null : new Date(until.value).toISOString(),
      });
      await this.load();
      secretOnce(this.#made, "Address of the new link", made.url ?? "");
    });
  }

  #row(link: ShareLink): HTMLElement {
    const name = link.label === "" ? "Without a name" : link.label;
    const until = link.expiresAt === null ? "until it is revoked" : `until ${moment(link.expiresAt)}`;
    const guests = element("div");
    const came = link.guests === 1 ? "1 guest came" : `${link.guests} guests came`;
    const item = row([name], [`${allowed(link)}, ${until}`], action("Revoke", `Revoke the link ${name}`, () => this.#revoke(link.id, name)));
    const form = element("div");
    item.append(fold("Change it", form, () => this.#showChange(link.id, form)), fold(came, guests, () => this.#showGuests(link.id, guests)));
    return item;
  }

  async #showChange(id: string, into: HTMLElement): Promise<void> {
    await this.announcer.tried(async () => {
      const { link, etag } = await getShareLink(this.project, id);
      into.replaceChildren(this.#changeForm(link, etag));
    });
  }

  #changeForm(link: ShareLink, etag: string): HTMLElement {
    const known = link.expiresAt === null ? "" : fieldMoment(link.expiresAt);
    const label = textField("label", "For whom", { value: link.label });
    const password = textField("password", link.hasPassword ? "Another password" : "A password", { autocomplete: "new-password" });
    const open = tick("open", "Without a password from now on");
    const until = textField("expires_at", "Good until", { type: "datetime-local", value: known });
    const comment = tick("comment", "May comment", link.comment);
    const download = tick("download", "May download", link.download);
    const approve = tick("approve", "May approve takes", link.approve);
    const fields = [label, password, ...(link.hasPassword ? [open] : []), until, comment, download, approve];
    return fieldForm(fields, "Change the link", async () => {
      const change = {
        label: label.value,
        ...(open.control.checked ? { password: null } : password.control.value === "" ? {} : { password: password.control.value }),
        comment: comment.control.checked,
        download: download.control.checked,
        approve: approve.control.checked,
        ...(until.value === known ? {} : { expires_at: until.value === "" ? null : new Date(until.value).toISOString() }),
      };
      await changeShareLink(this.project, link.id, change, etag);
      this.announcer.say("The link is changed.");
      await this.load();
    }, true);
  }

  async #showGuests(link: string, into: HTMLElement): Promise<void> {
    await this.announcer.tried(async () => {
      const found = await listGuests(this.project, link);
      into.replaceChildren(...found.map((guest) => element("p", {}, `${guest.name}, ${moment(guest.joinedAt)}`)));
    });
  }

  async #revoke(link: string, name: string): Promise<void> {
    if (confirm(`Revoke the link ${name}? Its guests are let go at once.`)) {
      await this.announcer.tried(() => revokeShareLink(this.project, link));
      await this.load();
    }
  }
}

function allowed(link: ShareLink): string {
  const more = [...(link.comment ? ["comment"] : []), ...(link.download ? ["download"] : []), ...(link.approve ? ["approve"] : [])];
  return `${["watch", ...more].join(", ")}${link.hasPassword ? ", with a password" : ""}`;
}
