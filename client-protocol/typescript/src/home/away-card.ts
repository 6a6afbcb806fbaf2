/** An archived or deleted project on the first page, and the way back. */

import { HttpProblem } from "../http/client.ts";
import type { Project } from "../http/model.ts";
import { restoreProject } from "../http/project.ts";
import { element, setText } from "../page/element.ts";
import { moment } from "../page/when.ts";

/** `changed`: it is back. */
export function awayCard(project: Project, changed: () => void): HTMLElement {
  const state = project.purgeAt === null ? "archived" : `deleted, gone for good after ${moment(project.purgeAt)}`;
  const status = element("span", { className: "quiet", role: "status" });
  const restore = element("button", { type: "button", className: "button", ariaLabel: `Bring ${project.title} back` }, "Bring it back");
  restore.addEventListener("click", () => {
    restoreProject(project.id).then(changed, (error: unknown) => {
      setText(status, error instanceof HttpProblem ? error.message : "It could not be brought back.");
    });
  });
  const read = project.purgeAt === null ? [element("a", { href: `/project/${project.id}`, className: "button" }, "Open")] : [];
  const back = project.role === "owner" ? [restore] : [];
  return element("li", { className: "project" }, element("h2", {}, project.title), element("p", {}, state), element("p", { className: "project-doors" }, ...read, ...back, status));
}
