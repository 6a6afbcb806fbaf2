/**
 * The bin: the files of a project in a dialog, those on their way on top, followed while it is open.
 * How a file travels is `upload.ts`; how one looks is `row.ts`.
 */

import type { Asset } from "../http/asset.ts";
import { getAsset, listAssets, removeAsset } from "../http/client.ts";
import { intOf, recordOf, textOf } from "../json.ts";
import type { Announcer } from "../page/announcer.ts";
import { arrange, element, icon } from "../page/element.ts";
import { ICONS } from "../page/icons.ts";
import { BinRow } from "./row.ts";
import { FileUpload } from "./upload.ts";

export class Bin {
  readonly #dialog = element("dialog", { className: "bin" });
  readonly #list = element("ul", { className: "bin-list", ariaLabel: "Files" });
  readonly #empty = element("p", { className: "empty" });
  readonly #input = element("input", { type: "file", multiple: true, hidden: true });
  readonly #sending = new Map<string, BinRow>();
  readonly #assets = new Map<string, BinRow>();
  #source: EventSource | null = null;

  constructor(
    private readonly project: string,
    private readonly editable: boolean,
    private readonly announcer: Announcer,
  ) {
    const add = element("button", { type: "button", className: "button primary", hidden: !editable }, icon(ICONS.plus), "Add files");
    add.addEventListener("click", () => { this.#input.click(); });
    const close = element("button", { type: "button", className: "button" }, "Close");
    close.addEventListener("click", () => { this.#dialog.close(); });
    this.#input.addEventListener("change", () => { this.#take(this.#input.files); });
    this.#empty.textContent = editable ? "No files yet. Add them, or drop them here." : "No files yet.";
    const head = element("div", { className: "bin-head" }, element("h2", { id: "bin-title" }, "Files"), add, close);
    this.#dialog.setAttribute("aria-labelledby", "bin-title");
    this.#dialog.append(head, this.#input, this.#list, this.#empty);
    this.#dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        this.#dialog.close();
      }
    });
    this.#dialog.addEventListener("close", () => { this.#unfollow(); });
    this.#dialog.addEventListener("dragover", (event) => { event.preventDefault(); });
    this.#dialog.addEventListener("drop", (event) => { this.#dropped(event); });
    document.body.append(this.#dialog);
  }

  /** Beside the page, not before it: what is announced there is still seen and heard. */
  open(): void {
    if (!this.#dialog.open) {
      this.#dialog.show();
      this.#follow();
    }
  }

  /** The stream first, then the list: nothing happens between the two unseen. */
  #follow(): void {
    const source = new EventSource(`/v1/projects/${this.project}/stream`);
    this.#source = source;
    source.addEventListener("open", () => void this.#load());
    source.addEventListener("asset", (event) => {
      const news = parsed(event);
      const id = textOf(news["asset"]);
      if (news["removed"] === true) {
        this.#forget(id);
      } else {
        void this.#reload(id);
      }
    });
    source.addEventListener("tick", (event) => {
      const tick = parsed(event);
      this.#assets.get(textOf(tick["run"]))?.showLooking(intOf(tick["pct"], 0, 0, 100));
    });
  }

  #unfollow(): void {
    this.#source?.close();
    this.#source = null;
  }

  async #load(): Promise<void> {
    await this.announcer.tried(async () => {
      const listed = await listAssets(this.project);
      this.#assets.clear();
      for (const asset of listed) {
        this.#show(asset);
      }
      this.#arrange();
    });
  }

  async #reload(id: string): Promise<void> {
    const asset = await getAsset(id).catch(() => null); // the next event, or the next opening, shows it
    if (asset !== null) {
      this.#show(asset);
      this.#arrange();
    }
  }

  #forget(id: string): void {
    this.#assets.delete(id);
    this.#arrange();
  }

  #show(asset: Asset): void {
    const row = this.#assets.get(asset.id) ?? new BinRow(this.project, this.editable, () => void this.#remove(asset.id));
    this.#assets.set(asset.id, row);
    row.show(asset);
  }

  async #remove(id: string): Promise<void> {
    await this.announcer.tried(async () => {
      await removeAsset(id);
      this.#forget(id);
      this.announcer.say("Removed from the files. Where it is used it stays.");
    });
  }

  #dropped(event: DragEvent): void {
    event.preventDefault();
    this.#take(event.dataTransfer?.files ?? null);
  }

  #take(files: FileList | null): void {
    for (const file of this.editable ? (files ?? []) : []) {
      this.#send(file);
    }
    this.#input.value = "";
    this.#arrange();
  }

  #send(file: File): void {
    const key = crypto.randomUUID();
    let going = true;
    const end = (): void => {
      this.#sending.delete(key);
      this.#arrange();
      if (going) {
        void upload.end().catch(() => undefined); // what is left of it there goes by itself within a day
      }
    };
    const row = new BinRow(this.project, true, end);
    const upload = new FileUpload(this.project, file, {
      onProgress: (pct) => { row.showUpload(file, pct); },
      onDone: (asset) => {
        going = false;
        this.announcer.say(`${file.name} is here.`);
        void this.#reload(asset).then(end);
      },
      onFailed: (message) => {
        going = false;
        row.showFailure(file.name, message);
        this.announcer.say(`${file.name}: ${message}`);
      },
    });
    row.showUpload(file, 0);
    this.#sending.set(key, row);
    void upload.start();
  }

  /** Newest first: ids of assets rise with time. */
  #arrange(): void {
    const assets = [...this.#assets].sort(([one], [other]) => (one < other ? 1 : -1)).map(([, row]) => row.element);
    const rows = [...[...this.#sending.values()].map((row) => row.element), ...assets];
    arrange(this.#list, rows);
    this.#empty.hidden = rows.length > 0;
  }
}

function parsed(event: MessageEvent): Readonly<Record<string, unknown>> {
  return recordOf(JSON.parse(String(event.data)));
}
