/** The first page: one's projects with their doors and episodes, or how to sign in. Not a place for project rules. */

import "../styles/base.css";
import "../styles/home.css";

import { HttpProblem, listProjects, listProviders, listTemplates, signOut, whoAmI } from "../http/client.ts";
import type { Me, Project, Provider } from "../http/model.ts";
import { element, required } from "../page/element.ts";
import { showProblem } from "../page/problem.ts";
import { card } from "./project-card.ts";

async function main(): Promise<void> {
  try {
    const [me, projects, templates] = await Promise.all([whoAmI(), listProjects(), listTemplates()]);
    list(projects, templates);
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

function list(projects: readonly Project[], templates: readonly Project[]): void {
  const again = (): void => {
    Promise.all([listProjects(), listTemplates()]).then((lists) => { list(...lists); }, showProblem);
  };
  required("none").hidden = projects.length > 0;
  required("project-list").replaceChildren(...projects.map((project) => card(project, again)));
  required("templates").hidden = templates.length === 0;
  required("template-list").replaceChildren(...templates.map((template) => card(template, again)));
}

main().catch(showProblem);
