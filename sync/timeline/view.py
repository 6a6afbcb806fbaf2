"""What a timeline shows: clips placed on tracks and lanes; and what its document is owed. Both as canonical JSON.

Only what follows from several registers is here. Names, media, colours and texts are read from the document by id.
"""

import json
from dataclasses import dataclass
from typing import Any

from sync.timeline.model import Transition


@dataclass(frozen=True, slots=True)
class PlacedClip:
    """`start`: timeline frame; [`head`, `tail`): window in local frames, its length on the timeline; media frame =
    slip + local frame x speed. `anchored`: the piece of the main track that carries it. `transition`: as short as its
    two clips demand."""

    id: str
    lane: int
    start: int
    head: int
    tail: int
    slip: int
    speed: tuple[int, int]
    root: str
    scene: str | None
    is_locked: bool
    anchored: str | None
    transition: Transition | None

    @property
    def end(self) -> int:
        return self.start + self.tail - self.head


@dataclass(frozen=True, slots=True)
class PlacedTrack:
    """Clips by (start, lane). A free track has as many lanes as it needs so that nothing overlaps in a lane."""

    id: str
    kind: str
    mode: str
    is_locked: bool
    lanes: int
    clips: tuple[PlacedClip, ...]


@dataclass(frozen=True, slots=True)
class PlacedMarker:
    """`at`: timeline frame."""

    id: str
    at: int
    d: int
    kind: str


@dataclass(frozen=True, slots=True)
class Link:
    """Clips that belong together, each with the frames by which its media is later than the first one's."""

    id: str
    clips: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class View:
    """`frames`: where the last clip ends."""

    frames: int
    tracks: tuple[PlacedTrack, ...]
    markers: tuple[PlacedMarker, ...]
    links: tuple[Link, ...]

    def clips(self) -> dict[str, PlacedClip]:
        """All that is placed, by id."""
        return {clip.id: clip for track in self.tracks for clip in track.clips}


@dataclass(frozen=True, slots=True)
class Repair:
    """`registers` to set in an entity, which is made if it is not there. `rule`: the invariant that asks for it."""

    rule: str
    root: str
    id: str
    registers: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Resolved:
    """`repairs`, in this order, make a document with the same view that needs none."""

    view: View
    repairs: tuple[Repair, ...]


def canonical(value: object) -> str:
    """One text for one value: keys sorted, no spaces, whole numbers only, ASCII. TypeScript writes the same."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def to_json(resolved: Resolved) -> dict[str, Any]:
    """The wire form, the same as TypeScript's objects."""
    view = resolved.view
    return {
        "view": {
            "frames": view.frames,
            "tracks": [_track(track) for track in view.tracks],
            "markers": [{"id": each.id, "at": each.at, "d": each.d, "k": each.kind} for each in view.markers],
            "links": [{"id": each.id, "clips": [list(pair) for pair in each.clips]} for each in view.links],
        },
        "repairs": [
            {"rule": each.rule, "root": each.root, "id": each.id, "set": each.registers} for each in resolved.repairs
        ],
    }


def _track(track: PlacedTrack) -> dict[str, Any]:
    return {
        "id": track.id,
        "k": track.kind,
        "mode": track.mode,
        "lock": track.is_locked,
        "lanes": track.lanes,
        "clips": [_clip(clip) for clip in track.clips],
    }


def _clip(clip: PlacedClip) -> dict[str, Any]:
    transition = clip.transition
    return {
        "id": clip.id,
        "lane": clip.lane,
        "start": clip.start,
        "in": clip.head,
        "out": clip.tail,
        "slip": clip.slip,
        "spd": list(clip.speed),
        "root": clip.root,
        "scn": clip.scene,
        "lock": clip.is_locked,
        "anc": clip.anchored,
        "xo": None if transition is None else {"k": transition.kind, "d": transition.d, "a": transition.a},
    }
