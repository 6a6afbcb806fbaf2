"""What the gestures of a timeline are made of: what its person sees, and registers written so that others keep theirs.

Which gesture does what is said in `gestures`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pycrdt import Doc, Map

from sync import ids
from sync.errors import GestureImpossible, NoSuchEntity
from sync.order_keys import between, inserted
from sync.registers import entities
from sync.timeline.content import FRAMES_MAX, MAIN_TRACK, Clip, read_clips, register
from sync.timeline.places import Placed
from sync.timeline.resolve import Resolved, resolve

ROOTS = ("tracks", "clips", "markers")
UNMADE: Mapping[str, Mapping[str, Any]] = {"clips": {"cut": FRAMES_MAX}}
"""For `sync.undo`: a piece that is deleted and begins behind everything bounds nobody."""


def content_of(doc: Doc[Any]) -> dict[str, Any]:
    """What `resolve` reads. The library's own JSON is several times as fast as its Python values."""
    return {root: json.loads(str(doc.get(root, type=Map))) for root in ROOTS}


class Hand:
    """`entropy(n)`: random bytes. `by`, `at`: who deletes, and when (ms since 1970).

    `alone`: nobody else changes the document while this lives, so it is read once for all gestures.
    """

    def __init__(
        self, doc: Doc[Any], entropy: Callable[[int], bytes], by: str = "", at: int = 0, *, alone: bool = False
    ) -> None:
        self.doc = doc
        self.entropy = entropy
        self._mark = {"by": by, "at": at}
        self._alone = alone
        self._content: dict[str, Any] = {}
        self._raws: dict[str, dict[str, Any]] = {}
        """The clips as they are, what this hand has written included."""
        self._resolved: Resolved | None = None
        self._writes: list[Callable[[], None]] = []
        """What is written when the gesture is through."""

    def seen(self) -> Resolved:
        return resolve(content_of(self.doc))

    @contextmanager
    def _gesture(self) -> Iterator[None]:
        """One transaction, or nothing of one that cannot be done."""
        self._writes = []
        self._look()
        try:
            yield
        except BaseException:
            self._content = {}  # it holds what was not written
            raise
        with self.doc.transaction():
            for write in self._writes:
                write()

    def _look(self) -> None:
        """What is there, what this gesture writes included."""
        self._resolved = None
        if not self._writes and not (self._alone and self._content):
            self._content = content_of(self.doc)
            self._raws = {key: dict(raw) for key, raw in entities(self._content, "clips").items()}
            self._content["clips"] = self._raws

    def _seen(self) -> Resolved:
        if self._resolved is None:
            self._resolved = resolve(self._content)
        return self._resolved

    def _place(self, clip: str) -> Placed:
        placed = self._seen().placed.get(clip)
        if placed is None:
            raise NoSuchEntity("clips", clip)
        return placed

    def _on(self, track: str) -> list[Placed]:
        return sorted(
            (each for each in self._seen().placed.values() if each.track == track),
            key=lambda each: (each.start, each.lane, each.clip.id),
        )

    def _touching(self, each: Placed, before: bool) -> Placed:
        """The clip that ends where it begins, or begins where it ends. Raises `GestureImpossible`."""
        for other in self._on(each.track):
            first, second = (other, each) if before else (each, other)
            if other.lane == each.lane and other != each and first.start + first.frames == second.start:
                return other
        raise GestureImpossible(f"no clip touches its {'head' if before else 'tail'}")

    def _check_track(self, track: str) -> None:
        if not any(shown["id"] == track for shown in self._seen().view["tracks"]):
            raise NoSuchEntity("tracks", track)

    def _new_id(self, prefix: str) -> str:
        return ids.new(prefix, self.entropy(16))

    def _key_at(self, index: int, clip: str | None = None) -> str:
        """An order key at the index among the others, with two random digits against those who insert there too.

        Pieces of a clip share one key: where it is to stand between them, those behind it get keys of their own.
        """
        others = [each.clip for each in self._on(MAIN_TRACK) if each.clip.id != clip]
        index = max(0, min(index, len(others)))
        key, behind = inserted([other.ord for other in others], index, self.entropy(2))
        for place, other in behind.items():
            self._write(others[place].id, "ord", other)
        return key

    def _insert(self, track: str, at: int, frames: int, registers: Mapping[str, Any]) -> str:
        self._check_track(track)
        if frames < 1:
            raise GestureImpossible("a clip has at least one frame")
        clip = self._new_id("clp")
        own: dict[str, Any] = {
            "t": track,
            "ord": self._key_at(at) if track == MAIN_TRACK else between("", ""),
            "z": 0 if track == MAIN_TRACK else max(0, at),
            "in": 0,
            "out": frames,
            "slip": 0,
            "root": clip,
            "spd": [1, 1],
            "on": True,
        }
        self._create("clips", clip, {**own, **registers})
        return clip

    def _split(self, clip: str, frame: int) -> str:
        each = self._place(clip)
        local = each.in_ + self._local(each, frame - each.start)
        if not each.in_ < local < each.out:
            raise GestureImpossible("a clip is split between two of its frames")
        piece = ids.derived("clp", each.clip.root, str(local))
        if piece not in self._raws:
            self._create("clips", piece, {"root": each.clip.root, "of": clip, "in": local, "cut": local})
        else:  # it was split there before, and joined again
            for key, value in (("del", None), ("in", local), ("cut", local)):
                self._set(piece, key, value)
        return piece

    def _local(self, each: Placed, frames: int) -> int:
        """Frames of the timeline as frames of the clip."""
        numerator, denominator = each.clip.speed
        return frames * numerator // denominator

    def _pieces(self, each: Placed) -> list[Clip]:
        """Later pieces of the same clip, deleted ones too, in order."""
        pieces = [other for other in read_clips(self._raws).values() if other.root == each.clip.root]
        return sorted((other for other in pieces if other.cut is not None), key=_cut)

    def _trim_head(self, each: Placed, frames: int) -> None:
        in_ = min(each.in_ + frames, each.out - 1)
        clip = each.clip
        if clip.cut is not None and any(other.out == clip.cut and other.is_cut for other in self._family(each)):
            in_ = max(in_, clip.cut)  # the piece before shows what comes before
        self._set(clip.id, "in", in_)
        if clip.speed != (1, 1) and each.track != MAIN_TRACK and not clip.line:
            shown = (2 * (each.out - in_) * clip.speed[1] + clip.speed[0]) // (2 * clip.speed[0])
            self._write(
                clip.id, "z", clip.z + (each.start + each.frames - max(1, shown)) - (each.start + in_ - each.in_)
            )

    def _family(self, each: Placed) -> list[Placed]:
        return [other for other in self._seen().placed.values() if other.clip.root == each.clip.root]

    def _trim_tail(self, each: Placed, frames: int) -> None:
        """Where another piece follows, its cut is what moves; the media of a live one is not shown twice."""
        out = max(each.out + frames, each.in_ + 1)
        later = [piece for piece in self._pieces(each) if _cut(piece) >= (each.out, "") and piece.id != each.clip.id]
        if not later or (not each.is_cut and out <= _cut(later[0])[0]):
            self._write(each.clip.id, "out", out)
            return
        after = later[0]
        if not after.is_deleted:
            out = min(out, after.in_)
        elif len(later) > 1:
            out = min(out, _cut(later[1])[0])
        self._set(after.id, "cut", out)

    def _write(self, clip: str, key: str, value: Any) -> None:
        """A register that pieces of this clip take from it: they keep what they had."""
        raws = self._raws
        for piece, raw in raws.items():
            if raw.get("of") == clip and key not in raw:
                self._set(piece, key, register(raws, piece, key))
        self._set(clip, key, value)

    def _set(self, clip: str, key: str, value: Any) -> None:
        """What is written already is not written again (documents.md A9)."""
        raw = self._raws.get(clip)
        if raw is None:
            raise NoSuchEntity("clips", clip)
        check(value)
        if key not in raw or raw[key] != value:
            raw[key] = value
            self._put("clips", clip, key, value)

    def _set_track(self, track: str, key: str, value: Any) -> None:
        self._content["tracks"][track][key] = value
        self._put("tracks", track, key, value)

    def _put(self, root: str, entity: str, key: str, value: Any) -> None:
        self._writes.append(lambda: self.doc.get(root, type=Map)[entity].__setitem__(key, value))

    def _create(self, root: str, entity: str, registers: dict[str, Any]) -> None:
        """With all that it has at once, under a fresh id (documents.md A7); undo of it writes `del` (C20)."""
        for value in registers.values():
            check(value)
        raw = {**registers, "del": None}
        self._content[root][entity] = raw
        self._writes.append(lambda: self.doc.get(root, type=Map).__setitem__(entity, Map(dict(raw))))


def check(value: Any) -> None:
    """What is counted in frames, which are all the numbers that gestures write. Raises `GestureImpossible`."""
    if isinstance(value, int) and abs(value) > FRAMES_MAX:
        raise GestureImpossible(f"nothing is further than {FRAMES_MAX:,} frames")


def _cut(piece: Clip) -> tuple[int, str]:
    return (piece.in_ if piece.cut is None else piece.cut, piece.id)
