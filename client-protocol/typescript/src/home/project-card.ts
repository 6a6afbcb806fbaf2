/**
 * One project on the first page: its doors, the episodes of a series, and a copy of it while that is in the making.
 * What a copy is, and who may make one, the studio says.
 */

import { duplicate, getOutline, HttpProblem } from "../http/client.ts";
import type { Duplication, Episode, Outline, Project } from "../http/model.ts";
import { newId } from "../ids.ts";
import { copied, percent } from "../page/copying.ts";
import { element, setText } from "../page/element.ts";

/** `changed`: there is a project more. */
export function card(project: Project, changed: () => void): HTMLElement {
  const door = (path: string, name: string): HTMLElement => element("a", { href: `/${path}/${project.id}`, className: "button" }, name);
  const facts = project.kind === "series" ? `series, ${project.episodes === 1 ? "1 episode" : `${project.episodes} episodes`}` : project.kind;
  return element(
    "li",
    { className: "project" },
    element("h2", {}, element("a", { href: `/studio/${project.id}` }, project.title)),
    element("p", {}, `${facts}, ${project.role}`),
    ...(project.kind === "series" ? [episodesOf(project)] : []),
    element("p", { className: "project-doors" }, door("studio", "Studio"), door("review", "Review"), door("tv", "TV"), door("people", "People"), door("project", "Project"), ...copyOf(project, changed)),
  );
}

/** Read when they are wanted: a list of fifty projects asks for none of them. */
function episodesOf(project: Project): HTMLElement {
  const list = element("div", { className: "outline" }, "…");
  const details = element("details", {}, element("summary", {}, "Episodes"), list);
  details.addEventListener(
    "toggle",
    () => {
      getOutline(project.id).then(
        (outline) => { list.replaceChildren(...outlineOf(project, outline)); },
        (error: unknown) => { setText(list, error instanceof HttpProblem ? error.message : "The episodes could not be read."); },
      );
    },
    { once: true },
  );
  return details;
}

function outlineOf(project: Project, outline: Outline): HTMLElement[] {
  const list = (episodes: readonly Episode[]): HTMLElement =>
    element(
      "ol",
      {},
      ...episodes.map(({ id, number, title }) =>
        element("li", {}, element("a", { href: `/studio/${project.id}?${new URLSearchParams({ episode: id })}` }, `${number}. ${title}`)),
      ),
    );
  const of = (season: string | null): readonly Episode[] => outline.episodes.filter((episode) => episode.season === season);
  const seasons = outline.seasons.filter(({ id }) => of(id).length > 0).flatMap(({ id, title }) => [element("h3", {}, title), list(of(id))]);
  return of(null).length > 0 ? [list(of(null)), ...seasons] : seasons;
}

function copyOf(project: Project, changed: () => void): HTMLElement[] {
  if (!project.template && project.role !== "owner" && project.role !== "editor") {
    return [];
  }
  const name = project.template ? "Use it" : "Duplicate";
  const button = element("button", { type: "button", className: "button" }, name);
  const status = element("span", { className: "quiet", role: "status" });
  button.addEventListener("click", () => {
    button.disabled = true;
    copied(asked(project), (copy) => { setText(status, `Copying, ${percent(copy)} %`); })
      .then(changed, (error: unknown) => { setText(status, error instanceof Error ? error.message : "It could not be copied."); })
      .finally(() => { button.disabled = false; });
  });
  return [button, status];
}

function asked(project: Project): Promise<Duplication> {
  return duplicate(project.id, { title: project.template ? project.title : `${project.title} (copy)` }, newId("req"));
}
