/** The characters and their reference pictures: added from this device, the best first; what was deleted may come back. */

import { FileUpload } from "../bin/upload.ts";
import { getAsset, mediaUrl } from "../http/client.ts";
import type { Project } from "../http/model.ts";
import { addCharacter, changeCharacter, deleteCharacter, listCharacters, restoreCharacter, type Character } from "../http/project.ts";
import type { Announcer } from "../page/announcer.ts";
import { element } from "../page/element.ts";
import { fieldForm, textField } from "../page/fields.ts";
import { action, refill, row, section } from "../page/sheet.ts";

const LOOK_MS = 400;

export class Characters {
  readonly #list = element("ul", { ariaLabel: "Characters" });
  readonly #deleted = element("ul", { ariaLabel: "Deleted characters" });
  readonly element: HTMLElement;

  constructor(
    private readonly project: Project,
    private readonly mayEdit: boolean,
    private readonly announcer: Announcer,
  ) {
    const name = textField("name", "Name of a new character");
    const form = fieldForm([name], "Add a character", async () => {
      await addCharacter(this.project.id, name.value);
      await this.load();
    });
    this.element = section("Characters", this.#list, this.#deleted, ...(mayEdit ? [form] : []));
  }

  async load(): Promise<void> {
    await this.announcer.tried(async () => {
      const [there, deleted] = await Promise.all([listCharacters(this.project.id, false), this.mayEdit ? listCharacters(this.project.id, true) : []]);
      refill(this.#list, there.map((character) => this.#row(character)), "There is no character.");
      const gone = deleted.map(({ id, name }) => row([name], ["deleted"], action("Restore", `Restore ${name}`, () => this.#change(restoreCharacter(this.project.id, id)))));
      this.#deleted.replaceChildren(...gone);
    });
  }

  #row(character: Character): HTMLElement {
    const { id, name } = character;
    if (!this.mayEdit) {
      return this.#withPictures(character, row([name], []));
    }
    const item = row(
      [name],
      [],
      this.#adding(character),
      action("Rename", `Rename ${name}`, () => this.#rename(character)),
      action("Delete", `Delete ${name}`, () => this.#change(deleteCharacter(this.project.id, id))),
    );
    return this.#withPictures(character, item);
  }

  #withPictures({ id, name, images }: Character, item: HTMLElement): HTMLElement {
    const pictures = images.map((hash, index) => {
      const picture = element("img", { src: mediaUrl(this.project.id, hash), alt: `Picture ${index + 1} of ${name}`, loading: "lazy" });
      const without = images.filter((each) => each !== hash);
      const remove = action("Remove", `Remove picture ${index + 1} of ${name}`, () => this.#change(changeCharacter(this.project.id, id, { images: without })));
      return element("figure", {}, picture, ...(this.mayEdit ? [remove] : []));
    });
    if (pictures.length > 0) {
      item.append(element("div", { className: "pictures" }, ...pictures));
    }
    return item;
  }

  #adding(character: Character): HTMLElement {
    const input = element("input", { type: "file", accept: "image/*", hidden: true });
    const button = action("Add a picture", `Add a picture of ${character.name}`, () => {
      input.click();
      return Promise.resolve();
    });
    const status = element("span", { className: "quiet", role: "status" });
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (file !== undefined) {
        void this.#send(character, file, (text) => { status.textContent = text; });
      }
    });
    return element("span", { className: "row-actions" }, status, input, button);
  }

  async #send(character: Character, file: File, say: (text: string) => void): Promise<void> {
    try {
      const asset = await sent(this.project.id, file, (pct) => { say(`Sending, ${pct} %`); });
      say("Looking at it");
      const media = await seen(asset);
      await this.#change(changeCharacter(this.project.id, character.id, { images: [...character.images, media] }));
    } catch (error) {
      say(error instanceof Error ? error.message : "The picture could not be added.");
    }
  }

  async #rename({ id, name }: Character): Promise<void> {
    const wanted = prompt("The new name", name);
    if (wanted !== null) {
      await this.#change(changeCharacter(this.project.id, id, { name: wanted }));
    }
  }

  async #change(request: Promise<unknown>): Promise<void> {
    await this.announcer.tried(async () => { await request; });
    await this.load();
  }
}

/** The id of what it has become. */
function sent(project: string, file: File, onProgress: (pct: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const onFailed = (message: string): void => { reject(new Error(message)); };
    void new FileUpload(project, file, { onProgress, onDone: resolve, onFailed }).start();
  });
}

/** The hash of the picture, when it was looked at. Throws for what is none. */
async function seen(id: string): Promise<string> {
  for (;;) {
    const asset = await getAsset(id);
    if (asset.state === "failed" || (asset.state === "ready" && asset.kind !== "picture")) {
      throw new Error(asset.state === "failed" ? asset.error : "That is no picture.");
    }
    if (asset.state === "ready" && asset.media !== null) {
      return asset.media;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
