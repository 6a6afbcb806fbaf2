/** The first page: one's projects with their three doors, or how to sign in. Not a place for project rules. */

import "../styles/base.css";
import "../styles/home.css";

import { HttpProblem, listProjects, listProviders, signOut, whoAmI } from "../http/client.ts";
import type { Me, Project, Provider } from "../http/model.ts";
import { element, required } from "../page/element.ts";
import { showProblem } from "../page/problem.ts";

async function main(): Promise<void> {
  try {
    const [me, projects] = await Promise.all([whoAmI(), listProjects()]);
    show(me, projects);
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

function show(me: Me, projects: readonly Project[]): void {
  required("greeting").textContent = `Signed in as ${me.name}`;
  for (const [id, everywhere] of [["sign-out", false], ["sign-out-everywhere", true]] as const) {
    required(id).addEventListener("click", () => { signOut(everywhere).then(() => { location.reload(); }, showProblem); });
  }
  required("projects").hidden = false;
  required("none").hidden = projects.length > 0;
  required("project-list").replaceChildren(...projects.map(card));
}

function card(project: Project): HTMLElement {
  const door = (path: string, name: string): HTMLElement => element("a", { href: `/${path}/${project.id}`, className: "button" }, name);
  return element(
    "li",
    { className: "project" },
    element("h2", {}, element("a", { href: `/studio/${project.id}` }, project.title)),
    element("p", {}, `${project.kind}, ${project.role}`),
    element("p", { className: "project-doors" }, door("studio", "Studio"), door("review", "Review"), door("tv", "TV")),
  );
}

main().catch(showProblem);
