"""The registers of a timeline as they stand in a document: strict readers, and what is read when there is nothing.

`content` is what `Map.to_py()` or `Y.Map.toJSON()` give, by root. Whatever a peer has put there, reading it answers
alike on every replica and in TypeScript. Nothing is inherited or repaired here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

MAIN_TRACK = "trk_main"
"""Exactly one, magnetic, never deleted: positions on it follow from the order of its clips."""
RECOVERED_TRACK = "rec"
"""Always there and free: clips whose track is gone are shown on it. No entity has this id."""
FRAMES_MAX = 10_000_000
"""No register of frames is further from 0 than this: 4.8 days at 24 frames a second."""
RATE_MAX = 1_000_000
"""Of numerator and denominator of a retime."""
TRACK_KINDS = ("video", "audio", "title", "guide")
TRANSITIONS = ("dissolve", "wipe", "dip", "fade")
MARKER_KINDS = ("note", "chapter", "beat", "todo", "cue")

Content = Mapping[str, Any]
"""Root -> id -> entity, as plain JSON values."""

T = TypeVar("T")
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")
_ORD = re.compile(r"[0-9A-Za-z]{1,256}")


@dataclass(frozen=True, slots=True)
class Anchor:
    """Attached to a clip of the main track. `d`: local frame of that clip at which this clip's local frame 0 was put
    when its `z` was `h`; a later move changes `z` and so the place by as much."""

    clip: str
    d: int
    h: int


@dataclass(frozen=True, slots=True)
class Transition:
    """To the next clip, `d` frames long, of which `a` lie before the cut."""

    kind: str
    d: int
    a: int


@dataclass(frozen=True, slots=True)
class Track:
    id: str
    ord: str
    kind: str
    is_magnetic: bool
    is_locked: bool


@dataclass(frozen=True, slots=True)
class Clip:
    """`own`: the registers that it has itself and that can be read. `of`: the clip that it was split from, at the
    local frame `cut`; None: it was not, or the two were joined again."""

    id: str
    of: str | None
    cut: int | None
    own: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Marker:
    """`clip`: its frame `f` is local to that clip; None: of the timeline."""

    id: str
    clip: str | None
    f: int
    d: int
    kind: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """All entities that can be read, by id; clips also when deleted, because others may inherit from them."""

    tracks: dict[str, Track]
    clips: dict[str, Clip]
    markers: dict[str, Marker]
    is_main_deleted: bool


class Unreadable(Exception):
    """The register holds nothing that its type allows: it is as if it were not there."""


def read(content: Content) -> Timeline:
    """Never fails: what cannot be read is not there."""
    tracks, clips, markers = (_entities(content, root) for root in ("tracks", "clips", "markers"))
    live = {key: _track(key, value) for key, value in tracks.items() if not is_deleted(value)}
    main = tracks.get(MAIN_TRACK, {})
    live[MAIN_TRACK] = _track(MAIN_TRACK, main)
    live.pop(RECOVERED_TRACK, None)
    return Timeline(
        tracks=live,
        clips={key: _clip(key, value) for key, value in clips.items()},
        markers={key: _marker(key, value) for key, value in markers.items() if not is_deleted(value)},
        is_main_deleted=is_deleted(main),
    )


def is_deleted(entity: Mapping[str, Any]) -> bool:
    """A mark in `del` hides it; null and false do not."""
    return is_mark(entity.get("del"))


def is_mark(value: object) -> bool:
    return value is not None and value is not False


def _entities(content: Content, root: str) -> dict[str, Mapping[str, Any]]:
    """By id, in order of id. A name that is no id is no entity: all that sorts here is ASCII, in every language."""
    found = content.get(root)
    if not isinstance(found, Mapping):
        return {}
    return {key: found[key] for key in sorted(found) if _ID.fullmatch(key) and isinstance(found[key], Mapping)}


# Registers -----------------------------------------------------------------------------------------


def frames(value: object) -> int:
    """pycrdt hands every number back as float (documents.md A6)."""
    return whole(value, -FRAMES_MAX, FRAMES_MAX)


def first_frame(value: object) -> int:
    """A frame that another can follow."""
    return whole(value, -FRAMES_MAX, FRAMES_MAX - 1)


def whole(value: object, low: int, high: int) -> int:
    """Raises `Unreadable` for what is no whole number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high or value != int(value):
        raise Unreadable
    return int(value)


def identifier(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Unreadable
    return value


def order_key(value: object) -> str:
    if not isinstance(value, str) or not _ORD.fullmatch(value):
        raise Unreadable
    return value


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Unreadable
    return value


def link(value: object) -> str | None:
    return None if value is None else identifier(value)


def anchor(value: object) -> Anchor | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise Unreadable
    return Anchor(identifier(value.get("c")), frames(value.get("d")), frames(value.get("h")))


def speed(value: object) -> tuple[int, int]:
    """Media frames per timeline frame as a fraction; negative is backwards, 0 is not a speed."""
    if not isinstance(value, list) or len(value) != 2:
        raise Unreadable
    numerator, denominator = whole(value[0], -RATE_MAX, RATE_MAX), whole(value[1], 1, RATE_MAX)
    if numerator == 0:
        raise Unreadable
    return numerator, denominator


def transition(value: object) -> Transition | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or value.get("k") not in TRANSITIONS:
        raise Unreadable
    length = whole(value.get("d"), 1, FRAMES_MAX)
    return Transition(value["k"], length, whole(value.get("a"), 0, length))


CLIP_READERS: dict[str, Callable[[object], Any]] = {
    "t": identifier,
    "ord": order_key,
    "z": frames,
    "in": first_frame,
    "out": frames,
    "slip": frames,
    "spd": speed,
    "anc": anchor,
    "xo": transition,
    "scn": link,
    "lnk": link,
    "lock": flag,
    "root": identifier,
    "del": is_mark,
}
CLIP_DEFAULTS: dict[str, Any] = {
    "t": "",
    "ord": "",
    "z": 0,
    "slip": 0,
    "spd": (1, 1),
    "anc": None,
    "xo": None,
    "scn": None,
    "lnk": None,
    "lock": False,
    "del": False,
}


def optional(read_value: Callable[[object], T], value: object) -> T | None:
    try:
        return read_value(value)
    except Unreadable:
        return None


def _clip(clip_id: str, entity: Mapping[str, Any]) -> Clip:
    own: dict[str, Any] = {}
    for key, read_value in CLIP_READERS.items():
        if key in entity:
            try:
                own[key] = read_value(entity[key])
            except Unreadable:
                continue
    return Clip(clip_id, optional(identifier, entity.get("of")), optional(frames, entity.get("cut")), own)


def _track(track_id: str, entity: Mapping[str, Any]) -> Track:
    kind = entity.get("k")
    return Track(
        id=track_id,
        ord=optional(order_key, entity.get("ord")) or "",
        kind=kind if kind in TRACK_KINDS else "video",
        is_magnetic=track_id == MAIN_TRACK or entity.get("mode") == "mag",
        is_locked=entity.get("lock") is True,
    )


def _marker(marker_id: str, entity: Mapping[str, Any]) -> Marker:
    kind = entity.get("k")
    return Marker(
        id=marker_id,
        clip=optional(identifier, entity.get("c")) if entity.get("on") == "clip" else None,
        f=optional(frames, entity.get("f")) or 0,
        d=max(0, optional(frames, entity.get("d")) or 0),
        kind=kind if kind in MARKER_KINDS else "note",
    )
