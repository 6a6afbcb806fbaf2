/**
 * Which episode of a series the studio shows, and the way to the others: each is a storyboard and a timeline of its own.
 * To go to another one is to load the page again, under its address.
 */

import { addEpisode, HttpProblem } from "../http/client.ts";
import type { Episode, Outline, Project } from "../http/model.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";

const NEW = "new";

export function episodeAddress(project: string, episode: string): string {
  return `/studio/${project}?${new URLSearchParams({ episode })}`;
}

/** The one in the address; else, or when that is gone, the first. */
export function chosenEpisode(outline: Outline): Episode {
  const wanted = new URLSearchParams(location.search).get("episode");
  const found = outline.episodes.find((episode) => episode.id === wanted) ?? outline.episodes[0];
  if (found === undefined) {
    throw new Error("the project has no episode");
  }
  return found;
}

export class EpisodeSwitch {
  readonly element = element("select", { className: "episodes", ariaLabel: "Episode" });

  constructor(
    private readonly project: Project,
    outline: Outline,
    private readonly episode: Episode,
    private readonly announcer: Announcer,
  ) {
    const of = (season: string | null): HTMLOptionElement[] =>
      outline.episodes.filter((each) => each.season === season).map((each) => element("option", { value: each.id }, `${each.number}. ${each.title}`));
    const seasons = outline.seasons.map(({ id, title }) => ({ title, options: of(id) })).filter(({ options }) => options.length > 0);
    this.element.append(...of(null), ...seasons.map(({ title, options }) => element("optgroup", { label: title }, ...options)));
    if (project.role === "owner" || project.role === "editor") {
      this.element.append(element("option", { value: NEW }, "New episode …"));
    }
    this.element.value = episode.id;
    this.element.addEventListener("change", () => void this.#chosen());
  }

  async #chosen(): Promise<void> {
    const chosen = this.element.value;
    this.element.value = this.episode.id; // until the page has changed, this is still the one that is shown
    try {
      const episode = chosen === NEW ? await this.#add() : chosen;
      if (episode !== null) {
        location.assign(episodeAddress(this.project.id, episode));
      }
    } catch (error) {
      this.announcer.warn(error instanceof HttpProblem ? error.message : "The episode could not be made.");
    }
  }

  /** In the season of the one that is shown; null: given up. */
  async #add(): Promise<string | null> {
    const title = prompt("Title of the new episode")?.trim() ?? "";
    return title === "" ? null : (await addEpisode(this.project.id, title, this.episode.season)).id;
  }
}
