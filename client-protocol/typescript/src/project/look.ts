/** In which look new scenes of the project are made, and what that look does. */

import type { Project } from "../http/model.ts";
import { chooseLook, explainLook, listLooks } from "../http/looks.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { fieldForm } from "../page/fields.ts";
import { LookChoice } from "../page/look-choice.ts";
import { fold, section } from "../page/sheet.ts";

export class ProjectLook {
  readonly #body = element("div");
  readonly element = section("Look", this.#body);

  constructor(
    private readonly project: Project,
    private readonly mayEdit: boolean,
    private readonly announcer: Announcer,
  ) {}

  async load(): Promise<void> {
    await this.announcer.tried(async () => {
      const looks = await listLooks();
      const choice = new LookChoice(looks, this.project.brain, () => { does.open = false; });
      const words = element("div");
      const does = fold("What it does", words, async () => {
        const sentences = await explainLook(choice.field.value);
        words.replaceChildren(element("ul", {}, ...sentences.map((each) => element("li", {}, each))));
      });
      choice.field.control.disabled = !this.mayEdit;
      choice.field.element.append(choice.palette);
      this.#body.replaceChildren(this.mayEdit ? this.#form(choice) : choice.field.element, does);
    });
  }

  #form(choice: LookChoice): HTMLElement {
    const save = async (): Promise<void> => {
      await chooseLook(this.project.id, choice.field.value);
      this.announcer.say("The look is changed. Scenes without a look of their own are made in it from now on.");
    };
    return fieldForm([choice.field], "Use this look", save, true);
  }
}
