/** One's own teams: making one, and each with its members, invitations and programs where one may see them. */

import { changeTeamMember, deleteTeam, listTeamMembers, listTeams, makeTeam, removeTeamMember, TEAM_ROLES, type Team, type TeamMember, type TeamRole } from "../http/people.ts";
import type { Me, Project } from "../http/model.ts";
import type { Announcer } from "../page/announcer.ts";
import { badge } from "../page/badge.ts";
import { element } from "../page/element.ts";
import { fieldForm, textField } from "../page/fields.ts";
import { action, fold, refill, row, section } from "../page/sheet.ts";
import { Invitations } from "./invitations.ts";
import { roleChoice } from "./role-choice.ts";
import { ServiceAccounts } from "./service-accounts.ts";

export class Teams {
  readonly #list = element("ul", { ariaLabel: "Your teams" });
  readonly element: HTMLElement;

  /** `changed`: there is a team more, or one less. */
  constructor(
    private readonly project: Project,
    private readonly me: Me,
    private readonly announcer: Announcer,
    private readonly changed: () => Promise<void>,
  ) {
    const name = textField("name", "Name of a new team");
    const form = fieldForm([name], "Make a team", async () => {
      await makeTeam(name.value);
      await this.#again();
    });
    this.element = section("Your teams", this.#list, form);
  }

  async load(): Promise<void> {
    await this.announcer.tried(async () => {
      refill(this.#list, (await listTeams()).map((team) => this.#row(team)), "You are in no team.");
    });
  }

  async #again(): Promise<void> {
    await Promise.all([this.load(), this.changed()]);
  }

  #row(team: Team): HTMLElement {
    const remove = team.role === "owner" ? [action("Delete", `Delete the team ${team.name}`, () => this.#delete(team))] : [];
    const item = row([team.name], [`${team.members === 1 ? "1 member" : `${team.members} members`}, you are ${team.role}`], ...remove);
    const members = element("ul", { ariaLabel: `Members of ${team.name}` });
    const inside = element("div", {}, members);
    if (team.role !== "member") {
      const parts = [new Invitations(`teams/${team.id}`, TEAM_ROLES.toReversed(), this.announcer), new ServiceAccounts(team.id, this.project.id, this.announcer)];
      inside.append(...parts.map((part) => part.element));
      item.append(fold("Members and programs", inside, () => Promise.all([this.#showMembers(team, members), ...parts.map((part) => part.load())])));
    } else {
      item.append(fold("Members", inside, () => this.#showMembers(team, members)));
    }
    return item;
  }

  async #showMembers(team: Team, list: HTMLElement): Promise<void> {
    await this.announcer.tried(async () => { this.#fill(team, list, await listTeamMembers(team.id)); });
  }

  #fill(team: Team, list: HTMLElement, members: readonly TeamMember[]): void {
    refill(list, members.map((member) => this.#member(team, list, member)), "Nobody.");
  }

  #member(team: Team, list: HTMLElement, member: TeamMember): HTMLElement {
    const change = (role: TeamRole): Promise<boolean> =>
      this.announcer.tried(async () => { this.#fill(team, list, await changeTeamMember(team.id, member.id, role)); });
    const remove = async (): Promise<void> => {
      await this.announcer.tried(() => removeTeamMember(team.id, member.id));
      await (member.id === this.me.id ? this.#again() : this.#showMembers(team, list));
    };
    const role = team.role === "owner" ? roleChoice(TEAM_ROLES, member.role, `Role of ${member.name} in ${team.name}`, change) : element("span", { className: "quiet" }, member.role);
    const mayRemove = member.id === this.me.id || team.role === "owner" || (team.role === "admin" && member.role === "member");
    const word = member.id === this.me.id ? "Leave" : "Remove";
    const actions = mayRemove && !member.isProgram ? [action(word, `${word}: ${member.name}, ${team.name}`, remove)] : [];
    return row([badge(member, member.name), member.name], [member.isProgram ? "a program" : (member.email ?? "")], role, ...actions);
  }

  async #delete(team: Team): Promise<void> {
    if (confirm(`Delete the team ${team.name}? What its members may do by it, and its programs' keys, end at once.`)) {
      await this.announcer.tried(() => deleteTeam(team.id));
      await this.#again();
    }
  }
}
