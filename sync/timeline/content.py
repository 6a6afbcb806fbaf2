"""The timeline document read strictly: clips, tracks, markers and groups as typed values.

Total: a client may have written anything, and every replica must read it alike, in Python and in TypeScript. So numbers
are integers within a range or they are not there, ids are ASCII, and what cannot be read has one default.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync import registers
from sync.registers import Content, Raw, entities, id_or_none, is_deleted, is_id, order_key

MAIN_TRACK = "trk_main"
"""Exactly one, magnetic, never deleted: positions on it follow from the order of its clips."""
RECOVERED = "rec"
"""The track of clips whose own is gone; no entity of the document, always there."""
FRAMES_MAX = 10_000_000
RATIO_MAX = 1_000
KINDS = ("video", "audio", "title", "guide")
GENERATIONS_MAX = 32
"""Of pieces of pieces."""
INHERITED = ("t", "ord", "z", "out", "slip", "anc", "spd", "scn", "sht", "src", "xo", "lnk", "lvl", "pan", "cdl", "fx")
"""Registers that a piece takes from the clip that it was split from, until it has its own (decision 0016)."""


@dataclass(frozen=True, slots=True)
class Track:
    """Where clips are; on `trk_main` their positions follow from their order."""

    id: str
    kind: str
    ord: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """The clip goes where `clip` goes: as far as that has moved since its local frame 0 was at `home`."""

    clip: str
    home: int


@dataclass(frozen=True, slots=True)
class Clip:
    """Registers, its own or taken from the clips that it was split from: `line`, nearest first.

    `in_`, `out`: visible window in clip-local frames. Media frame = local frame + `slip`. `cut`: where it begins to be
    this piece; the piece before it ends there. None for a clip that was never split off.
    """

    id: str
    root: str
    line: tuple[str, ...]
    is_deleted: bool
    track: str | None
    ord: str
    z: int
    in_: int
    out: int
    cut: int | None
    slip: int
    anchor: Anchor | None
    has_anchor: bool
    speed: tuple[int, int]
    scene: str | None
    dissolve: tuple[str, int, int] | None
    link: str | None


def whole(value: Any, default: int, low: int = -FRAMES_MAX, high: int = FRAMES_MAX) -> int:
    """As `registers.whole`; frames unless a range is said."""
    return registers.whole(value, default, low, high)


def read_tracks(content: Content) -> dict[str, Track]:
    """Those that live. The main track always does."""
    raws = {key: raw for key, raw in entities(content, "tracks").items() if key == MAIN_TRACK or not is_deleted(raw)}
    raws.setdefault(MAIN_TRACK, {"k": "video"})
    raws.pop(RECOVERED, None)
    return {key: _track(key, raw) for key, raw in raws.items()}


def _track(key: str, raw: Raw) -> Track:
    kind = raw.get("k") if raw.get("k") in KINDS else "video"
    return Track(key, str(kind), order_key(raw.get("ord")))


def ancestors(raws: Mapping[str, Raw], clip_id: str) -> tuple[str, ...]:
    """The clips that it was split from, nearest first; none for who stands in a circle, or too far down."""
    found: list[str] = []
    parent = id_or_none(raws[clip_id].get("of"))
    while parent is not None and parent in raws:
        if parent == clip_id or parent in found or len(found) == GENERATIONS_MAX:
            return ()
        found.append(parent)
        parent = id_or_none(raws[parent].get("of"))
    return tuple(found)


def register(raws: Mapping[str, Raw], clip_id: str, key: str) -> Any:
    """A clip's register, its own or the nearest ancestor's; None if nobody has it."""
    raw = raws[clip_id]
    if key in raw or key not in INHERITED:
        return raw.get(key)
    return next((raws[parent][key] for parent in ancestors(raws, clip_id) if key in raws[parent]), None)


def read_clips(raws: Mapping[str, Raw]) -> dict[str, Clip]:
    """All of them, deleted ones too: they still bound their neighbours."""
    return {clip_id: read_clip(raws, clip_id) for clip_id in raws}


def read_clip(raws: Mapping[str, Raw], clip_id: str) -> Clip:
    raw = raws[clip_id]
    line = ancestors(raws, clip_id)
    lineage = [raw, *(raws[parent] for parent in line)]

    def get(key: str) -> Any:
        for each in lineage:
            if key in each:
                return each[key]
        return None

    in_ = whole(raw.get("in"), 0)
    anc = get("anc")
    return Clip(
        id=clip_id,
        root=line[-1] if line else clip_id,
        line=line,
        is_deleted=is_deleted(raw),
        track=id_or_none(get("t")),
        ord=order_key(get("ord")),
        z=whole(get("z"), 0),
        in_=in_,
        out=whole(get("out"), in_ + 1),
        cut=whole(raw.get("cut"), in_) if line else None,
        slip=whole(get("slip"), 0),
        anchor=_anchor(anc),
        has_anchor=anc is not None,
        speed=_speed(get("spd")),
        scene=id_or_none(get("scn")),
        dissolve=_dissolve(get("xo")),
        link=id_or_none(get("lnk")),
    )


def _anchor(value: Any) -> Anchor | None:
    if not isinstance(value, Mapping) or not is_id(value.get("c")):
        return None
    return Anchor(value["c"], whole(value.get("h"), 0))


def _speed(value: Any) -> tuple[int, int]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return 1, 1
    return whole(value[0], 1, 1, RATIO_MAX), whole(value[1], 1, 1, RATIO_MAX)


def _dissolve(value: Any) -> tuple[str, int, int] | None:
    if not isinstance(value, Mapping) or value.get("k") not in ("dissolve", "wipe", "dip", "fade"):
        return None
    frames = whole(value.get("d"), 0, 0)
    return value["k"], frames, min(frames, whole(value.get("a"), frames // 2, 0))
