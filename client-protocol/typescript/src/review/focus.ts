/**
 * Which scene the reviewer sees large: the one they chose, else wherever something happens.
 * Pure, so that "the newest take plays by itself" is a rule with a test and not an accident of events.
 */

import { progressOf, type Feed } from "../http/feed.ts";
import type { FeedScene } from "../http/model.ts";

/** `chosen`: the scene that was tapped, or null to follow the work. */
export function focusOf(feed: Feed, chosen: string | null): FeedScene | null {
  const find = (match: (scene: FeedScene) => boolean): FeedScene | undefined => feed.scenes.find(match);
  const picked = chosen === null ? undefined : find((scene) => scene.id === chosen);
  if (picked !== undefined) {
    return picked;
  }
  const running = find((scene) => progressOf(scene) !== null && scene.preview !== null) ?? find((scene) => progressOf(scene) !== null);
  if (running !== undefined) {
    return running;
  }
  const newest = feed.arrivals.at(-1);
  return find((scene) => newest !== undefined && scene.take?.id === newest) ?? find((scene) => scene.take !== null) ?? feed.scenes[0] ?? null;
}

/** What its place shows: the preview of a run under way, the take, an older preview, or a slate. */
export type Showing = "preview" | "take" | "slate";

export function showingOf(scene: FeedScene): Showing {
  if (scene.preview !== null && (scene.take === null || progressOf(scene) !== null)) {
    return "preview";
  }
  return scene.take === null ? "slate" : "take";
}
