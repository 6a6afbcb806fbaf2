/** A copy of the project, or a template: asked for, followed, stopped. */

import { cancelDuplication, duplicate } from "../http/client.ts";
import type { Project } from "../http/model.ts";
import { newId } from "../ids.ts";
import { copied, percent } from "../page/copying.ts";
import { element, setText } from "../page/element.ts";
import { fieldForm, textField, tick } from "../page/fields.ts";
import { action, section } from "../page/sheet.ts";

export function copies(project: Project): HTMLElement {
  const title = textField("title", "Title of the copy", { value: `${project.title} (copy)` });
  const media = tick("media", "With its takes, files and pictures");
  const template = tick("template", "As a template that others are made from");
  media.control.checked = true;
  const bar = element("progress", { max: 100, ariaLabel: "Copying" });
  const status = element("p", { className: "quiet", role: "status" });
  const stop = element("span");
  const under = element("div", { className: "copying", hidden: true }, bar, stop);
  const send = async (): Promise<void> => {
    setText(status, "");
    const wanted = { title: title.value, media: media.control.checked, template: template.control.checked };
    const asked = await duplicate(project.id, wanted, newId("req"));
    stop.replaceChildren(action("Stop", "Stop copying", () => cancelDuplication(asked.id)));
    under.hidden = false;
    try {
      await copied(Promise.resolve(asked), (copy) => { bar.value = percent(copy); });
      setText(status, `${wanted.title} is there. It is on your first page.`);
    } catch (error) {
      setText(status, error instanceof Error ? error.message : "It could not be copied.");
    } finally {
      under.hidden = true;
    }
  };
  return section("Copies and templates", fieldForm([title, media, template], "Copy", send, true), under, status);
}
