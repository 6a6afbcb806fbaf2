/** Away and back: into the archive, out of it, and the deletion, which can be taken back for a time. */

import type { Project } from "../http/model.ts";
import { archiveProject, deleteProject, restoreProject } from "../http/project.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { action, row, section } from "../page/sheet.ts";

export function end(project: Project, announcer: Announcer): HTMLElement {
  const done = async (work: () => Promise<void>, then: () => void): Promise<void> => {
    if (await announcer.tried(work)) {
      then();
    }
  };
  const again = (): void => { location.reload(); };
  const archived = project.state === "archived";
  const archive = archived
    ? row(["It is archived"], ["It is only read, and not in the list."], action("Bring it back", "Bring the project back from the archive", () => done(() => restoreProject(project.id), again)))
    : row(["Archive it"], ["Out of the list, and only read from then on, until somebody brings it back."], action("Archive", "Archive the project", () => done(() => archiveProject(project.id), again)));
  const remove = async (): Promise<void> => {
    if (confirm(`Delete ${project.title}? Nobody finds it any more. Its owners can bring it back from the first page until it is gone for good.`)) {
      await done(() => deleteProject(project.id), () => { location.assign("/"); });
    }
  };
  const deletion = row(["Delete it"], ["Nobody finds it any more. The first page tells its owners until when they can bring it back."], action("Delete", "Delete the project", remove));
  return section("Away and back", element("ul", {}, archive, deletion));
}
