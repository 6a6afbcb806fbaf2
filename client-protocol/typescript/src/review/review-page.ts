/**
 * The reviewer's page: one large picture with what is happening now, and the list of scenes with their state.
 * It only follows, and has no document; what is decided about a take is in `decisions.ts`.
 */

import { mediaUrl } from "../http/client.ts";
import { progressOf, type Feed } from "../http/feed.ts";
import type { FeedScene } from "../http/model.ts";
import type { Connection } from "../http/stream.ts";
import type { Announcer } from "../page/announcer.ts";
import { arrange, element, required, setAttribute, setText } from "../page/element.ts";
import { Picture } from "../page/picture.ts";
import { Decisions } from "./decisions.ts";
import { focusOf, showingOf } from "./focus.ts";
import { SceneRow, stageText, stateText } from "./scene-row.ts";

const CONNECTIONS: Readonly<Record<Connection, string>> = { connecting: "Connecting", live: "Live", offline: "Offline" };

export class ReviewPage {
  readonly #rows = new Map<string, SceneRow>();
  readonly #hero = required("hero");
  readonly #video = element("video", { className: "hero-video", controls: true, playsInline: true, muted: true, loop: true, preload: "metadata", hidden: true });
  readonly #slate = element("p", { className: "hero-slate" });
  readonly #progress = element("div", { className: "hero-progress", role: "progressbar", hidden: true });
  readonly #picture = new Picture(this.#hero);
  readonly #decisions: Decisions;
  #feed: Feed | null = null;
  #chosen: string | null = null;
  #announced = "";

  constructor(
    private readonly project: string,
    private readonly announcer: Announcer,
  ) {
    this.#decisions = new Decisions(project);
    this.#progress.ariaValueMin = "0";
    this.#progress.ariaValueMax = "100";
    this.#hero.append(this.#slate, this.#video, this.#progress);
    required("follow").addEventListener("click", () => { this.#choose(null); });
    this.showConnection("connecting");
  }

  show(feed: Feed): void {
    this.#feed = feed;
    document.title = `${feed.title} · Review`;
    setText(required("title"), feed.title);
    const scene = focusOf(feed, this.#chosen);
    this.#showHero(scene);
    this.#decisions.show(scene?.take?.id ?? null, feed.decided);
    this.#showRows(feed, scene);
    this.#announce(scene);
  }

  showConnection(connection: Connection): void {
    const badge = required("connection");
    setText(badge, CONNECTIONS[connection]);
    setAttribute(badge, "data-connection", connection);
    required("offline").hidden = connection !== "offline";
  }

  #choose(scene: string | null): void {
    this.#chosen = scene;
    if (this.#feed !== null) {
      this.show(this.#feed);
    }
    if (scene !== null) {
      this.#hero.scrollIntoView({ block: "nearest" });
    }
  }

  #showHero(scene: FeedScene | null): void {
    const showing = scene === null ? "slate" : showingOf(scene);
    setAttribute(this.#hero, "data-state", showing);
    setAttribute(this.#hero, "data-scene", scene?.id ?? null);
    const preview = showing === "preview" ? (scene?.preview ?? null) : null;
    this.#picture.show(
      preview === null ? null : { url: mediaUrl(this.project, preview.media), alt: `Preview of scene ${scene?.number ?? ""}`, step: preview.step },
    );
    this.#showTake(showing === "take" ? scene : null);
    this.#slate.hidden = showing !== "slate";
    setText(this.#slate, scene === null ? "There are no scenes yet." : progressOf(scene) === null ? "Not shot yet" : "The first preview is on its way");
    this.#showProgress(scene);
    setText(required("hero-heading"), scene?.heading ?? "");
    setText(required("hero-title"), scene === null ? "" : `${scene.number}  ${scene.title || "Untitled"}`);
    setText(required("hero-prompt"), scene?.prompt ?? "");
    setText(required("hero-state"), scene === null ? "" : stateText(scene));
    required("follow").hidden = this.#chosen === null;
  }

  #showTake(scene: FeedScene | null): void {
    const take = scene?.take ?? null;
    this.#video.hidden = take === null;
    const wanted = take === null ? "" : mediaUrl(this.project, take.media);
    if ((this.#video.getAttribute("src") ?? "") === wanted) {
      return;
    }
    if (take === null) {
      this.#video.removeAttribute("src");
      this.#video.load();
      return;
    }
    this.#video.ariaLabel = `Take of scene ${scene?.number ?? ""}`;
    setAttribute(this.#video, "poster", take.thumb === null ? null : mediaUrl(this.project, take.thumb));
    this.#video.src = wanted;
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.#video.play().catch(() => undefined); // where silent autoplay is forbidden too, the controls are there
    }
  }

  #showProgress(scene: FeedScene | null): void {
    const pct = scene === null ? null : progressOf(scene);
    this.#progress.hidden = pct === null;
    if (scene !== null && pct !== null) {
      setAttribute(this.#progress, "aria-valuenow", String(pct));
      setAttribute(this.#progress, "aria-label", `Progress of scene ${scene.number}`);
      setAttribute(this.#progress, "aria-valuetext", `${stageText(scene)}, ${pct} %`);
      this.#progress.style.setProperty("--done", `${pct}%`);
    }
  }

  #showRows(feed: Feed, current: FeedScene | null): void {
    const nodes = feed.scenes.map((scene) => {
      const row = this.#rows.get(scene.id) ?? new SceneRow(this.project, scene.id, (id) => { this.#choose(id); });
      this.#rows.set(scene.id, row);
      row.update(scene, scene === current);
      return row.element;
    });
    for (const id of this.#rows.keys()) {
      if (!feed.scenes.some((scene) => scene.id === id)) {
        this.#rows.delete(id);
      }
    }
    arrange(required("scenes"), nodes);
    const shot = feed.scenes.filter((scene) => scene.take !== null).length;
    setText(required("count"), `${shot} of ${feed.scenes.length} scenes shot`);
  }

  /** Stages and endings, not percentages. */
  #announce(scene: FeedScene | null): void {
    const news = scene?.run == null ? "" : `Scene ${scene.number}: ${stateText(scene)}`;
    if (news !== "" && news !== this.#announced) {
      this.#announced = news;
      this.announcer.say(news);
    }
  }
}
