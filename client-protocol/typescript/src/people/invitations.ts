/**
 * Invitations by mail, to a project or a team. The address in the mail proves whose mailbox it is, so nobody but its
 * reader ever has it: it is sent again, not copied.
 */

import { invite, listInvitations, resendInvitation, revokeInvitation, type Invitation } from "../http/people.ts";
import type { Episode } from "../http/model.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { choice, fieldForm, textField } from "../page/fields.ts";
import { action, refill, row, section } from "../page/sheet.ts";
import { moment } from "../page/when.ts";

export class Invitations {
  readonly #list = element("ul", { ariaLabel: "Invitations" });
  readonly element: HTMLElement;

  /** `to`: `projects/prj_...` or `teams/team_...`; `roles`: the first is offered; `episodes`: to which alone one may be invited. */
  constructor(
    private readonly to: string,
    roles: readonly string[],
    private readonly announcer: Announcer,
    private readonly episodes: readonly Episode[] = [],
  ) {
    const email = textField("email", "E-mail address", { type: "email" });
    const role = choice("role", "Role", roles.map((each) => [each, each]), roles[0] ?? "");
    const episode = choice("episode", "To", [["", "The whole project"], ...episodes.map(({ id, title }) => [id, title] as const)], "");
    const form = fieldForm([email, role, ...(episodes.length > 0 ? [episode] : [])], "Invite", async () => {
      const made = await invite(this.to, email.value, role.value, episode.value || null);
      this.announcer.say(made.wasSent ? `${made.email} is invited.` : notSent(made));
      await this.load();
    });
    this.element = section("Invitations", form, this.#list);
  }

  async load(): Promise<void> {
    await this.announcer.tried(async () => {
      const open = (await listInvitations(this.to)).filter((each) => each.isOpen);
      refill(this.#list, open.map((each) => this.#row(each)), "Nobody is invited at the moment.");
    });
  }

  #row(invitation: Invitation): HTMLElement {
    const { email, role, inviter, expiresAt, wasSent } = invitation;
    return row(
      [email],
      [`as ${role}${this.#within(invitation)}, by ${inviter}, until ${moment(expiresAt)}`, wasSent ? "" : notSent(invitation)],
      action("Send again", `Send the invitation of ${email} again`, () => this.#change(resendInvitation(invitation.id), "Sent again; the earlier mail is good no more.")),
      action("Revoke", `Revoke the invitation of ${email}`, () => this.#change(revokeInvitation(invitation.id), "Revoked.")),
    );
  }

  #within({ episode }: Invitation): string {
    return episode === null ? "" : ` of ${this.episodes.find(({ id }) => id === episode)?.title ?? "one episode"}`;
  }

  async #change(request: Promise<unknown>, done: string): Promise<void> {
    await this.announcer.tried(async () => {
      await request;
      this.announcer.say(done);
    });
    await this.load();
  }
}

function notSent(invitation: Invitation): string {
  return `The mail to ${invitation.email} was not taken. Send it again.`;
}
