/**
 * Where clips stand: prefix sums on magnetic tracks, lanes on free ones, anchors, transitions, markers and links.
 * The twin of `sync/timeline/place.py`. It repairs nothing: `resolve` hands over pieces that hold every invariant.
 */

import { compareSlots, gather, isShown, transitionOf, type Piece, type Pieces } from "./lineage.ts";
import { MAIN_TRACK, RECOVERED_TRACK, compareText, type Anchor, type Marker, type Timeline, type Track } from "./model.ts";
import { endOf, type Link, type PlacedClip, type PlacedMarker, type PlacedTrack, type View } from "./view.ts";

const RECOVERED: Track = { id: RECOVERED_TRACK, ord: "", k: "video", magnetic: false, lock: false };

/**
 * `origins`: timeline frame of local frame 0 of each clip that is shown; `ghosts`: the same of deleted ones and of parts
 * that were trimmed away, as if they had no length; `families`: shown pieces by root.
 */
export interface MainTrack {
  readonly origins: Map<string, number>;
  readonly ghosts: Map<string, number>;
  readonly families: Map<string, Piece[]>;
  readonly roots: Map<string, string>;
}

/** Positions follow from order and lengths alone. */
export function mainTrack(pieces: Pieces): MainTrack {
  const main: MainTrack = { origins: new Map(), ghosts: new Map(), families: new Map(), roots: new Map() };
  let end = 0;
  for (const piece of [...pieces.values()].filter((each) => each.values.t === MAIN_TRACK).sort(compareSlots)) {
    main.roots.set(piece.id, piece.root);
    if (isShown(piece)) {
      main.origins.set(piece.id, end - piece.head);
      gather(main.families, piece.root, piece);
      end += piece.tail - piece.head;
    } else {
      main.ghosts.set(piece.id, end - piece.head);
    }
  }
  return main;
}

/**
 * The piece to which it is attached: of those split from the anchor's clip the one that shows its frame, else the one
 * that is named, else the first that is left.
 */
export function carrierOf(main: MainTrack, piece: Piece, anchor: Anchor): Piece | undefined {
  const family = main.families.get(main.roots.get(anchor.c) ?? "") ?? [];
  const local = anchor.d + piece.values.z - anchor.h + piece.head;
  return (
    family.find((each) => each.head <= local && local < each.tail) ?? family.find((each) => each.id === anchor.c) ?? family[0]
  );
}

/** All that is shown. */
export function viewOf(timeline: Timeline, pieces: Pieces): View {
  const byTrack = new Map<string, Piece[]>();
  for (const piece of pieces.values()) {
    if (isShown(piece)) {
      gather(byTrack, piece.values.t, piece);
    }
  }
  const tracks = [...timeline.tracks.values()].sort((a, b) => compareText(a.ord, b.ord) || compareText(a.id, b.id));
  if (byTrack.has(RECOVERED_TRACK)) {
    tracks.push(RECOVERED);
  }
  const main = mainTrack(pieces);
  const placed = tracks.map((track) => placedTrack(track, byTrack.get(track.id) ?? [], main));
  const clips = new Map(placed.flatMap((track) => track.clips.map((clip) => [clip.id, clip] as const)));
  return {
    frames: Math.max(0, ...[...clips.values()].map(endOf)),
    tracks: placed,
    markers: placedMarkers(timeline.markers.values(), clips),
    links: linksOf(pieces, clips),
  };
}

function placedTrack(track: Track, pieces: readonly Piece[], main: MainTrack): PlacedTrack {
  const clips = track.magnetic ? inOrder(track, pieces) : inLanes(track, pieces, main);
  return {
    id: track.id,
    k: track.k,
    mode: track.magnetic ? "mag" : "free",
    lock: track.lock,
    lanes: 1 + Math.max(0, ...clips.map((clip) => clip.lane)),
    clips: withTransitions(clips, pieces),
  };
}

function inOrder(track: Track, pieces: readonly Piece[]): PlacedClip[] {
  let end = 0;
  return [...pieces].sort(compareSlots).map((piece) => {
    const clip = placedClip(track, piece, 0, end, null);
    end = endOf(clip);
    return clip;
  });
}

interface Start {
  readonly start: number;
  readonly carrier: string | null;
  readonly piece: Piece;
}

/** Each in the first lane that is free when it starts. Nothing starts before the film does. */
function inLanes(track: Track, pieces: readonly Piece[], main: MainTrack): PlacedClip[] {
  const starts = pieces.map((piece) => startOf(piece, main));
  starts.sort((a, b) => a.start - b.start || compareText(a.piece.id, b.piece.id));
  const ends: number[] = [];
  return starts.map(({ start, carrier, piece }) => {
    const free = ends.findIndex((end) => end <= start);
    const lane = free === -1 ? ends.length : free;
    const clip = placedClip(track, piece, lane, start, carrier);
    ends[lane] = endOf(clip);
    return clip;
  });
}

function startOf(piece: Piece, main: MainTrack): Start {
  const { anc, z } = piece.values;
  const carrier = anc === null ? undefined : carrierOf(main, piece, anc);
  const origin = anc === null || carrier === undefined ? z : (main.origins.get(carrier.id) ?? 0) + anc.d + z - anc.h;
  return { start: Math.max(0, origin + piece.head), carrier: carrier?.id ?? null, piece };
}

function placedClip(track: Track, piece: Piece, lane: number, start: number, anc: string | null): PlacedClip {
  const { slip, spd, scn, lock } = piece.values;
  const window = { in: piece.head, out: piece.tail };
  return { id: piece.id, lane, start, ...window, slip, spd, root: piece.root, scn, lock: track.lock || lock, anc, xo: null };
}

/** A transition needs a clip that follows at once, and takes at most half of each of the two. */
function withTransitions(clips: readonly PlacedClip[], pieces: readonly Piece[]): PlacedClip[] {
  const wanted = new Map(pieces.map((piece) => [piece.id, transitionOf(piece)]));
  const following = new Map(clips.map((clip) => [`${clip.lane} ${clip.start}`, clip]));
  return clips.map((clip) => {
    const [xo, after] = [wanted.get(clip.id) ?? null, following.get(`${clip.lane} ${endOf(clip)}`)];
    if (xo === null || after === undefined) {
      return clip;
    }
    const a = Math.min(xo.a, Math.floor((clip.out - clip.in) / 2));
    const d = a + Math.min(xo.d - xo.a, Math.floor((after.out - after.in) / 2));
    return { ...clip, xo: d > 0 ? { k: xo.k, d, a } : null };
  });
}

/** A clip's marker is shown while its frame is. */
function placedMarkers(markers: Iterable<Marker>, clips: ReadonlyMap<string, PlacedClip>): PlacedMarker[] {
  const placed: PlacedMarker[] = [];
  for (const { id, clip: owner, f, d, k } of markers) {
    const clip = owner === null ? undefined : clips.get(owner);
    if (owner === null) {
      placed.push({ id, at: f, d, k });
    } else if (clip !== undefined && clip.in <= f && f < clip.out) {
      placed.push({ id, at: clip.start - clip.in + f, d, k });
    }
  }
  return placed.sort((a, b) => a.at - b.at || compareText(a.id, b.id));
}

/** Never forced: picture and sound that are out of step are said to be. */
function linksOf(pieces: Pieces, clips: ReadonlyMap<string, PlacedClip>): Link[] {
  const groups = new Map<string, [string, number][]>();
  for (const piece of pieces.values()) {
    const [lnk, clip] = [piece.values.lnk, clips.get(piece.id)];
    if (lnk !== null && clip !== undefined) {
      gather(groups, lnk, [clip.id, clip.start - clip.in - clip.slip]);
    }
  }
  return [...groups.entries()]
    .filter(([, members]) => members.length > 1)
    .sort(([a], [b]) => compareText(a, b))
    .map(([id, members]) => ({ id, clips: members.map(([clip, at]) => [clip, at - (members[0]?.[1] ?? 0)] as const) }));
}
