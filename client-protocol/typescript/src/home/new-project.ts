/** A new project on the first page: its title, what it is, its look. It opens in the studio. */

import { createProject, KINDS, listLooks } from "../http/looks.ts";
import { newId } from "../ids.ts";
import { element } from "../page/element.ts";
import { choice, fieldForm, textField } from "../page/fields.ts";
import { LookChoice } from "../page/look-choice.ts";

const KIND_NAMES: Readonly<Record<(typeof KINDS)[number], string>> = { short: "Short film", movie: "Movie", series: "Series" };
const FIRST_LOOK = "thriller";

/** `isOpen`: where there is nothing else to do. */
export async function newProject(isOpen: boolean): Promise<HTMLElement> {
  const title = textField("title", "Title");
  const kind = choice("kind", "What it is", KINDS.map((each) => [each, KIND_NAMES[each]]), "short");
  const look = new LookChoice(await listLooks(), FIRST_LOOK);
  const form = fieldForm([title, kind, look.field], "Make it", send);
  look.field.element.append(look.palette);
  let sent = { words: "", key: "" };
  async function send(): Promise<void> {
    const wanted = { title: title.value, kind: kind.value, brain: look.field.value };
    const words = JSON.stringify(wanted);
    sent = words === sent.words ? sent : { words, key: newId("req") }; // the same again is the same request
    location.assign(`/studio/${(await createProject(wanted, sent.key)).id}`);
  }
  return element("details", { className: "new-project", open: isOpen }, element("summary", {}, "New project"), form);
}
