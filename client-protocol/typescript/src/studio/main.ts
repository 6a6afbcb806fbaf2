/** Starts the studio page: who is it, which project, then everything else. Not a place for behaviour. */

import "../styles/base.css";
import "../styles/studio.css";
import "../styles/card.css";
import "../styles/monitor.css";
import "../styles/studio-narrow.css";

import { getProject, whoAmI } from "../http/client.ts";
import { Announcer } from "../page/announcer.ts";
import { required } from "../page/element.ts";
import { projectInAddress, showProblem } from "../page/problem.ts";
import { Studio } from "./studio.ts";

async function main(): Promise<void> {
  const id = projectInAddress();
  const [me, project] = await Promise.all([whoAmI(), getProject(id)]);
  document.title = `${project.title} · StoryForge`;
  new Studio(project, me, new Announcer(required("announcements"), required("alerts")));
}

main().catch(showProblem);
