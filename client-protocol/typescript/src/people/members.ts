/** Who belongs to the project, and as what. An owner changes that; everybody may leave. */

import { changeMember, listMembers, removeMember, type Member } from "../http/people.ts";
import { ROLES, type Me, type Project, type Role } from "../http/model.ts";
import type { Announcer } from "../page/announcer.ts";
import { badge } from "../page/badge.ts";
import { element } from "../page/element.ts";
import { action, refill, row, section } from "../page/sheet.ts";
import { roleChoice } from "./role-choice.ts";

export class Members {
  readonly #list = element("ul", { ariaLabel: "Members" });
  readonly element = section("Members", this.#list);

  constructor(
    private readonly project: Project,
    private readonly me: Me,
    private readonly announcer: Announcer,
  ) {}

  async load(): Promise<void> {
    await this.announcer.tried(async () => { this.#show(await listMembers(this.project.id)); });
  }

  #show(members: readonly Member[]): void {
    refill(this.#list, members.map((member) => this.#row(member)), "Nobody.");
  }

  #row(member: Member): HTMLElement {
    const isMe = member.id === this.me.id;
    const isOwner = this.project.role === "owner";
    const role = isOwner
      ? roleChoice(ROLES, member.role, `Role of ${member.name}`, (wanted) => this.#change(member, wanted))
      : element("span", { className: "quiet" }, member.role);
    const leave = isMe ? [action("Leave", "Leave the project", () => this.#leave(member))] : [];
    const remove = isOwner && !isMe ? [action("Remove", `Remove ${member.name}`, () => this.#remove(member))] : [];
    const name = isMe ? `${member.name} (you)` : member.name;
    return row([badge(member, member.name), name], [member.isProgram ? "a program" : (member.email ?? "")], role, ...leave, ...remove);
  }

  #change(member: Member, role: Role): Promise<boolean> {
    return this.announcer.tried(async () => {
      this.#show(await changeMember(this.project.id, member.id, role));
      this.announcer.say(`${member.name} is ${role} now.`);
    });
  }

  async #remove(member: Member): Promise<void> {
    if (confirm(`Remove ${member.name} from this project?`)) {
      await this.announcer.tried(() => removeMember(this.project.id, member.id));
      await this.load();
    }
  }

  async #leave(member: Member): Promise<void> {
    if (confirm("Leave this project? Only an owner can let you in again.") && (await this.announcer.tried(() => removeMember(this.project.id, member.id)))) {
      location.assign("/");
    }
  }
}
