/**
 * Keeps a `Feed` up to date: one snapshot, then the project's server-sent events from its cursor, for as long as it runs.
 * It decides nothing about what events mean: `feed.ts` does.
 */

import { recordOf } from "../json.ts";
import { getSnapshot, HttpProblem, isUnreachable } from "./client.ts";
import { feedOf, reduceFeed, type Feed, type FeedEvent } from "./feed.ts";

export type Connection = "connecting" | "live" | "offline";

export interface FollowHandlers {
  readonly onFeed: (feed: Feed) => void;
  readonly onConnection: (connection: Connection) => void;
  /** Signed out, or no such project: nothing will come any more. */
  readonly onRefused: (problem: HttpProblem) => void;
}

const KINDS = ["job", "preview", "take", "scene", "decision"] as const;
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 15_000;
const REFRESH_MS = 250;

export class ProjectFollower {
  #feed: Feed | null = null;
  #source: EventSource | null = null;
  #timer: number | undefined;
  #failures = 0;
  #fetching = false;

  constructor(
    private readonly project: string,
    private readonly handlers: FollowHandlers,
  ) {}

  start(): void {
    addEventListener("online", () => {
      this.#failures = 0;
      this.#restart(0);
    });
    addEventListener("offline", () => {
      this.#drop();
    });
    this.#restart(0);
  }

  #restart(delay_ms: number): void {
    this.#close();
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#load(), delay_ms);
  }

  #drop(): void {
    this.#close();
    this.handlers.onConnection("offline");
    if (navigator.onLine) {
      const ceiling = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.#failures);
      this.#failures += 1;
      this.#restart(RETRY_MIN_MS + Math.random() * ceiling);
    }
  }

  async #load(): Promise<void> {
    if (this.#fetching) {
      return;
    }
    this.#fetching = true;
    try {
      const snapshot = await getSnapshot(this.project);
      if (this.#source !== null && snapshot.cursor < (this.#feed?.cursor ?? 0)) {
        this.#refreshSoon(); // events overtook it, and they will not come again
        return;
      }
      this.#publish(feedOf(snapshot, this.#feed));
      if (this.#source === null) {
        this.#open(snapshot.cursor);
      }
    } catch (error) {
      if (error instanceof HttpProblem && !isUnreachable(error)) {
        this.handlers.onRefused(error);
      } else {
        this.#drop();
      }
    } finally {
      this.#fetching = false;
    }
  }

  #open(cursor: number): void {
    const source = new EventSource(`/v1/projects/${this.project}/stream?cursor=${cursor}`);
    this.#source = source;
    source.onopen = () => {
      this.#failures = 0;
      this.handlers.onConnection("live");
    };
    source.onerror = () => {
      if (source === this.#source) {
        // The browser would repeat the first address, whose cursor grows old: start from a fresh snapshot instead.
        this.#drop();
      }
    };
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        this.#receive({ kind, cursor: Number.parseInt(event.lastEventId, 10) || 0, payload: parsed(event) });
      });
    }
    source.addEventListener("tick", (event) => {
      this.#receive({ kind: "tick", payload: parsed(event) });
    });
    source.addEventListener("reset", () => {
      this.#restart(0);
    });
  }

  #receive(event: FeedEvent): void {
    if (this.#feed === null) {
      return;
    }
    this.#publish(reduceFeed(this.#feed, event));
    if (this.#feed.stale) {
      this.#refreshSoon();
    }
  }

  #refreshSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#load(), REFRESH_MS);
  }

  #publish(feed: Feed): void {
    this.#feed = feed;
    this.handlers.onFeed(feed);
  }

  #close(): void {
    this.#source?.close();
    this.#source = null;
  }
}

function parsed(event: MessageEvent): Readonly<Record<string, unknown>> {
  try {
    return recordOf(JSON.parse(String(event.data)));
  } catch {
    return {};
  }
}
