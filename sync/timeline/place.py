"""Where clips stand: prefix sums on magnetic tracks, lanes on free ones, anchors, transitions, markers and links.

It repairs nothing: `resolve` hands over pieces that hold every invariant.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sync.timeline.lineage import Piece
from sync.timeline.model import MAIN_TRACK, RECOVERED_TRACK, Anchor, Marker, Timeline, Track, Transition
from sync.timeline.view import Link, PlacedClip, PlacedMarker, PlacedTrack, View

RECOVERED = Track(RECOVERED_TRACK, "", "video", is_magnetic=False, is_locked=False)


@dataclass(frozen=True, slots=True)
class MainTrack:
    """`origins`: timeline frame of local frame 0 of each clip that is shown; `ghosts`: the same of deleted ones and of
    parts that were trimmed away, as if they had no length; `families`: shown pieces by root."""

    origins: dict[str, int]
    ghosts: dict[str, int]
    families: dict[str, list[Piece]]
    roots: dict[str, str]

    def carrier(self, piece: Piece, anchor: Anchor) -> Piece | None:
        """The piece to which it is attached: of those split from the anchor's clip the one that shows its frame, else
        the one that is named, else the first that is left."""
        family = self.families.get(self.roots.get(anchor.clip, ""), ())
        local = anchor.d + piece.values["z"] - anchor.h + piece.head
        for each in family:
            if each.head <= local < each.tail:
                return each
        named = [each for each in family if each.id == anchor.clip]
        return next(iter([*named, *family]), None)

    def origin(self, piece: Piece) -> tuple[int, str | None]:
        """Timeline frame of the local frame 0 of a clip of a free track, and what carries it."""
        z: int = piece.values["z"]
        anchor = piece.anchor
        carrier = self.carrier(piece, anchor) if anchor is not None else None
        if anchor is None or carrier is None:
            return z, None
        return self.origins[carrier.id] + anchor.d + z - anchor.h, carrier.id


def main_track(pieces: Iterable[Piece]) -> MainTrack:
    """Positions follow from order and lengths alone."""
    main = MainTrack({}, {}, {}, {})
    end = 0
    for piece in sorted((piece for piece in pieces if piece.track == MAIN_TRACK), key=lambda piece: piece.slot):
        main.roots[piece.id] = piece.root
        if piece.is_shown:
            main.origins[piece.id] = end - piece.head
            main.families.setdefault(piece.root, []).append(piece)
            end += piece.tail - piece.head
        else:
            main.ghosts[piece.id] = end - piece.head
    return main


def view(timeline: Timeline, pieces: Mapping[str, Piece]) -> View:
    """All that is shown."""
    by_track: dict[str, list[Piece]] = {}
    for piece in pieces.values():
        if piece.is_shown:
            by_track.setdefault(piece.track, []).append(piece)
    tracks = sorted(timeline.tracks.values(), key=lambda track: (track.ord, track.id))
    if RECOVERED_TRACK in by_track:
        tracks.append(RECOVERED)
    main = main_track(pieces.values())
    placed = tuple(_track(track, by_track.get(track.id, []), main) for track in tracks)
    clips = {clip.id: clip for track in placed for clip in track.clips}
    return View(
        frames=max((clip.end for clip in clips.values()), default=0),
        tracks=placed,
        markers=_markers(timeline.markers.values(), clips),
        links=_links(pieces.values(), clips),
    )


def _track(track: Track, pieces: Sequence[Piece], main: MainTrack) -> PlacedTrack:
    clips = _in_order(track, pieces) if track.is_magnetic else _in_lanes(track, pieces, main)
    lanes = 1 + max((clip.lane for clip in clips), default=0)
    mode = "mag" if track.is_magnetic else "free"
    return PlacedTrack(track.id, track.kind, mode, track.is_locked, lanes, tuple(_with_transitions(clips, pieces)))


def _in_order(track: Track, pieces: Sequence[Piece]) -> list[PlacedClip]:
    clips: list[PlacedClip] = []
    end = 0
    for piece in sorted(pieces, key=lambda piece: piece.slot):
        clips.append(_placed(track, piece, 0, end, None))
        end = clips[-1].end
    return clips


def _in_lanes(track: Track, pieces: Sequence[Piece], main: MainTrack) -> list[PlacedClip]:
    """Each in the first lane that is free when it starts. Nothing starts before the film does."""
    starts: list[tuple[int, str, str | None, Piece]] = []
    for piece in pieces:
        origin, carrier = main.origin(piece)
        starts.append((max(0, origin + piece.head), piece.id, carrier, piece))
    clips: list[PlacedClip] = []
    ends: list[int] = []
    for start, _, carrier, piece in sorted(starts, key=lambda each: each[:2]):
        lane = next((lane for lane, end in enumerate(ends) if end <= start), len(ends))
        clips.append(_placed(track, piece, lane, start, carrier))
        ends[lane : lane + 1] = [clips[-1].end]
    return clips


def _placed(track: Track, piece: Piece, lane: int, start: int, carrier: str | None) -> PlacedClip:
    return PlacedClip(
        id=piece.id,
        lane=lane,
        start=start,
        head=piece.head,
        tail=piece.tail,
        slip=piece.values["slip"],
        speed=piece.values["spd"],
        root=piece.root,
        scene=piece.values["scn"],
        is_locked=track.is_locked or piece.values["lock"],
        anchored=carrier,
        transition=None,
    )


def _with_transitions(clips: Sequence[PlacedClip], pieces: Iterable[Piece]) -> Iterable[PlacedClip]:
    """A transition needs a clip that follows at once, and takes at most half of each of the two."""
    wanted = {piece.id: piece.transition for piece in pieces}
    following = {(clip.lane, clip.start): clip for clip in clips}
    for clip in clips:
        transition, after = wanted[clip.id], following.get((clip.lane, clip.end))
        if transition is None or after is None:
            yield clip
            continue
        before_cut = min(transition.a, (clip.tail - clip.head) // 2)
        after_cut = min(transition.d - transition.a, (after.tail - after.head) // 2)
        length = before_cut + after_cut
        shown = Transition(transition.kind, length, before_cut) if length > 0 else None
        yield replace(clip, transition=shown)


def _markers(markers: Iterable[Marker], clips: Mapping[str, PlacedClip]) -> tuple[PlacedMarker, ...]:
    """A clip's marker is shown while its frame is."""
    placed: list[PlacedMarker] = []
    for marker in markers:
        at: int | None = marker.f
        if marker.clip is not None:
            clip = clips.get(marker.clip)
            is_visible = clip is not None and clip.head <= marker.f < clip.tail
            at = clip.start - clip.head + marker.f if clip is not None and is_visible else None
        if at is not None:
            placed.append(PlacedMarker(marker.id, at, marker.d, marker.kind))
    return tuple(sorted(placed, key=lambda marker: (marker.at, marker.id)))


def _links(pieces: Iterable[Piece], clips: Mapping[str, PlacedClip]) -> tuple[Link, ...]:
    """Never forced: picture and sound that are out of step are said to be."""
    groups: dict[str, list[tuple[str, int]]] = {}
    for piece in pieces:
        link, clip = piece.values["lnk"], clips.get(piece.id)
        if link is not None and clip is not None:
            groups.setdefault(link, []).append((clip.id, clip.start - clip.head - clip.slip))
    return tuple(
        Link(link, tuple((clip_id, at - members[0][1]) for clip_id, at in members))
        for link, members in sorted(groups.items())
        if len(members) > 1
    )
