"""Small timelines as plain content, and what is asked of every resolved one."""

from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any

from sync.timeline.model import MAIN_TRACK
from sync.timeline.resolve import resolve
from sync.timeline.view import Resolved, to_json

Content = dict[str, dict[str, Any]]
DELETED: dict[str, Any] = {"del": {"by": "usr_x", "at": 1}}
"""The register of an entity that someone deleted."""


def content(**clips: dict[str, Any]) -> Content:
    """A main track, two free ones (v2, a1), and these clips."""
    return {
        "tracks": {
            MAIN_TRACK: {"k": "video", "mode": "mag", "ord": "A"},
            "v2": {"k": "video", "mode": "free", "ord": "B"},
            "a1": {"k": "audio", "mode": "free", "ord": "C"},
        },
        "clips": clips,
        "markers": {},
    }


def main(ord: str, frames: int = 10, **registers: Any) -> dict[str, Any]:
    """A clip of the main track."""
    return {"t": MAIN_TRACK, "ord": ord, "in": 0, "out": frames, "z": 0, "slip": 0, **registers}


def free(z: int, frames: int = 10, **registers: Any) -> dict[str, Any]:
    """A clip of the free track v2."""
    return {"t": "v2", "ord": "V", "in": 0, "out": frames, "z": z, "slip": 0, **registers}


def repaired(before: Content, resolved: Resolved) -> Content:
    """The content with the repairs in it."""
    after = deepcopy(before)
    for repair in resolved.repairs:
        after[repair.root].setdefault(repair.id, {}).update(repair.registers)
    return after


def settled(given: Content) -> Resolved:
    """Resolves, and asks what must hold of every timeline: its invariants, and that repair is over after one round."""
    untouched = deepcopy(given)
    resolved = resolve(given)
    assert given == untouched, "resolve changed what it was given"
    assert_invariants(resolved)
    again = resolve(repaired(given, resolved))
    assert again.repairs == ()
    assert to_json(again)["view"] == to_json(resolved)["view"]
    return resolved


def assert_invariants(resolved: Resolved) -> None:
    """No clip twice, no empty one, no overlap in a lane, no hole on a magnetic track, no media of one root twice."""
    ids = [clip.id for track in resolved.view.tracks for clip in track.clips]
    assert len(ids) == len(set(ids))
    windows: dict[str, list[tuple[int, int]]] = {}
    for track in resolved.view.tracks:
        lanes: dict[int, int] = {}
        for clip in track.clips:
            assert clip.tail > clip.head and clip.start >= 0
            end = lanes.get(clip.lane, 0)
            assert clip.start == end if track.mode == "mag" else clip.start >= end
            lanes[clip.lane] = clip.end
            windows.setdefault(clip.root, []).append((clip.head, clip.tail))
    for parts in windows.values():
        assert all(before[1] <= after[0] for before, after in pairwise(sorted(parts)))


def starts(resolved: Resolved) -> dict[str, tuple[int, int, int]]:
    """Clip -> (start, in, out)."""
    return {key: (clip.start, clip.head, clip.tail) for key, clip in sorted(resolved.view.clips().items())}


def rules(resolved: Resolved) -> Sequence[tuple[str, str, dict[str, Any]]]:
    """(rule, id, registers) of each repair."""
    return [(repair.rule, repair.id, repair.registers) for repair in resolved.repairs]
