/** The teams that have a role in the project. Only an owner of the project changes it, with a team of their own. */

import { listProjectTeams, listTeams, removeProjectTeam, setProjectTeam, type ProjectTeam } from "../http/people.ts";
import { ROLES, type Project, type Role } from "../http/model.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { choice, fieldForm } from "../page/fields.ts";
import { action, refill, row, section } from "../page/sheet.ts";
import { roleChoice } from "./role-choice.ts";

const GIVEN: readonly Role[] = ["editor", "commenter", "viewer", "owner"];

export class ProjectTeams {
  readonly #list = element("ul", { ariaLabel: "Teams in this project" });
  readonly #form = element("div");
  readonly element = section("Teams in this project", this.#list, this.#form);

  constructor(
    private readonly project: Project,
    private readonly announcer: Announcer,
  ) {}

  async load(): Promise<void> {
    await this.announcer.tried(async () => {
      const found = await listProjectTeams(this.project.id);
      refill(this.#list, found.map((team) => this.#row(team)), "No team has a role in it.");
      await this.#offer(found);
    });
  }

  async #offer(there: readonly ProjectTeam[]): Promise<void> {
    const others = this.project.role === "owner" ? (await listTeams()).filter(({ id }) => there.every((team) => team.id !== id)) : [];
    if (others.length === 0) {
      this.#form.replaceChildren();
      return;
    }
    const team = choice("team", "Team", others.map(({ id, name }) => [id, name]), others[0]?.id ?? "");
    const role = choice("role", "Role", GIVEN.map((each) => [each, each]), "editor");
    const give = fieldForm([team, role], "Give a role", async () => {
      await setProjectTeam(this.project.id, team.value, GIVEN.find((each) => each === role.value) ?? "viewer");
      await this.load();
    });
    this.#form.replaceChildren(give);
  }

  #row(team: ProjectTeam): HTMLElement {
    const many = team.members === 1 ? "1 member" : `${team.members} members`;
    if (this.project.role !== "owner") {
      return row([team.name], [many], element("span", { className: "quiet" }, team.role));
    }
    const role = roleChoice(ROLES, team.role, `Role of ${team.name}`, (wanted) =>
      this.announcer.tried(async () => { await setProjectTeam(this.project.id, team.id, wanted); }));
    return row([team.name], [many], role, action("Remove", `Take the role of ${team.name} away`, () => this.#remove(team)));
  }

  async #remove(team: ProjectTeam): Promise<void> {
    if (confirm(`Take the role of ${team.name} in this project away?`)) {
      await this.announcer.tried(() => removeProjectTeam(this.project.id, team.id));
      await this.load();
    }
  }
}
