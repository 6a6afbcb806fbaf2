/** What is seen of a timeline, as JSON: tracks in their order, the clips on them, markers (`sync/timeline/view.py`). */

import { compareText } from "../json.ts";
import { entities, idOrNull, isDeleted, type Content } from "../registers.ts";
import { MAIN_TRACK, RECOVERED, type Track, whole } from "./content.ts";
import type { Placed } from "./resolve.ts";

export type View = Readonly<Record<string, unknown>>;

export function viewOf(content: Content, tracks: ReadonlyMap<string, Track>, placed: ReadonlyMap<string, Placed>): View {
  const links = new Map<string, Placed>();
  for (const each of [...placed.values()].sort((a, b) => compareText(a.clip.id, b.clip.id))) {
    if (each.clip.link !== null && !links.has(each.clip.link)) {
      links.set(each.clip.link, each);
    }
  }
  const on = (track: string): Placed[] => [...placed.values()].filter((each) => each.track === track);
  const shown = [...tracks.values()]
    .sort((a, b) => compareText(a.ord, b.ord) || compareText(a.id, b.id))
    .map((track) => trackView(track.id, track.kind, on(track.id), links));
  const recovered = on(RECOVERED);
  if (recovered.length > 0) {
    shown.push(trackView(RECOVERED, "video", recovered, links));
  }
  const frames = [...placed.values()].reduce((end, each) => Math.max(end, each.start + each.frames), 0);
  return { frames, tracks: shown, markers: markerViews(content, placed) };
}

function trackView(id: string, kind: string, clips: Placed[], links: ReadonlyMap<string, Placed>): View {
  clips.sort((a, b) => a.lane - b.lane || a.start - b.start || compareText(a.clip.id, b.clip.id));
  const lanes = clips.reduce((most, each) => Math.max(most, each.lane + 1), 0);
  return { id, k: kind, lanes, clips: clips.map((each, place) => clipView(each, clips[place + 1], links)) };
}

function clipView(each: Placed, after: Placed | undefined, links: ReadonlyMap<string, Placed>): View {
  const { clip } = each;
  const shown: Record<string, unknown> = {
    id: clip.id,
    lane: each.lane,
    start: each.start,
    frames: each.frames,
    in: each.in,
    out: each.out,
    media: each.in + clip.slip,
    scn: clip.scene,
  };
  if (clip.speed[0] !== 1 || clip.speed[1] !== 1) {
    shown["spd"] = clip.speed;
  }
  if (clip.anchor !== null && each.track !== MAIN_TRACK) {
    shown["anc"] = clip.anchor.clip;
  }
  const dissolve = dissolveView(each, after);
  if (dissolve !== null) {
    shown["xo"] = dissolve;
  }
  const first = clip.link === null ? undefined : links.get(clip.link);
  const off = first === undefined ? 0 : each.start - each.in - clip.slip - (first.start - first.in - first.clip.slip);
  if (off !== 0) {
    shown["off"] = off;
  }
  return shown;
}

/** Into the next clip, if it follows at once; at most half of either. */
function dissolveView(each: Placed, after: Placed | undefined): View | null {
  const wanted = each.clip.dissolve;
  if (wanted === null || each.isCut || after?.lane !== each.lane || after.start !== each.start + each.frames) {
    return null;
  }
  const before = Math.min(wanted.a, Math.floor(each.frames / 2));
  const behind = Math.min(wanted.d - wanted.a, Math.floor(after.frames / 2));
  return before + behind > 0 ? { k: wanted.k, d: before + behind, a: before } : null;
}

function markerViews(content: Content, placed: ReadonlyMap<string, Placed>): View[] {
  const shown: { id: string; at: number; d: number }[] = [];
  for (const [id, raw] of entities(content, "markers")) {
    const on = raw["on"] === "clip" ? placed.get(idOrNull(raw["c"]) ?? "") : undefined;
    if (!isDeleted(raw) && (raw["on"] !== "clip" || on !== undefined)) {
      const frame = whole(raw["f"], 0);
      shown.push({ id, at: on === undefined ? frame : frame + on.start - on.in, d: whole(raw["d"], 0, 0) });
    }
  }
  return shown.sort((a, b) => a.at - b.at || compareText(a.id, b.id));
}
