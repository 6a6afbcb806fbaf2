"""A language model's answer as a shot plan: read strictly, and repaired from the plan by rules where it cannot be used.

Whatever the model says, the plan is whole: people's words are as they were, every line is in one shot, every rule of
craft is mended or told. Every repair is named.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from services.brains.model import Angle, Brain, Move, Setup, Size
from services.generation.errors import PlanUnreadable
from services.generation.plans.ask import ANSWER_CHARS_MAX, DESCRIPTION_CHARS_MAX
from services.generation.plans.coverage import DERIVED_SHOTS_MAX, settled, speakers_of
from services.generation.plans.expand import check_length, lens_of, needed_frames, shared
from services.generation.plans.model import Direction, Origin, PlanShot, Reason, ShotPlan, Surroundings
from services.generation.plans.rules import Said, checked, line_of, mended
from services.generation.request import SCENE_FRAMES_MAX, SHOT_FRAMES_MIN, SceneRequest

LENS_MM = (8, 300)
_SYNONYMS: Mapping[str, str] = {
    "extreme close-up": "ECU",
    "close-up": "CU",
    "closeup": "CU",
    "medium close-up": "MCU",
    "medium": "MS",
    "medium shot": "MS",
    "medium long": "MLS",
    "cowboy": "MLS",
    "wide": "LS",
    "long": "LS",
    "full": "LS",
    "extreme wide": "ELS",
    "establishing": "ELS",
    "eye level": "eye",
    "eye-level": "eye",
    "overhead": "bird",
    "dolly in": "push-in",
    "push in": "push-in",
    "dolly out": "pull-out",
    "pull out": "pull-out",
    "tracking": "track",
    "locked": "static",
    "ots": "over-shoulder",
    "two shot": "two-shot",
}
"""What models say instead of the words that they were given."""

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Repaired:
    """`repairs`: sentences, one for each thing in the answer that could not be used."""

    plan: ShotPlan
    repairs: tuple[str, ...]


def read(
    answer: str,
    model: str,
    request: SceneRequest,
    brain: Brain,
    around: Surroundings,
    local: ShotPlan,
    said: Said,
) -> Repaired:
    """`local`: the plan by rules. Raises `PlanUnreadable` where there is no list of shots at all, `SceneTooLong`."""
    around, repairs = settled(request, around), list[str]()
    entries = _matched(_entries(answer), local, request, repairs)
    shots = [_Reading(entry, base, brain, around, said, repairs).shot() for entry, base in entries]
    shots = _with_lines(shots, request, local, repairs)
    line = line_of(around.people, speakers_of(request, around))
    shots = _short_enough([_long_enough(shot, request, said, repairs) for shot in shots], request, said, repairs)
    shots = mended(shots, brain, said, line)
    check_length(shots, request)
    plan = ShotPlan(request.scene_id, model, local.prompt, tuple(shots), checked(shots, request, brain))
    return Repaired(plan, tuple(repairs))


def _entries(answer: str) -> list[Mapping[str, Any]]:
    """Also out of a fence or between sentences."""
    start, end = answer.find("{"), answer.rfind("}")
    if len(answer) > ANSWER_CHARS_MAX or start < 0:
        raise PlanUnreadable(PlanUnreadable.__doc__)
    try:
        said = json.loads(answer[start : end + 1])
    except (ValueError, RecursionError) as error:
        raise PlanUnreadable(PlanUnreadable.__doc__) from error
    shots = said.get("shots") if isinstance(said, dict) else None
    entries: list[Mapping[str, Any]] = [shot for shot in _list(shots) if isinstance(shot, dict)]
    if not entries:
        raise PlanUnreadable(PlanUnreadable.__doc__)
    return entries


def _matched(
    entries: Sequence[Mapping[str, Any]], local: ShotPlan, request: SceneRequest, repairs: list[str]
) -> list[tuple[Mapping[str, Any], PlanShot]]:
    """Each with the shot by rules that fills its gaps: of its id where the storyboard has shots, else of its place."""
    if request.shots:
        by_id = {str(entry.get("id")): entry for entry in reversed(entries)}
        known = {shot.id for shot in local.shots}
        repairs += [f"{shot.id} was left out." for shot in local.shots if shot.id not in by_id]
        repairs += [f"{name[:40]} is no shot of the scene." for name in by_id if name not in known]
        return [(by_id.get(shot.id, {}), shot) for shot in local.shots]
    if len(entries) > DERIVED_SHOTS_MAX:
        repairs.append(f"Of {len(entries)} shots the first {DERIVED_SHOTS_MAX} are kept.")
    kept = entries[:DERIVED_SHOTS_MAX]
    last = len(local.shots) - 1
    bases = [local.shots[round(at * last / max(1, len(kept) - 1))] for at in range(len(kept))]
    return [
        (entry, replace(base, id=f"new-{at + 1}")) for at, (entry, base) in enumerate(zip(kept, bases, strict=True))
    ]


class _Reading:
    """One entry over the shot by rules."""

    def __init__(
        self,
        entry: Mapping[str, Any],
        base: PlanShot,
        brain: Brain,
        around: Surroundings,
        said: Said,
        repairs: list[str],
    ) -> None:
        self._entry = entry
        self._base = base
        self._brain = brain
        self._around = around
        self._said = said
        self._repairs = repairs
        self._reasons = dict(base.reasons)

    def shot(self) -> PlanShot:
        base = self._base
        setup, size = self._word("setup", Setup, base.setup), self._word("size", Size, base.size)
        usual_mm = base.lens_mm if size is base.size else lens_of(size, self._brain)
        return replace(
            base,
            setup=setup,
            size=size,
            angle=self._word("angle", Angle, base.angle),
            move=self._word("move", Move, base.move),
            lens_mm=self._number("lens_mm", LENS_MM, usual_mm, base.lens_mm),
            frames=self._number("frames", (SHOT_FRAMES_MIN, SCENE_FRAMES_MAX), base.frames, base.frames),
            direction=self._direction(),
            people=self._people(setup),
            lines=tuple(line for line in _list(self._entry.get("lines")) if isinstance(line, int)),
            description=self._description(),
            reasons=self._reasons,
        )

    def _kept(self, field: str) -> bool:
        return (self._base.id, field) in self._said

    def _word(self, field: str, words: type[Word], present: Word) -> Word:
        if self._kept(field) or field not in self._entry:
            return present
        told = str(self._entry[field]).strip()
        spelled = {word.value.casefold(): word for word in words}
        found = spelled.get(told.casefold()) or spelled.get(_SYNONYMS.get(told.casefold(), "").casefold())
        if found is None:
            self._repairs.append(f"{self._base.id}: {told[:40]!r} is no {field}.")
            return present
        return self._by_model(field, found)

    def _number(self, field: str, limits: tuple[int, int], usual: int, present: int) -> int:
        if self._kept(field):
            return present
        told = self._entry.get(field)
        if isinstance(told, bool) or not isinstance(told, int | float) or not limits[0] <= told <= limits[1]:
            if field in self._entry:
                self._repairs.append(f"{self._base.id}: {str(told)[:40]} is no {field}.")
            return usual
        return self._by_model(field, round(told))

    def _direction(self) -> Direction | None:
        told = self._entry.get("direction")
        if self._kept("direction") or told not in ("L", "R", "none"):
            return self._base.direction
        return self._by_model("direction", None if told == "none" else Direction(told))

    def _people(self, setup: Setup) -> tuple[str, ...]:
        """Only who is there."""
        if setup in (Setup.INSERT, Setup.POV):
            return ()
        there = {name.casefold(): name for name in (*self._around.people, *self._base.people)}
        told = [str(name) for name in _list(self._entry.get("people"))]
        self._repairs += [
            f"{self._base.id}: {name[:40]} is not in the scene." for name in told if name.casefold() not in there
        ]
        found = tuple(dict.fromkeys(there[name.casefold()] for name in told if name.casefold() in there))
        return found or self._base.people

    def _description(self) -> str:
        told = " ".join(str(self._entry.get("description") or "").replace("\0", "").split())
        if self._kept("description") or not told:
            return self._base.description
        return self._by_model("description", told[:DESCRIPTION_CHARS_MAX])

    def _by_model(self, field: str, value: Value) -> Value:
        self._reasons[field] = Reason(Origin.MODEL, "The language model's choice.")
        return value


def _with_lines(
    shots: Sequence[PlanShot], request: SceneRequest, local: ShotPlan, repairs: list[str]
) -> list[PlanShot]:
    """Each line in one shot and in order, or as the rules had them; a line goes where its speaker is seen by rules."""
    told = [line for shot in shots for line in shot.lines]
    if told == list(range(len(request.lines))):
        return list(shots)
    repairs.append("The lines were not each in one shot, in order.")
    if len(shots) == len(local.shots):
        return [replace(shot, lines=base.lines) for shot, base in zip(shots, local.shots, strict=True)]
    count = len(request.lines)
    held: list[list[int]] = [[] for _ in shots]
    for line in range(count):
        held[line * len(shots) // count].append(line)
    return [replace(shot, lines=tuple(lines)) for shot, lines in zip(shots, held, strict=True)]


def _short_enough(shots: Sequence[PlanShot], request: SceneRequest, said: Said, repairs: list[str]) -> list[PlanShot]:
    """Together no longer than one generation makes, as far as the words and what people said leave room."""
    if sum(shot.frames for shot in shots) <= SCENE_FRAMES_MAX:
        return list(shots)
    repairs.append("Together the shots were longer than one generation makes.")
    free = [shot for shot in shots if (shot.id, "frames") not in said]
    left = SCENE_FRAMES_MAX - sum(shot.frames for shot in shots if shot not in free)
    lengths = shared(left, [needed_frames(request, shot.lines) for shot in free], [shot.frames for shot in free])
    fitted = {shot.id: frames for shot, frames in zip(free, lengths, strict=True)}
    return [replace(shot, frames=fitted.get(shot.id, shot.frames)) for shot in shots]


def _long_enough(shot: PlanShot, request: SceneRequest, said: Said, repairs: list[str]) -> PlanShot:
    spoken = needed_frames(request, shot.lines)
    needed = max(request.shot_frames_min, spoken)
    if shot.frames >= needed or (shot.id, "frames") in said:
        return shot
    if needed > spoken:
        repairs.append(f"{shot.id}: {shot.frames} frames are too few for a shot.")
        why = Reason(Origin.RULE, "As long as a shot is at least.")
    else:
        repairs.append(f"{shot.id}: {shot.frames} frames are too few for its words.")
        why = Reason(Origin.DIALOGUE, "As long as the words take.")
    return replace(shot, frames=needed, reasons={**shot.reasons, "frames": why})


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
