/**
 * Plays the film as it is: slates and takes one after the other, full screen, with a remote control's keys.
 * What comes next is the playlist's decision (`playlist.ts`); this carries it out.
 */

import { mediaUrl } from "../http/client.ts";
import type { Feed } from "../http/feed.ts";
import { progressOf } from "../http/feed.ts";
import type { FeedScene } from "../http/model.ts";
import type { Connection } from "../http/stream.ts";
import { required, setText } from "../page/element.ts";
import { stageName } from "../page/stages.ts";
import { firstPosition, following, itemAt, step, type Item, type Position } from "./playlist.ts";

/** A take that has not begun to play by then is passed over: the show goes on. */
const STALL_MS = 15_000;

export class Screening {
  readonly #slate = required("slate");
  readonly #video = required("video") as HTMLVideoElement;
  readonly #hint = required("hint");
  #scenes: readonly FeedScene[] = [];
  #position: Position | null = null;
  #timer: number | undefined;
  #paused = false;
  /** Sound was refused by the browser until somebody presses a key. */
  #silenced = false;

  constructor(private readonly project: string) {
    this.#video.addEventListener("ended", () => { this.#advance(); });
    this.#video.addEventListener("error", () => { this.#advance(); });
    this.#video.addEventListener("playing", () => { clearTimeout(this.#timer); });
    this.#video.addEventListener("waiting", () => { this.#wait(STALL_MS); });
    addEventListener("keydown", (event) => { this.#onKey(event); });
    addEventListener("click", () => { this.#press(); });
  }

  /** New takes and a new order count from the next scene on; what is on the screen is left alone. */
  follow(feed: Feed): void {
    document.title = `${feed.title} · TV`;
    setText(required("film"), feed.title);
    this.#scenes = feed.scenes;
    if (this.#position === null) {
      this.#go(firstPosition(feed.scenes));
    } else if (document.body.dataset["showing"] === "slate") {
      this.#describeSlate(itemAt(this.#scenes, this.#position)?.scene ?? null);
    }
  }

  showConnection(connection: Connection): void {
    required("offline").hidden = connection !== "offline";
  }

  #advance(): void {
    if (this.#position !== null) {
      this.#go(following(this.#scenes, this.#position));
    }
  }

  #go(position: Position | null): void {
    clearTimeout(this.#timer);
    this.#position = position;
    const item = position === null ? null : itemAt(this.#scenes, position);
    if (position !== null && item === null) {
      this.#go(step(this.#scenes, position, 1)); // its take went away in between
      return;
    }
    if (item?.kind === "take") {
      void this.#play(item);
    } else {
      this.#showSlate(item);
    }
  }

  #showSlate(item: Extract<Item, { kind: "slate" }> | null): void {
    this.#video.pause();
    this.#show("slate", item?.scene ?? null);
    this.#describeSlate(item?.scene ?? null);
    if (item === null) {
      return;
    }
    if (item.scene.take !== null) {
      this.#load(item.scene.take.media); // it is there when the slate goes
    }
    this.#wait(item.duration_s * 1000);
  }

  #describeSlate(scene: FeedScene | null): void {
    setText(required("slate-number"), scene?.number ?? "");
    setText(required("slate-heading"), scene?.heading ?? "");
    setText(required("slate-title"), scene === null ? "There are no scenes yet" : scene.title || "Untitled");
    setText(required("slate-state"), scene?.take !== null ? "" : missingText(scene));
  }

  async #play(item: Extract<Item, { kind: "take" }>): Promise<void> {
    this.#load(item.take.media);
    this.#wait(STALL_MS);
    this.#show("take", item.scene);
    try {
      await this.#video.play();
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotAllowedError" && !this.#video.muted) {
        this.#video.muted = true;
        this.#silenced = true;
        this.#say("Press Enter for sound");
        await this.#video.play().catch(() => undefined); // then the stall timer moves on
      }
    }
  }

  #load(media: string): void {
    const url = mediaUrl(this.project, media);
    if (this.#video.getAttribute("src") === url) {
      this.#video.currentTime = 0;
    } else {
      this.#video.src = url;
    }
  }

  #show(part: "slate" | "take", scene: FeedScene | null): void {
    document.body.dataset["showing"] = part;
    document.body.dataset["scene"] = scene?.id ?? "";
    this.#slate.ariaHidden = part === "slate" ? "false" : "true";
  }

  #wait(duration_ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#paused) {
      this.#timer = window.setTimeout(() => { this.#advance(); }, duration_ms);
    }
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === "ArrowRight" || event.key === "MediaTrackNext") {
      this.#skip(1);
    } else if (event.key === "ArrowLeft" || event.key === "MediaTrackPrevious") {
      this.#skip(-1);
    } else if (event.key === "Enter" || event.key === " " || event.key === "MediaPlayPause") {
      this.#press();
    } else if (event.key.toLowerCase() === "f") {
      void document.documentElement.requestFullscreen();
      return;
    } else {
      return;
    }
    event.preventDefault();
  }

  #skip(by: 1 | -1): void {
    if (this.#position !== null) {
      this.#paused = false;
      this.#go(step(this.#scenes, this.#position, by));
    }
  }

  /** Enter: sound if it was refused, else pause and go on. */
  #press(): void {
    if (this.#silenced) {
      this.#silenced = false;
      this.#video.muted = false;
      this.#say("");
      return;
    }
    this.#paused = !this.#paused;
    if (this.#paused) {
      clearTimeout(this.#timer);
      this.#video.pause();
      this.#say("Paused");
      return;
    }
    this.#say("");
    if (this.#position?.part === "take") {
      void this.#video.play().catch(() => undefined);
    } else {
      this.#go(this.#position);
    }
  }

  #say(text: string): void {
    setText(this.#hint, text);
    this.#hint.hidden = text === "";
  }
}

function missingText(scene: FeedScene): string {
  const pct = progressOf(scene);
  return pct === null ? "Scene missing" : `${stageName(scene.run?.stage ?? "")} ${pct} %`;
}
