/** The page of a project: what it is made in, what it consists of, its characters, which models it asks, what moderation says, copies and its end. Not a place for rules. */

import "../styles/base.css";
import "../styles/fields.css";
import "../styles/sheet.css";

import { getProject, whoAmI } from "../http/client.ts";
import { Announcer } from "../page/announcer.ts";
import { required } from "../page/element.ts";
import { projectInAddress, showProblem } from "../page/problem.ts";
import { projectHeader } from "../page/sheet.ts";
import { Characters } from "./characters.ts";
import { copies } from "./copies.ts";
import { end } from "./end.ts";
import { Episodes } from "./episodes.ts";
import { ProjectLook } from "./look.ts";
import { Models } from "./models.ts";
import { Moderation } from "./moderation.ts";
import { Reuses } from "./reuse.ts";
import { ProjectSettings } from "./settings.ts";

async function main(): Promise<void> {
  const [project] = await Promise.all([getProject(projectInAddress()), whoAmI()]);
  document.title = `Project · ${project.title} · StoryForge`;
  required("header").replaceChildren(...projectHeader(project, "project"));
  const announcer = new Announcer(required("announcements"), required("alerts"));
  const isEditor = project.role === "owner" || project.role === "editor";
  const mayEdit = project.state === "active" && isEditor;
  const lists = [
    new ProjectSettings(project, mayEdit, announcer),
    new ProjectLook(project, mayEdit, announcer),
    ...(project.kind === "series" ? [new Episodes(project, mayEdit, announcer)] : []),
    new Characters(project, mayEdit, announcer),
    new Models(project, mayEdit && project.role === "owner", announcer),
    new Reuses(project, mayEdit && project.role === "owner", announcer),
    ...(isEditor ? [new Moderation(project.id, mayEdit, announcer)] : []),
  ];
  const rest = [...(mayEdit ? [copies(project)] : []), ...(project.role === "owner" ? [end(project, announcer)] : [])];
  required("sections").replaceChildren(...lists.map((each) => each.element), ...rest);
  await Promise.all(lists.map((each) => each.load()));
}

main().catch(showProblem);
