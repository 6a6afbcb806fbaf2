/** What the project is called and made in. Changed as a whole, by who has read what is there. */

import type { Project } from "../http/model.ts";
import { getSettings, putSettings, rename, SAFETIES, type ReadSettings, type Settings } from "../http/project.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { choice, fieldForm, textField, type Option } from "../page/fields.ts";
import { row, section } from "../page/sheet.ts";

const RATES: readonly Option[] = [["24000/1001", "23.976"], ["24/1", "24"], ["25/1", "25"], ["30000/1001", "29.97"], ["30/1", "30"], ["48/1", "48"], ["50/1", "50"], ["60000/1001", "59.94"], ["60/1", "60"]];

export class ProjectSettings {
  readonly #body = element("div");
  readonly element = section("Settings", this.#body);

  constructor(
    private readonly project: Project,
    private readonly mayEdit: boolean,
    private readonly announcer: Announcer,
  ) {}

  async load(): Promise<void> {
    await this.announcer.tried(async () => { this.#show(await getSettings(this.project.id)); });
  }

  #show(read: ReadSettings): void {
    if (this.mayEdit) {
      this.#body.replaceChildren(this.#titleForm(), this.#form(read));
      return;
    }
    const { settings } = read;
    const facts: readonly Option[] = [["Rate", named(settings.rate)], ["Size", `${settings.width} × ${settings.height}`], ["Shape", settings.aspect.join(":")], ["Language", settings.language], ["Safety", settings.safety]];
    this.#body.replaceChildren(element("ul", {}, ...facts.map(([name, value]) => row([name], [], element("span", {}, value)))));
  }

  #titleForm(): HTMLElement {
    const title = textField("title", "Title", { value: this.project.title });
    const save = async (): Promise<void> => {
      title.control.value = (await rename(this.project.id, title.value)).title;
      this.announcer.say("The title is changed.");
    };
    return fieldForm([title], "Rename", save, true);
  }

  #form({ settings, etag }: ReadSettings): HTMLElement {
    const rate = choice("rate", "Frames a second", RATES, settings.rate.join("/"));
    const width = textField("width", "Width in pixels", { inputMode: "numeric", value: String(settings.width) });
    const height = textField("height", "Height in pixels", { inputMode: "numeric", value: String(settings.height) });
    const aspect = textField("aspect", "Shape", { value: settings.aspect.join(":") });
    const language = textField("language", "Language", { value: settings.language });
    const safety = choice("safety", "Safety", SAFETIES.map((each) => [each, each]), settings.safety);
    let known = etag;
    const save = async (): Promise<void> => {
      const wanted: Settings = {
        rate: numbers(rate.value, "/"),
        width: Number(width.value),
        height: Number(height.value),
        aspect: numbers(aspect.value, ":"),
        language: language.value,
        safety: SAFETIES.find((each) => each === safety.value) ?? "standard",
      };
      known = (await putSettings(this.project.id, wanted, known)).etag;
      this.announcer.say("Saved. New timelines begin with these settings.");
    };
    return fieldForm([rate, width, height, aspect, language, safety], "Save", save, true);
  }
}

function named(rate: readonly [number, number]): string {
  return RATES.find(([value]) => value === rate.join("/"))?.[1] ?? rate.join("/");
}

/** What is no number stays none, for the studio to refuse by its name. */
function numbers(text: string, between: string): readonly [number, number] {
  const [one = "", other = ""] = text.split(between);
  return [Number(one), Number(other)];
}
