"""How a story fits a format: which beat each scene serves, what is missing, what is early or late, and why; pure.

A beat that the storyboard names for a scene counts wherever the scene is; a scene without one serves what lies at its
place. Nothing reads the meaning of a scene.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from services.formats.model import Beat, Format


class Measure(StrEnum):
    """Of what places are shares: of the story as long as it is, or of the format's typical length, for one that is
    still being written."""

    STORY = "story"
    PLAN = "plan"


class BeatState(StrEnum):
    """Of a beat."""

    MET = "met"
    EARLY = "early"
    LATE = "late"
    MISSING = "missing"


class Basis(StrEnum):
    """Why a scene serves a beat."""

    SAID = "said"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Piece:
    """A scene as fitting sees it. `beats`: those that the storyboard says it serves, ids of `Beat`."""

    scene: str
    called: str
    seconds: float
    beats: tuple[str, ...] = ()
    first_shot_s: float | None = None


@dataclass(frozen=True, slots=True)
class SceneFit:
    """Where a scene lies, shares of the whole, and what it serves there."""

    piece: Piece
    start: float
    end: float
    eighths: int
    part: str
    beats: tuple[str, ...]
    basis: Basis | None


@dataclass(frozen=True, slots=True)
class BeatFit:
    """`start`, `end`: where its scenes lie, None for a missing one. `off`: share of the whole, below 0 for early."""

    beat: Beat
    state: BeatState
    scenes: tuple[str, ...]
    basis: Basis | None
    start: float | None
    end: float | None
    off: float
    off_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the whole or one scene. `code`: length, order, hook, scene_length or aspect."""

    code: str
    text: str
    scene: str | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """`seconds`: of the story; `whole_s`: of what places are shares."""

    format: Format
    measure: Measure
    seconds: float
    whole_s: float
    beats: tuple[BeatFit, ...]
    scenes: tuple[SceneFit, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    piece: Piece
    start: float
    end: float

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


def fit(
    pieces: Sequence[Piece],
    format: Format,
    measure: Measure = Measure.STORY,
    own: Sequence[Beat] = (),
    aspect: tuple[int, int] | None = None,
) -> Fit:
    """`own`: beats that people wrote down beside the format's. `aspect`: of the project's picture."""
    seconds = sum(piece.seconds for piece in pieces)
    whole_s = seconds if measure is Measure.STORY and seconds > 0 else format.length.typical_s
    placed = _placed(pieces, whole_s)
    beats = tuple(_beat(beat, placed, whole_s) for beat in (*format.beats, *own))
    return Fit(
        format=format,
        measure=measure,
        seconds=seconds,
        whole_s=whole_s,
        beats=beats,
        scenes=tuple(_scene(one, format, beats) for one in placed),
        notes=tuple(_notes(pieces, format, seconds, beats, aspect)),
    )


def clock(seconds: float) -> str:
    """`5:16`, `1:02:30`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _placed(pieces: Sequence[Piece], whole_s: float) -> list[_Placed]:
    placed, at = [], 0.0
    for piece in pieces:
        placed.append(_Placed(piece, at / whole_s, (at + piece.seconds) / whole_s))
        at += piece.seconds
    return placed


def _beat(beat: Beat, placed: Sequence[_Placed], whole_s: float) -> BeatFit:
    said = [one for one in placed if beat.id in one.piece.beats]
    serving = said or _at_place(beat, [one for one in placed if not one.piece.beats])
    if not serving:
        reason = _why_missing(beat, placed, whole_s)
        return BeatFit(beat, BeatState.MISSING, (), None, None, None, 0.0, 0.0, reason)
    start, end = serving[0].start, serving[-1].end
    off = _off(beat, start, end)
    off = round(off, 4)  # the state is that of the figure that is shown
    state = BeatState.MET if abs(off) <= beat.tolerance else BeatState.EARLY if off < 0 else BeatState.LATE
    basis = Basis.SAID if said else Basis.PLACE
    scenes = tuple(one.piece.scene for one in serving)
    reason = _why(beat, serving, state, basis, off, whole_s)
    return BeatFit(beat, state, scenes, basis, start, end, off, round(off * whole_s, 2), reason)


def _at_place(beat: Beat, free: Sequence[_Placed]) -> list[_Placed]:
    """A moment is the scene that it falls into, or the nearest within the tolerance; a stretch those in its midst."""
    if not beat.is_moment:
        within = [one for one in free if beat.start <= one.middle <= beat.end]
        if within:
            return within
    low, high = beat.start - beat.tolerance, beat.end + beat.tolerance
    near = [one for one in free if one.start < high and one.end > low]
    return [min(near, key=lambda one: (abs(_distance(beat, one.start, one.end)), one.start))] if near else []


def _distance(beat: Beat, start: float, end: float) -> float:
    """From the beat's place to what lies from start to end: 0 where they touch, below 0 where that is earlier."""
    if end < beat.start:
        return end - beat.start
    return start - beat.end if start > beat.end else 0.0


def _off(beat: Beat, start: float, end: float) -> float:
    """A moment may be anywhere in a long scene; a stretch should neither begin early nor run on."""
    if beat.is_moment:
        return _distance(beat, start, end)
    early, late = min(0.0, start - beat.start), max(0.0, end - beat.end)
    return early if -early > late else late


def _why(beat: Beat, serving: Sequence[_Placed], state: BeatState, basis: Basis, off: float, whole_s: float) -> str:
    names = ", ".join(one.piece.called for one in serving[:3]) + (" and others" if len(serving) > 3 else "")
    where = f"{_percent(serving[0].start)} to {_percent(serving[-1].end)}"
    told = "The storyboard says so of" if basis is Basis.SAID else "By its place, it is"
    usual = f"usual {'at' if beat.is_moment else 'from'} {_usual(beat)}"
    apart = f"{_percent(abs(off))} of the whole ({clock(abs(off) * whole_s)})"
    if state is BeatState.MET:
        return f"{told} {names}, from {where}; {usual}."
    verb = "comes" if beat.is_moment else "begins" if state is BeatState.EARLY else "runs on"
    way = (
        "early" if state is BeatState.EARLY else "late" if beat.is_moment or serving[0].start > beat.end else "too long"
    )
    return f"{told} {names}, from {where}: it {verb} {apart} {way}; {usual}."


def _why_missing(beat: Beat, placed: Sequence[_Placed], whole_s: float) -> str:
    place = f"{_usual(beat)} ({clock(beat.start * whole_s)})"
    there = [one for one in placed if one.start <= beat.end and one.end >= beat.start]
    if not there:
        return f"Nothing lies at {place}."
    names = ", ".join(one.piece.called for one in there[:3])
    return f"At {place} there is {names}, of which the storyboard says that it is something else."


def _scene(one: _Placed, format: Format, beats: Sequence[BeatFit]) -> SceneFit:
    serves = [each for each in beats if one.piece.scene in each.scenes]
    part = next((part.id for part in format.parts if part.start <= one.middle < part.end), "")
    basis = None if not serves else Basis.SAID if one.piece.beats else Basis.PLACE
    eighths = format.length.eighths(one.piece.seconds)
    return SceneFit(one.piece, one.start, one.end, eighths, part, tuple(each.beat.id for each in serves), basis)


def _notes(
    pieces: Sequence[Piece],
    format: Format,
    seconds: float,
    beats: Sequence[BeatFit],
    aspect: tuple[int, int] | None,
) -> list[Note]:
    return [*_length(format, seconds), *_order(beats), *_rules(pieces, format, aspect)]


def _length(format: Format, seconds: float) -> list[Note]:
    length = format.length
    usual = f"usual are {clock(length.min_s)} to {clock(length.max_s)}"
    if seconds < length.min_s:
        return [Note("length", f"The story is {clock(seconds)} long, {clock(length.min_s - seconds)} short; {usual}.")]
    if seconds > length.max_s:
        return [Note("length", f"The story is {clock(seconds)} long, {clock(seconds - length.max_s)} over; {usual}.")]
    return []


def _order(beats: Sequence[BeatFit]) -> list[Note]:
    """Of those that the storyboard names, in the order of the format."""
    said = [each for each in beats if each.basis is Basis.SAID and each.start is not None]
    said.sort(key=lambda each: (each.beat.start, each.beat.end))
    return [
        Note("order", f"{after.beat.name} comes before {before.beat.name}.", after.scenes[0])
        for before, after in pairwise(said)
        if after.end is not None and before.start is not None and after.end <= before.start
    ]


def _rules(pieces: Sequence[Piece], format: Format, aspect: tuple[int, int] | None) -> list[Note]:
    rules, notes = format.rules, []
    first = pieces[0].first_shot_s if pieces else None
    if rules.hook_s is not None and first is not None and first > rules.hook_s:
        text = f"The first shot lasts {first:.1f} s; something has to happen within {rules.hook_s:g} s."
        notes.append(Note("hook", text, pieces[0].scene))
    if rules.scene_s_max is not None:
        notes += [
            Note(
                "scene_length",
                f"{piece.called} lasts {clock(piece.seconds)}; {clock(rules.scene_s_max)} at most.",
                piece.scene,
            )
            for piece in pieces
            if piece.seconds > rules.scene_s_max
        ]
    if rules.aspect is not None and aspect is not None and aspect[0] * rules.aspect[1] != aspect[1] * rules.aspect[0]:
        wanted = f"{rules.aspect[0]}:{rules.aspect[1]}"
        notes.append(Note("aspect", f"The picture is {aspect[0]}:{aspect[1]}; this is made for {wanted}."))
    return notes


def names_of(beats: Sequence[Beat]) -> Mapping[str, str]:
    """What people may call a beat, folded, and its id."""
    return {folded(word): beat.id for beat in beats for word in (beat.id, beat.name)}


def folded(name: str) -> str:
    """Letters and digits only, in lower case: `Out of act one` and `out-of-act-one` are one."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _usual(beat: Beat) -> str:
    return _percent(beat.start) if beat.is_moment else f"{_percent(beat.start)} to {_percent(beat.end)}"
