/** The people of a project: who belongs to it, who is invited, links for guests, teams, and what was done. Not a place for rules. */

import "../styles/base.css";
import "../styles/fields.css";
import "../styles/sheet.css";

import { getOutline, getProject, whoAmI } from "../http/client.ts";
import { Announcer } from "../page/announcer.ts";
import { required } from "../page/element.ts";
import { projectInAddress, showProblem } from "../page/problem.ts";
import { projectHeader } from "../page/sheet.ts";
import { AuditLog } from "./audit.ts";
import { EpisodeRoles } from "./episode-roles.ts";
import { Invitations } from "./invitations.ts";
import { Members } from "./members.ts";
import { ShareLinks } from "./share-links.ts";
import { ProjectTeams } from "./project-teams.ts";
import { Teams } from "./teams.ts";

async function main(): Promise<void> {
  const id = projectInAddress();
  const [me, project, { episodes }] = await Promise.all([whoAmI(), getProject(id), getOutline(id)]);
  document.title = `People · ${project.title} · StoryForge`;
  required("header").replaceChildren(...projectHeader(project, "people"));
  const announcer = new Announcer(required("announcements"), required("alerts"));
  const isOwner = project.role === "owner";
  const members = new Members(project, me, announcer);
  const projectTeams = new ProjectTeams(project, announcer);
  const ofMine = me.isGuest ? [] : [new Teams(project, me, announcer, () => projectTeams.load())];
  const parts = project.kind === "series" ? episodes : [];
  const ofEpisodes = parts.length > 0 ? [new EpisodeRoles(project, parts, announcer)] : [];
  const ofOwners = [
    new Invitations(`projects/${id}`, ["editor", "commenter", "viewer", "owner"], announcer, parts),
    new ShareLinks(id, announcer),
  ];
  const sections = isOwner ? [members, ...ofEpisodes, ...ofOwners, projectTeams, ...ofMine, new AuditLog(id, announcer)] : [members, ...ofEpisodes, projectTeams, ...ofMine];
  required("sections").replaceChildren(...sections.map((each) => each.element));
  await Promise.all(sections.map((each) => each.load()));
}

main().catch(showProblem);
