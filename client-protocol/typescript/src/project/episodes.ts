/** The seasons and episodes of a series: their order, their names, what was deleted and may come back. */

import { addEpisode, getOutline } from "../http/client.ts";
import type { Episode, Outline, Project, Season } from "../http/model.ts";
import { addSeason, changeEpisode, changeSeason, deletedEpisodes, deleteEpisode, placeOf, removeSeason, restoreEpisode } from "../http/project.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { choice, fieldForm, select, textField } from "../page/fields.ts";
import { action, refill, row, section } from "../page/sheet.ts";

const NONE = "";

export class Episodes {
  readonly #list = element("ul", { ariaLabel: "Episodes" });
  readonly #deleted = element("div");
  readonly #forms = element("div");
  readonly element = section("Seasons and episodes", this.#list, this.#deleted, this.#forms);

  constructor(
    private readonly project: Project,
    private readonly mayEdit: boolean,
    private readonly announcer: Announcer,
  ) {}

  async load(): Promise<void> {
    await this.announcer.tried(async () => {
      const [outline, deleted] = await Promise.all([getOutline(this.project.id), this.mayEdit ? deletedEpisodes(this.project.id) : []]);
      const within = (season: string | null): HTMLElement[] => this.#episodes(outline, season);
      refill(this.#list, [...within(null), ...outline.seasons.flatMap((season) => [this.#season(outline, season), ...within(season.id)])], "None.");
      this.#showDeleted(deleted);
      if (this.mayEdit) {
        this.#forms.replaceChildren(this.#seasonForm(), this.#episodeForm(outline));
      }
    });
  }

  #episodes(outline: Outline, season: string | null): HTMLElement[] {
    const siblings = outline.episodes.filter((episode) => episode.season === season);
    return siblings.map((episode) => {
      const name = element("a", { href: `/studio/${this.project.id}?${new URLSearchParams({ episode: episode.id })}` }, `${episode.number}. ${episode.title}`);
      return row([name], [], ...(this.mayEdit ? this.#episodeActions(outline, siblings.map(({ id }) => id), episode) : []));
    });
  }

  #episodeActions(outline: Outline, siblings: readonly string[], { id, title, season }: Episode): HTMLElement[] {
    const { project } = this;
    const move = (steps: number): Promise<void> => this.#change(changeEpisode(project.id, id, { after: placeOf(siblings, id, steps) }));
    const seasons = select([[NONE, "in no season"], ...outline.seasons.map((each) => [each.id, each.title] as const)], season ?? NONE);
    seasons.ariaLabel = `Season of ${title}`;
    seasons.addEventListener("change", () => void this.#change(changeEpisode(project.id, id, { season: seasons.value === NONE ? null : seasons.value })));
    return [
      ...(outline.seasons.length > 0 ? [seasons] : []),
      ...this.#moves(siblings, id, title, move),
      action("Rename", `Rename ${title}`, () => this.#rename(title, (wanted) => changeEpisode(project.id, id, { title: wanted }))),
      action("Delete", `Delete ${title}`, () => this.#change(deleteEpisode(project.id, id))),
    ];
  }

  #season(outline: Outline, { id, title }: Season): HTMLElement {
    const { project } = this;
    const siblings = outline.seasons.map((season) => season.id);
    const move = (steps: number): Promise<void> => this.#change(changeSeason(project.id, id, { after: placeOf(siblings, id, steps) }));
    const actions = this.mayEdit
      ? [
          ...this.#moves(siblings, id, title, move),
          action("Rename", `Rename ${title}`, () => this.#rename(title, (wanted) => changeSeason(project.id, id, { title: wanted }))),
          action("Remove", `Remove ${title}`, () => this.#change(removeSeason(project.id, id))),
        ]
      : [];
    return row([element("strong", {}, title)], [], ...actions);
  }

  #moves(siblings: readonly string[], id: string, title: string, move: (steps: number) => Promise<void>): HTMLElement[] {
    const up = siblings.indexOf(id) > 0 ? [action("Up", `Move ${title} up`, () => move(-1))] : [];
    return siblings.at(-1) === id ? up : [...up, action("Down", `Move ${title} down`, () => move(1))];
  }

  #showDeleted(deleted: readonly Episode[]): void {
    const rows = deleted.map(({ id, title }) => row([title], ["deleted"], action("Restore", `Restore ${title}`, () => this.#change(restoreEpisode(this.project.id, id)))));
    this.#deleted.replaceChildren(...(rows.length === 0 ? [] : [element("ul", { ariaLabel: "Deleted episodes" }, ...rows)]));
  }

  #seasonForm(): HTMLElement {
    const title = textField("title", "Title of a new season");
    return fieldForm([title], "Add a season", async () => {
      await addSeason(this.project.id, title.value);
      await this.load();
    });
  }

  #episodeForm(outline: Outline): HTMLElement {
    const title = textField("title", "Title of a new episode");
    const season = choice("season", "Season", [[NONE, "none"], ...outline.seasons.map((each) => [each.id, each.title] as const)], outline.seasons.at(-1)?.id ?? NONE);
    return fieldForm([title, season], "Add an episode", async () => {
      await addEpisode(this.project.id, title.value, season.value === NONE ? null : season.value);
      await this.load();
    });
  }

  async #rename(title: string, send: (title: string) => Promise<unknown>): Promise<void> {
    const wanted = prompt("The new title", title);
    if (wanted !== null) {
      await this.#change(send(wanted));
    }
  }

  async #change(request: Promise<unknown>): Promise<void> {
    await this.announcer.tried(async () => { await request; });
    await this.load();
  }
}
