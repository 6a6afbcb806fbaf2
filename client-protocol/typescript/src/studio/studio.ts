/**
 * The studio page: turns gestures into edits and requests, and what the documents say into what is drawn.
 * Drawing happens at most once a frame, from one reading of the documents.
 */

import type * as Y from "yjs";

import { Bin } from "../bin/bin.ts";
import { NoSuchEntity } from "../gesture.ts";
import { cancelRun, generate, HttpProblem, lockScene, memberNames, unlockScene } from "../http/client.ts";
import type { Episode, Me, Project } from "../http/model.ts";
import { DRAFT, spelledWish, type Wish } from "../http/quote.ts";
import { newId } from "../ids.ts";
import type { Announcer } from "../page/announcer.ts";
import { required } from "../page/element.ts";
import type { Presence } from "../presence/model.ts";
import { recordOf } from "../json.ts";
import type { SaveStatus } from "../session/save-status.ts";
import { StudioSession } from "../session/studio-session.ts";
import { OwnEdits } from "../storyboard/edit.ts";
import { isActive, withTick, type SceneView } from "../storyboard/model.ts";
import { ESTIMATE_FRAMES, promptText, readScenes } from "../storyboard/read.ts";
import { appendClip } from "../timeline/edit.ts";
import { readClips, readRate, stripSlots } from "../timeline/read.ts";
import { Balance } from "./balance.ts";
import { Board } from "./board.ts";
import type { CardActions } from "./card.ts";
import { Header } from "./header.ts";
import { HowSheet } from "./how-sheet.ts";
import { Monitor } from "./monitor.ts";
import { budgetText } from "./price.ts";
import { ProposalList } from "./proposals.ts";
import { tellRefused } from "./refused.ts";
import { RunReporter } from "./run-reporter.ts";
import { TimelineStrip } from "./strip.ts";

const SAVED_WAIT_MS = 5_000;

export class Studio {
  readonly #session: StudioSession;
  #edits: OwnEdits;
  readonly #header: Header;
  readonly #board: Board;
  readonly #monitor: Monitor;
  readonly #strip: TimelineStrip;
  readonly #reporter: RunReporter;
  readonly #bin: Bin;
  readonly #how: HowSheet;
  #proposals: ProposalList | null = null;
  readonly #balance: Balance | null;
  readonly #editable: boolean;
  readonly #starting = new Set<string>();
  readonly #watched = new WeakSet<Y.Doc>();
  #presence: Presence = { people: [], ticks: new Map() };
  #selected: string | null = null;
  #drawn = false;
  #frame: number | null = null;
  #save: SaveStatus["kind"] = "syncing";
  #names: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly project: Project,
    private readonly episode: Episode,
    private readonly me: Me,
    private readonly announcer: Announcer,
    episodes: HTMLElement | null,
  ) {
    this.#editable = project.role === "owner" || project.role === "editor";
    this.#balance = this.#editable ? new Balance(project.id, me.id) : null;
    this.#header = new Header(required("header"), project.title, episodes, this.#balance?.element ?? null, this.#editable, me, {
      undo: () => { this.#history(false); },
      redo: () => { this.#history(true); },
      files: () => { this.#bin.open(); },
    });
    this.#how = new HowSheet({ project: project.id, episode: episode.id, generate: (scene, wish) => void this.#generate(scene, wish) });
    this.#bin = new Bin(project.id, this.#editable, announcer);
    this.#session = new StudioSession(episode, me, {
      onSaveStatus: (status) => { this.#showSave(status); },
      onPresence: (presence) => { this.#showPresence(presence); },
      onDocuments: () => { this.#bind(); },
      onReplaced: () => { this.#board.hold(); },
      onRefused: (edits) => { tellRefused(edits, announcer); },
      onEvent: (kind, payload) => {
        this.#proposals?.heard(kind);
        this.#heardOfBudget(kind, payload);
      },
    });
    this.#edits = new OwnEdits(this.#session.storyboard, me);
    this.#board = new Board(required("scenes"), (scene) => promptText(this.#session.storyboard, scene), this.#actions());
    this.#monitor = new Monitor(required("monitor"), project.id, this.#editable, (scene) => promptText(this.#session.storyboard, scene)?.toString() ?? "");
    this.#strip = new TimelineStrip(required("strip"), project.id, (scene) => { this.#goTo(scene); });
    this.#reporter = new RunReporter((message) => { announcer.say(message); });
    const names = { scene: (id: string) => this.#sceneName(id), person: (id: string) => this.#personName(id) };
    this.#proposals = new ProposalList(required("proposals-toggle"), required("proposals"), project, episode.storyboard.id, me, names, announcer);
    this.#listen();
    this.#draw();
    void this.#learnNames();
  }

  #actions(): CardActions {
    return {
      project: this.project.id,
      editable: this.#editable,
      isOpen: () => this.#session.isOpen,
      generate: (scene) => void this.#generate(scene, DRAFT),
      how: (scene, name) => void this.#askHow(scene, name),
      cancel: (run) => void this.#ask(cancelRun(run), "The generation could not be cancelled."),
      move: (scene, steps) => { this.#edit(() => { this.#edits.moveScene(scene, steps); }); },
      remove: (scene) => { this.#remove(scene); },
      setTitle: (scene, title) => { this.#edit(() => { this.#edits.setTitle(scene, title); }); },
      setHeading: (scene, heading) => { this.#edit(() => { this.#edits.setHeading(scene, heading); }); },
      select: (scene) => { this.#select(scene); },
      caret: (place) => { this.#session.showCaret(place); },
      lock: (scene, why, take) => void this.#ask(lockScene(this.project.id, scene, why, take), "The scene could not be locked."),
      unlock: (scene) => void this.#ask(unlockScene(this.project.id, scene), "The scene could not be unlocked."),
      mayUnlock: (lock) => lock.by === this.me.id || this.project.role === "owner",
      nameOf: (user) => this.#personName(user),
    };
  }

  async #learnNames(): Promise<void> {
    try {
      this.#names = await memberNames(this.project.id);
      this.#schedule();
    } catch (error) {
      this.announcer.say(error instanceof HttpProblem ? error.message : "The names of the people could not be read.");
    }
  }

  #personName(user: string): string {
    if (user === this.me.id) {
      return "you";
    }
    return this.#names.get(user) ?? this.#presence.people.find((person) => person.user === user)?.name ?? "somebody";
  }

  #sceneName(id: string): string | null {
    const scene = readScenes(this.#session.storyboard).find((each) => each.id === id);
    return scene === undefined ? null : `Scene ${scene.number}`;
  }

  async #ask(request: Promise<void>, failure: string): Promise<void> {
    try {
      await request;
    } catch (error) {
      this.announcer.warn(error instanceof HttpProblem ? error.message : failure);
    }
  }

  #listen(): void {
    const add = required("add-scene");
    add.hidden = !this.#editable;
    add.addEventListener("click", () => { this.#add(); });
    document.addEventListener("keydown", (event) => { this.#onKey(event); });
    document.addEventListener("beforeinput", (event) => { this.#onNativeHistory(event); });
  }

  /** The hub's documents are there, at first or in place of ours. What could be undone in the old ones cannot any more. */
  #bind(): void {
    const redraw = (): void => { this.#schedule(); };
    const { storyboard, timeline } = this.#session;
    if (this.#edits.doc !== storyboard) {
      this.#edits = new OwnEdits(storyboard, this.me);
    }
    if (!this.#watched.has(storyboard)) {
      this.#watched.add(storyboard);
      storyboard.on("update", redraw);
      this.#edits.undo.on("stack-item-added", redraw);
      this.#edits.undo.on("stack-item-popped", redraw);
    }
    if (!this.#watched.has(timeline)) {
      this.#watched.add(timeline);
      timeline.on("update", redraw);
    }
    this.#board.keepingCaret(() => { this.#draw(); });
  }

  #add(): void {
    if (!this.#session.isOpen) {
      return; // the document is being replaced this very moment
    }
    const scene = this.#edits.addScene();
    appendClip(this.#session.timeline, scene, ESTIMATE_FRAMES, Math.random);
    this.#select(scene);
    this.#draw();
    this.#board.reveal(scene);
    this.#board.focusPrompt(scene);
  }

  /** Somebody may have deleted the scene a moment ago. */
  #edit(gesture: () => void): void {
    try {
      gesture();
    } catch (error) {
      if (!(error instanceof NoSuchEntity)) {
        throw error;
      }
      this.announcer.warn("Somebody has deleted this scene.");
    }
  }

  #remove(scene: string): void {
    const scenes = readScenes(this.#session.storyboard);
    const at = scenes.findIndex((each) => each.id === scene);
    const next = scenes[at + 1] ?? scenes[at - 1] ?? null;
    this.#edit(() => { this.#edits.deleteScene(scene); });
    this.announcer.say(`Scene ${scenes[at]?.number ?? ""} deleted. Undo brings it back.`);
    this.#select(next?.id ?? null);
    this.#draw();
    if (next !== null) {
      this.#board.reveal(next.id);
    }
  }

  /** The server reads the prompt from what is committed: what was just typed has to be there first. */
  async #generate(scene: string, wish: Wish): Promise<void> {
    this.#starting.add(scene);
    this.#select(scene);
    this.#schedule();
    try {
      if (!(await this.#session.saved(SAVED_WAIT_MS))) {
        this.announcer.warn("Your latest changes are not saved yet. Try again when they are.");
        return;
      }
      await generate(this.project.id, this.episode.id, scene, spelledWish(wish), newId("req"));
      this.#draw();
      this.#board.show(scene); // its progress has made the card longer
    } catch (error) {
      this.announcer.warn(error instanceof HttpProblem ? error.message : "The generation could not be started.");
    } finally {
      this.#starting.delete(scene);
      this.#schedule();
    }
  }

  #heardOfBudget(kind: string, payload: string): void {
    const told = kind === "budget" && this.#editable ? budgetText(recordOf(JSON.parse(payload)), this.me.id) : null;
    if (told !== null) {
      this.announcer.warn(told);
      void this.#balance?.load();
    }
  }

  /** What it costs depends on what is committed, as what is made does. */
  async #askHow(scene: string, name: string): Promise<void> {
    this.#select(scene);
    if (await this.#session.saved(SAVED_WAIT_MS)) {
      this.#how.open(scene, name);
    } else {
      this.announcer.warn("Your latest changes are not saved yet. Try again when they are.");
    }
  }

  #select(scene: string | null): void {
    if (scene !== this.#selected) {
      this.#selected = scene;
      this.#session.showScene(scene);
      this.#schedule();
    }
  }

  #goTo(scene: string): void {
    this.#select(scene);
    this.#board.reveal(scene);
  }

  #onKey(event: KeyboardEvent): void {
    const modified = event.ctrlKey || event.metaKey;
    if (!modified || event.target instanceof HTMLInputElement) {
      return; // headings and titles are written when they are left: until then the browser's own undo is right
    }
    const key = event.key.toLowerCase();
    if (key === "z" || key === "y") {
      event.preventDefault();
      this.#history(key === "y" || event.shiftKey);
    }
  }

  /** The browser's menu has an undo of its own, which knows nothing of others' edits. */
  #onNativeHistory(event: InputEvent): void {
    if (event.target instanceof HTMLTextAreaElement && event.inputType.startsWith("history")) {
      event.preventDefault();
      this.#history(event.inputType === "historyRedo");
    }
  }

  #history(redo: boolean): void {
    if (!this.#session.isOpen) {
      return;
    }
    if (redo) {
      this.#edits.undo.redo();
    } else {
      this.#edits.undo.undo();
    }
  }

  #showSave(status: SaveStatus): void {
    this.#header.showSave(status);
    document.body.dataset["save"] = status.kind;
    if (status.kind !== this.#save && (status.kind === "offline" || status.kind === "refused" || this.#save === "offline")) {
      this.announcer.say(status.kind === "offline" ? "Offline. Your changes are kept here." : status.kind === "refused" ? `Refused: ${status.reason}` : "Connected again.");
    }
    if (status.kind === "refused" && this.#save !== "refused") {
      const why = status.reason === "epoch" ? "This document has begun again" : `The hub does not let you in (${status.reason})`;
      this.announcer.warn(`${why}. Reload the page to go on.`);
    }
    if (status.kind !== this.#save) {
      this.#schedule(); // an empty storyboard says that it is empty only when it has come
    }
    this.#save = status.kind;
  }

  #showPresence(presence: Presence): void {
    this.#presence = presence;
    this.#header.showPeople(presence.people);
    this.#schedule();
  }

  #schedule(): void {
    this.#frame ??= requestAnimationFrame(() => { this.#draw(); });
  }

  /** While the documents begin anew, what was drawn stays. */
  #draw(): void {
    if (this.#frame !== null) {
      cancelAnimationFrame(this.#frame);
      this.#frame = null;
    }
    required("add-scene").toggleAttribute("disabled", !this.#session.isOpen); // the storyboard is still to come
    if (!this.#session.isOpen && this.#drawn) {
      return;
    }
    this.#drawn = this.#session.isOpen;
    const rate = readRate(this.#session.timeline);
    const scenes = readScenes(this.#session.storyboard).map((scene) => withTick(scene, this.#presence.ticks.get(scene.id)));
    const selected = scenes.find((scene) => scene.id === this.#selected) ?? scenes[0] ?? null;
    this.#board.update(
      scenes.map((scene, index) => ({
        scene,
        people: this.#presence.people,
        rate,
        selected: scene === selected,
        starting: this.#starting.has(scene.id) && !isActive(scene.run),
        first: index === 0,
        last: index === scenes.length - 1,
      })),
    );
    this.#monitor.update(selected, rate);
    this.#strip.update(stripSlots(scenes, readClips(this.#session.timeline), rate), selected?.id ?? null);
    this.#header.showHistory(this.#edits.undo.canUndo(), this.#edits.undo.canRedo());
    this.#report(scenes);
  }

  #report(scenes: readonly SceneView[]): void {
    required("scene-count").textContent = scenes.length === 1 ? "1 scene" : `${scenes.length} scenes`;
    required("empty").hidden = scenes.length > 0 || this.#save === "connected" || this.#save === "syncing";
    this.#reporter.report(scenes);
    this.#balance?.follow(scenes.filter((scene) => isActive(scene.run)).length);
  }
}
