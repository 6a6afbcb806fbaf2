/** Who is something else in one episode than in its project. An owner gives such a role, changes it and takes it away. */

import { addEpisodeMember, EPISODE_ROLES, listEpisodeRoles, removeEpisodeRole, setEpisodeRole, type EpisodeRoleHolder } from "../http/episode-roles.ts";
import type { Episode, Project } from "../http/model.ts";
import { listMembers, listProjectTeams } from "../http/people.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { choice, fieldForm, textField, type Option } from "../page/fields.ts";
import { action, refill, row, section } from "../page/sheet.ts";
import { roleChoice } from "./role-choice.ts";

const ROLE_OPTIONS: readonly Option[] = EPISODE_ROLES.map((each) => [each, each]);

export class EpisodeRoles {
  readonly #episode;
  readonly #list = element("ul", { ariaLabel: "Roles in this episode" });
  readonly #forms = element("div");
  readonly element: HTMLElement;

  /** `episodes`: at least one. */
  constructor(
    private readonly project: Project,
    episodes: readonly Episode[],
    private readonly announcer: Announcer,
  ) {
    this.#episode = choice("episode", "Episode", episodes.map(({ id, number, title }) => [id, `${number}. ${title}`]), episodes[0]?.id ?? "");
    this.#episode.control.addEventListener("change", () => {
      this.#forms.replaceChildren(); // they give roles in the episode before
      void this.load();
    });
    const rule = element("p", {}, "A role in one episode makes less of what somebody is in the project, or lets them see that episode alone.");
    this.element = section("Roles in one episode", rule, this.#episode.element, this.#list, this.#forms);
  }

  async load(): Promise<void> {
    await this.announcer.tried(async () => {
      const path = this.#path();
      const found = await listEpisodeRoles(path);
      const others = this.project.role === "owner" ? await this.#others(found) : [];
      if (path === this.#path()) {
        refill(this.#list, found.map((holder) => this.#row(path, holder)), "Everybody is here what they are in the project.");
        this.#forms.replaceChildren(...(this.project.role === "owner" ? this.#offers(path, others) : []));
      }
    });
  }

  #path(): string {
    return `projects/${this.project.id}/episodes/${this.#episode.value}`;
  }

  /** Whose role in the project could be narrowed. */
  async #others(there: readonly EpisodeRoleHolder[]): Promise<readonly Option[]> {
    const [members, teams] = await Promise.all([listMembers(this.project.id), listProjectTeams(this.project.id)]);
    const all: readonly Option[] = [
      ...members.filter(({ role }) => role !== "owner").map(({ id, name, role }): Option => [`members/${id}`, `${name}, ${role}`]),
      ...teams.filter(({ role }) => role !== "owner").map(({ id, name, role }): Option => [`teams/${id}`, `${name} (team), ${role}`]),
    ];
    return all.filter(([who]) => there.every((holder) => holder.who !== who));
  }

  #offers(path: string, others: readonly Option[]): HTMLElement[] {
    const email = textField("email", "E-mail address of an account", { type: "email" });
    const given = choice("role", "Role", ROLE_OPTIONS, "editor");
    const give = fieldForm([email, given], "Give a role here", async () => {
      await addEpisodeMember(path, email.value, roleOf(given.value));
      await this.load();
    });
    if (others.length === 0) {
      return [give];
    }
    const who = choice("who", "Of the project", others, others[0]?.[0] ?? "");
    const narrowed = choice("role", "Role", ROLE_OPTIONS, "viewer");
    const narrow = fieldForm([who, narrowed], "Narrow a role here", async () => {
      await setEpisodeRole(path, who.value, roleOf(narrowed.value));
      await this.load();
    });
    return [narrow, give];
  }

  #row(path: string, holder: EpisodeRoleHolder): HTMLElement {
    const { who, name, role, inProject } = holder;
    const fact = inProject === null ? "sees this episode alone" : `${inProject} in the project`;
    if (this.project.role !== "owner") {
      return row([name], [fact], element("span", { className: "quiet" }, role));
    }
    const change = roleChoice(EPISODE_ROLES, role, `Role of ${name} in this episode`, (wanted) =>
      this.announcer.tried(async () => {
        await setEpisodeRole(path, who, wanted);
        this.announcer.say(`${name} is ${wanted} in this episode now.`);
      }));
    return row([name], [fact], change, action("Take away", `Take the role of ${name} in this episode away`, () => this.#remove(path, holder)));
  }

  async #remove(path: string, { who, name, inProject }: EpisodeRoleHolder): Promise<void> {
    const after = inProject === null ? "They see it no more." : `They are ${inProject} again, as in the project.`;
    if (confirm(`Take the role of ${name} in this episode away? ${after}`)) {
      await this.announcer.tried(() => removeEpisodeRole(path, who));
      await this.load();
    }
  }
}

function roleOf(text: string): (typeof EPISODE_ROLES)[number] {
  return EPISODE_ROLES.find((each) => each === text) ?? "viewer";
}
