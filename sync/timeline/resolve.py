"""`resolve`: what a timeline shows and what must be repaired in it, as a pure function of its converged content.

No clock, no order of arrival, no randomness: every replica, in Python and in TypeScript, comes to the same answer. The
stages run once and in this order; none of them breaks what an earlier one ensured, so repaired content needs no repair.
"""

from collections.abc import Iterable
from typing import Any

from sync import ids
from sync.timeline import lineage, place
from sync.timeline.lineage import Piece
from sync.timeline.model import FRAMES_MAX, MAIN_TRACK, RECOVERED_TRACK, Anchor, Content, Marker, Timeline, read
from sync.timeline.view import Repair, Resolved

MAIN_DELETED = "track.main_deleted"
NO_TRACK = "clip.no_track"
TRIMMED_TO_NOTHING = "clip.trimmed_to_nothing"
MEDIA_TWICE = "split.media_twice"
ANCHOR_LOST = "anchor.lost"
RULES = (MAIN_DELETED, NO_TRACK, TRIMMED_TO_NOTHING, MEDIA_TWICE, ANCHOR_LOST)


def resolve(content: Content) -> Resolved:
    """`content`: root -> id -> entity as plain JSON values; it is not changed."""
    timeline = read(content)
    pieces = lineage.pieces_of(timeline.clips)
    repairs = [
        *_main_stays(timeline),
        *_tracks_exist(timeline, pieces.values()),
        *_something_is_left(timeline, pieces),
        *_no_media_twice(pieces),
        *_anchors_hold(pieces),
    ]
    return Resolved(place.view(timeline, pieces), tuple(repairs))


def _main_stays(timeline: Timeline) -> Iterable[Repair]:
    if timeline.is_main_deleted:
        yield Repair(MAIN_DELETED, "tracks", MAIN_TRACK, {"del": None})


def _tracks_exist(timeline: Timeline, pieces: Iterable[Piece]) -> Iterable[Repair]:
    """A clip whose track is gone is shown on the track of what was recovered."""
    for piece in pieces:
        if not piece.is_deleted and piece.track not in timeline.tracks and piece.track != RECOVERED_TRACK:
            piece.values["t"] = RECOVERED_TRACK
            yield Repair(NO_TRACK, "clips", piece.id, {"t": RECOVERED_TRACK})


def _something_is_left(timeline: Timeline, pieces: dict[str, Piece]) -> Iterable[Repair]:
    """A clip that two people trimmed past each other keeps one frame, and a marker says so."""
    for piece in pieces.values():
        if piece.is_shown and piece.tail <= piece.head:
            for heir_id, kept in lineage.settled(pieces, piece.id, ("out",)).items():
                yield Repair(TRIMMED_TO_NOTHING, "clips", heir_id, kept)
            piece.tail = piece.whole_tail = piece.head + 1
            yield Repair(TRIMMED_TO_NOTHING, "clips", piece.id, {"out": piece.tail})
            marker_id = ids.derived("mrk", "trimmed", piece.id, str(piece.head))
            if marker_id not in timeline.markers:
                timeline.markers[marker_id] = Marker(marker_id, piece.id, piece.head, 0, "todo")
                yield Repair(TRIMMED_TO_NOTHING, "markers", marker_id, _todo(piece, "trimmed to nothing"))


def _todo(piece: Piece, name: str) -> dict[str, Any]:
    return {"on": "clip", "c": piece.id, "f": piece.head, "d": 0, "k": "todo", "name": name, "del": None}


def _no_media_twice(pieces: dict[str, Piece]) -> Iterable[Repair]:
    families: dict[str, list[Piece]] = {}
    for piece in pieces.values():
        if piece.is_shown:
            families.setdefault(piece.root, []).append(piece)
    changed: dict[str, dict[str, Any]] = {}
    for _, family in sorted(families.items()):
        changed.update(lineage.part(family))
    writes: dict[str, dict[str, Any]] = {}
    for clip_id, registers in changed.items():
        for heir_id, kept in lineage.settled(pieces, clip_id, tuple(registers)).items():
            writes.setdefault(heir_id, {}).update(kept)
    for clip_id, registers in changed.items():
        writes.setdefault(clip_id, {}).update(registers)
    for clip_id in sorted(writes):
        yield Repair(MEDIA_TWICE, "clips", clip_id, writes[clip_id])


def _anchors_hold(pieces: dict[str, Piece]) -> Iterable[Repair]:
    """A clip that is attached to nothing stays where it was: at the anchor's place in the order, else at its `z`."""
    main = place.main_track(pieces.values())
    for piece in pieces.values():
        anchor = piece.anchor
        if piece.is_shown and anchor is not None and main.carrier(piece, anchor) is None:
            z = _last_place(piece, anchor, main)
            piece.values.update(anc=None, z=z)
            yield Repair(ANCHOR_LOST, "clips", piece.id, {"anc": None, "z": z})


def _last_place(piece: Piece, anchor: Anchor, main: place.MainTrack) -> int:
    z: int = piece.values["z"]
    origin = main.ghosts.get(anchor.clip)
    return z if origin is None else max(-FRAMES_MAX, min(FRAMES_MAX, origin + anchor.d + z - anchor.h))
