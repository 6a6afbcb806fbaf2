"""The rules of continuous cutting, on a plan: mended where nobody has said otherwise, else told as a warning; pure.

The 180-degree line, eyelines that meet, no jump between two nearly equal pictures, room for the words.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import TypeVar

from services.brains.model import Angle, Brain, Move, Setup, Size
from services.generation.length import speech_s
from services.generation.plans.model import Direction, Origin, PlanShot, Reason, Warn
from services.generation.request import SceneRequest

Word = TypeVar("Word", bound=StrEnum)

_STEPS = (Size.ELS, Size.LS, Size.MLS, Size.MS, Size.MCU, Size.CU, Size.ECU)
_NEUTRAL = frozenset({Setup.MASTER, Setup.INSERT, Setup.POV})
"""Behind one of these the camera may be anywhere: the audience finds its way anew."""

Said = frozenset[tuple[str, str]]
"""(shot, field) that a person has set."""


def mended(
    shots: Sequence[PlanShot], brain: Brain, said: Said, line: Mapping[str, Direction] = MappingProxyType({})
) -> list[PlanShot]:
    """What breaks a rule and is nobody's word is changed; the first shot of each rule stands. `line`: to which side
    each looks; of whoever is not in it, the first shot decides."""
    fixed: list[PlanShot] = []
    sides = {**line, **{shot.subject: shot.direction for shot in reversed(shots) if _says_side(shot, said)}}
    for shot in shots:
        shot = _allowed(_on_its_side(shot, sides, said), brain, said)
        if fixed and _is_jump(fixed[-1], shot):
            shot = _apart(fixed[-1], shot, brain, said)
        if shot.subject and shot.direction is not None:
            sides.setdefault(shot.subject, shot.direction)
        fixed.append(shot)
    return fixed


def _says_side(shot: PlanShot, said: Said) -> bool:
    return (shot.id, "direction") in said and shot.subject != ""


def line_of(people: Sequence[str], speakers: Sequence[str]) -> dict[str, Direction]:
    """`people` from left to right. Who stands left looks right; of those who talk, the one behind looks back."""
    talking = [name for name in people if name in speakers]
    sides = (Direction.RIGHT, Direction.LEFT)
    places = {name: at for at, name in enumerate(people)} | {name: at for at, name in enumerate(talking)}
    return {name: sides[at % 2] for name, at in places.items()}


def checked(shots: Sequence[PlanShot], request: SceneRequest, brain: Brain) -> tuple[Warn, ...]:
    """What is left: only people's own words can break these."""
    return (
        *_axis(shots),
        *_eyelines(shots, request),
        *_jumps(shots),
        *_room(shots, request),
        *_forbidden(shots, brain),
    )


def _on_its_side(shot: PlanShot, sides: Mapping[str, Direction | None], said: Said) -> PlanShot:
    """Whoever has looked to the right goes on looking there."""
    kept = sides.get(shot.subject)
    if kept is None or shot.direction in (kept, None) or (shot.id, "direction") in said:
        return shot
    why = Reason(Origin.RULE, f"{shot.subject} has looked to this side before.")
    return replace(shot, direction=kept, reasons={**shot.reasons, "direction": why})


def _allowed(shot: PlanShot, brain: Brain, said: Said) -> PlanShot:
    """What never occurs in the brain becomes its commonest."""
    commonest: dict[str, Size | Angle | Move] = {
        "size": _commonest(brain.sizes),
        "angle": _commonest(brain.angles),
        "move": _commonest(brain.moves),
    }
    for name, instead in commonest.items():
        present = str(getattr(shot, name))
        if present in brain.never and (shot.id, name) not in said:
            shot = _with(shot, name, instead, Reason(Origin.BRAIN, f"{brain.name} never has {present}."))
    return shot


def _commonest(shares: Mapping[Word, float]) -> Word:
    return max(shares, key=lambda word: shares[word])


def _with(shot: PlanShot, name: str, value: Size | Angle | Move, why: Reason) -> PlanShot:
    reasons = {**shot.reasons, name: why}
    match value:
        case Size():
            return replace(shot, size=value, reasons=reasons)
        case Angle():
            return replace(shot, angle=value, reasons=reasons)
        case Move():
            return replace(shot, move=value, reasons=reasons)


def _is_jump(before: PlanShot, shot: PlanShot) -> bool:
    """The same people in the same size from nearly the same place: it looks like a fault."""
    same = before.people == shot.people and before.setup == shot.setup and before.setup is not Setup.INSERT
    return same and before.size is shot.size and before.angle is shot.angle


def _apart(before: PlanShot, shot: PlanShot, brain: Brain, said: Said) -> PlanShot:
    """One step closer or wider, else from another height."""
    at = _STEPS.index(shot.size)
    steps = [_STEPS[step] for step in (at + 1, at - 1) if 0 <= step < len(_STEPS)]
    possible = [size for size in steps if size.value not in brain.never and not (shot.lines and size is Size.ECU)]
    if possible and (shot.id, "size") not in said:
        return _with(shot, "size", possible[0], Reason(Origin.RULE, "A step in size, so that the cut is no jump."))
    other = next((angle for angle in brain.angles if angle is not shot.angle and angle.value not in brain.never), None)
    if other is not None and (shot.id, "angle") not in said:
        return _with(shot, "angle", other, Reason(Origin.RULE, "Another height, so that the cut is no jump."))
    return shot


def _axis(shots: Sequence[PlanShot]) -> Iterator[Warn]:
    """Somebody looks to the other side than before, and nothing in between lets the audience find its way."""
    seen: dict[str, PlanShot] = {}
    for shot in shots:
        if shot.setup in _NEUTRAL:
            seen.clear()
            continue
        last = seen.get(shot.subject)
        if last is not None and last.direction is not None and shot.direction not in (None, last.direction):
            text = f"{shot.subject} looks the other way than before: the camera crosses its line."
            yield Warn("axis", (last.id, shot.id), text)
        seen[shot.subject] = shot


def _eyelines(shots: Sequence[PlanShot], request: SceneRequest) -> Iterator[Warn]:
    """Two who talk to each other look to opposite sides. Among three and more it depends on who is spoken to."""
    if len({line.character.strip().casefold() for line in request.lines}) > 2:
        return
    for before, shot in pairwise(shots):
        apart = before.subject and shot.subject and before.subject != shot.subject
        if (
            apart
            and before.lines
            and shot.lines
            and before.direction is not None
            and before.direction is shot.direction
        ):
            text = f"{before.subject} and {shot.subject} look the same way, and not at each other."
            yield Warn("eyeline", (before.id, shot.id), text)


def _jumps(shots: Sequence[PlanShot]) -> Iterator[Warn]:
    for before, shot in pairwise(shots):
        if _is_jump(before, shot):
            yield Warn("jump", (before.id, shot.id), "Two nearly equal pictures in a row: the cut jumps.")


def _room(shots: Sequence[PlanShot], request: SceneRequest) -> Iterator[Warn]:
    rate = request.picture.rate[0] / request.picture.rate[1]
    for shot in shots:
        needed_s = sum(speech_s(request.lines[line].text) for line in shot.lines)
        if shot.frames / rate < needed_s:
            yield Warn("room", (shot.id,), f"{shot.frames / rate:.1f} s are too short for words of {needed_s:.1f} s.")


def _forbidden(shots: Sequence[PlanShot], brain: Brain) -> Iterator[Warn]:
    for shot in shots:
        for word in (shot.size, shot.angle, shot.move, shot.setup):
            if str(word) in brain.never:
                yield Warn("forbidden", (shot.id,), f"{brain.name} never has {word}; the storyboard says so.")
