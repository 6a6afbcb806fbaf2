/** What one is called, and the colour that others see one in. */

import { changeMe } from "../http/account.ts";
import type { Me } from "../http/model.ts";
import type { Announcer } from "../page/announcer.ts";
import { badge } from "../page/badge.ts";
import { element } from "../page/element.ts";
import { fieldForm, textField } from "../page/fields.ts";
import { section } from "../page/sheet.ts";

export function profile(me: Me, announcer: Announcer): HTMLElement {
  const shown = element("p", { className: "profile" });
  const show = ({ name, colour }: Me): void => { shown.replaceChildren(badge({ name, colour }, name), name); };
  const name = textField("name", "Name", { value: me.name, autocomplete: "name" });
  const colour = textField("colour", "Colour", { type: "color", value: me.colour });
  const save = async (): Promise<void> => {
    const changed = await changeMe(name.value, colour.value);
    show(changed);
    name.control.value = changed.name;
    announcer.say("Saved. Pages that are open show it when they are loaded again.");
  };
  show(me);
  return section("You", shown, fieldForm([name, colour], "Save", save, true));
}
