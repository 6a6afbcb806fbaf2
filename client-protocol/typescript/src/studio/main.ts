/** Starts the studio page: who is it, which project, then everything else. Not a place for behaviour. */

import "../styles/base.css";
import "../styles/studio.css";
import "../styles/card.css";
import "../styles/how.css";
import "../styles/locks.css";
import "../styles/monitor.css";
import "../styles/bin.css";
import "../styles/studio-narrow.css";

import { getOutline, getProject, whoAmI } from "../http/client.ts";
import { Announcer } from "../page/announcer.ts";
import { required } from "../page/element.ts";
import { projectInAddress, showProblem } from "../page/problem.ts";
import { chosenEpisode, EpisodeSwitch } from "./episodes.ts";
import { Studio } from "./studio.ts";

async function main(): Promise<void> {
  const id = projectInAddress();
  const [me, project, outline] = await Promise.all([whoAmI(), getProject(id), getOutline(id)]);
  const episode = chosenEpisode(outline);
  const isSeries = project.kind === "series";
  document.title = `${isSeries ? `${episode.title} · ` : ""}${project.title} · StoryForge`;
  const announcer = new Announcer(required("announcements"), required("alerts"));
  new Studio(project, episode, me, announcer, isSeries ? new EpisodeSwitch(project, outline, episode, announcer).element : null);
}

main().catch(showProblem);
