/** The first page: one's projects with their doors and episodes, or how to sign in. Not a place for project rules. */

import "../styles/base.css";
import "../styles/fields.css";
import "../styles/home.css";

import { HttpProblem, listProjects, listProviders, listTemplates, signOut, whoAmI } from "../http/client.ts";
import type { Me, Project, Provider } from "../http/model.ts";
import { element, required } from "../page/element.ts";
import { showProblem } from "../page/problem.ts";
import { awayCard } from "./away-card.ts";
import { newProject } from "./new-project.ts";
import { card } from "./project-card.ts";

async function main(): Promise<void> {
  try {
    const [me, lists] = await Promise.all([whoAmI(), listAll()]);
    list(...lists);
    required("new-project").replaceChildren(await newProject(lists[0].length === 0));
    show(me);
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 401) {
      showProviders(await listProviders());
    } else {
      throw error;
    }
  }
}

/** Where the person wanted to go is kept; the studio judges the path. */
function showProviders(providers: readonly Provider[]): void {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  required("sign-in").hidden = false;
  required("providers").hidden = providers.length === 0;
  required("providers").replaceChildren(
    ...providers.map(({ path, title }) => element("a", { href: `${path}?${new URLSearchParams({ next })}`, className: "button primary" }, `Continue with ${title}`)),
  );
}

function show(me: Me): void {
  required("greeting").textContent = `Signed in as ${me.name}`;
  for (const [id, everywhere] of [["sign-out", false], ["sign-out-everywhere", true]] as const) {
    required(id).addEventListener("click", () => { signOut(everywhere).then(() => { location.reload(); }, showProblem); });
  }
  required("projects").hidden = false;
}

/** Those that are there, templates, and those that are away. */
async function listAll(): Promise<[Project[], Project[], Project[]]> {
  const [projects, templates, archived, deleted] = await Promise.all([listProjects(), listTemplates(), listProjects("archived"), listProjects("deleted")]);
  return [projects, templates, [...archived, ...deleted]];
}

function list(projects: readonly Project[], templates: readonly Project[], away: readonly Project[]): void {
  const again = (): void => {
    listAll().then((lists) => { list(...lists); }, showProblem);
  };
  required("away").hidden = away.length === 0;
  required("away-list").replaceChildren(...away.map((project) => awayCard(project, again)));
  required("none").hidden = projects.length > 0;
  required("project-list").replaceChildren(...projects.map((project) => card(project, again)));
  required("templates").hidden = templates.length === 0;
  required("template-list").replaceChildren(...templates.map((template) => card(template, again)));
}

main().catch(showProblem);
