"""Clips that were split: what a part inherits, where the cuts end it, and how parts of one clip are kept apart.

A split writes one new entity with `of`, `cut` and `root` only. Every register that a part does not have itself it takes
from the clip it was split from, so that whoever moves, slips or trims the whole at the same time does so to all parts.
Whoever edits one part afterwards first settles the others (`settled`). docs/timeline.md explains it with pictures.
"""

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sync.timeline.model import CLIP_DEFAULTS, Anchor, Clip, Transition


@dataclass(slots=True)
class Piece:
    """A clip with everything that it inherits. Its window is [`head`, `tail`) in local frames; `whole_tail`: where it
    would end if nothing were split off it. `end_is_cut`: the piece that was split off has the transition."""

    id: str
    parent: str | None
    cut: int | None
    own: frozenset[str]
    root: str
    values: dict[str, Any]
    head: int
    whole_tail: int
    tail: int = 0
    heirs: list[str] = field(default_factory=list)
    is_part: bool = False
    end_is_cut: bool = False

    @property
    def is_deleted(self) -> bool:
        return bool(self.values["del"])

    @property
    def is_shown(self) -> bool:
        """A part that was trimmed away as a whole is legal and not shown."""
        return not self.is_deleted and (self.tail > self.head or not self.is_part)

    @property
    def track(self) -> str:
        return str(self.values["t"])

    @property
    def anchor(self) -> Anchor | None:
        found: Anchor | None = self.values["anc"]
        return found

    @property
    def transition(self) -> Transition | None:
        found: Transition | None = self.values["xo"]
        return None if self.end_is_cut else found

    @property
    def slot(self) -> tuple[str, str, int, str]:
        """Its order on a magnetic track: parts stay together, ties fall alike everywhere."""
        return self.values["ord"], self.root, self.head, self.id


def pieces_of(clips: Mapping[str, Clip]) -> dict[str, Piece]:
    """Every clip, deleted ones too, in order of id."""
    parents = _parents(clips)
    cuts: dict[str, list[int]] = {}
    for clip_id, parent in parents.items():
        cut = clips[clip_id].cut
        if parent is not None and cut is not None:
            insort(cuts.setdefault(parent, []), cut)
    pieces: dict[str, Piece] = {}
    for clip_id in _parents_first(parents):
        parent = parents[clip_id]
        above = pieces[parent] if parent is not None else None
        pieces[clip_id] = piece = _piece(clips[clip_id], above, cuts)
        if above is not None:
            above.heirs.append(clip_id)
            if piece.cut is not None:
                above.is_part = True
                above.end_is_cut = above.end_is_cut or "xo" not in piece.own
    for piece in pieces.values():
        piece.heirs.sort()
    return {clip_id: pieces[clip_id] for clip_id in clips}


def _piece(clip: Clip, above: Piece | None, cuts: Mapping[str, Sequence[int]]) -> Piece:
    own = clip.own
    inherited = above.values if above is not None else CLIP_DEFAULTS
    values = {key: own.get(key, inherited[key]) for key in CLIP_DEFAULTS}
    if above is None:
        head, root = own.get("in", 0), own.get("root", clip.id)
        tail = own.get("out", head)
    else:
        beside = cuts.get(above.id, ())
        head = above.head if clip.cut is None else max(above.head, clip.cut)
        tail = above.whole_tail
        if clip.cut is not None and (later := bisect_right(beside, clip.cut)) < len(beside):
            tail = min(tail, beside[later])
        head, tail, root = own.get("in", head), own.get("out", tail), above.root
    first_cut = min(cuts.get(clip.id, (tail,)))
    return Piece(
        id=clip.id,
        parent=above.id if above is not None else None,
        cut=clip.cut if above is not None else None,
        own=frozenset(own),
        root=root,
        values=values,
        head=head,
        whole_tail=tail,
        tail=min(tail, first_cut),
        is_part=above is not None,
    )


def _parents(clips: Mapping[str, Clip]) -> dict[str, str | None]:
    """Clip -> the one it was split from, if that is there. In a circle the smallest id is from none."""
    parents = {key: clip.of if clip.of in clips and clip.of != key else None for key, clip in clips.items()}
    done: set[str] = set()
    for start in parents:
        path: list[str] = []
        on_path: set[str] = set()
        at: str | None = start
        while at is not None and at not in done and at not in on_path:
            path.append(at)
            on_path.add(at)
            at = parents[at]
        if at is not None and at in on_path:
            parents[min(path[path.index(at) :])] = None
        done.update(path)
    return parents


def _parents_first(parents: Mapping[str, str | None]) -> Iterator[str]:
    done: set[str] = set()
    for start in parents:
        path: list[str] = []
        at: str | None = start
        while at is not None and at not in done:
            path.append(at)
            done.add(at)
            at = parents[at]
        yield from reversed(path)


def settled(pieces: Mapping[str, Piece], clip_id: str, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Part -> the registers to give it before `keys` of `clip_id` are written, so that it stays as it is."""
    found: dict[str, dict[str, Any]] = {}
    for heir_id in pieces[clip_id].heirs:
        heir = pieces[heir_id]
        missing = {key: register_of(heir, key) for key in keys if key not in heir.own}
        if missing:
            found[heir_id] = missing
    return found


def register_of(piece: Piece, key: str) -> Any:
    """What to write so that `key` of the piece is its own and means what it means now."""
    if key == "in":
        return piece.head
    if key == "out":
        return piece.whole_tail
    if key == "del":
        return {"by": "split", "at": 0} if piece.is_deleted else None
    value = piece.values[key]
    if isinstance(value, Anchor):
        return {"c": value.clip, "d": value.d, "h": value.h}
    if isinstance(value, Transition):
        return {"k": value.kind, "d": value.d, "a": value.a}
    return list(value) if isinstance(value, tuple) else value


# No media twice ------------------------------------------------------------------------------------


def part(family: Sequence[Piece]) -> dict[str, dict[str, Any]]:
    """Shortens pieces of one root until no two windows overlap. Returns the changed registers by clip.

    Where one begins before the other it ends there; of those that begin alike each begins where the next shorter ends;
    of two that are alike the larger id is deleted.
    """
    waiting = sorted((piece.head, piece.id, piece) for piece in family)
    changed: dict[str, dict[str, Any]] = {}
    kept: list[Piece] = []
    at = 0
    while at < len(waiting):
        start = waiting[at][0]
        alike: list[Piece] = []
        while at < len(waiting) and waiting[at][0] == start:
            alike.append(waiting[at][2])
            at += 1
        alike.sort(key=lambda piece: (piece.tail, piece.id))
        kept.append(previous := alike[0])
        for piece in alike[1:]:
            if piece.tail == previous.tail:
                piece.values["del"] = True
                changed.setdefault(piece.id, {})["del"] = {"by": "repair", "at": 0}
                continue
            piece.head = changed.setdefault(piece.id, {})["in"] = previous.tail
            insort(waiting, (piece.head, piece.id, piece), lo=at)
            previous = piece
    for piece, following in pairwise(kept):
        if piece.tail > following.head:
            piece.tail = changed.setdefault(piece.id, {})["out"] = following.head
    return changed
