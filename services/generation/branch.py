"""A run that goes on from what another made: other words, other pictures, a part, another length; pure.

What was asked of the parent is what is asked of the child, but for its one change. The storyboard has no part in it:
what people have written and pinned there stays as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Field

from services.generation.errors import ChangeUnfit
from services.generation.length import check
from services.generation.plans.model import Surroundings
from services.generation.providers.animatic.enhance import cast_of, names_in
from services.generation.providers.animatic.subject import read as subject_of
from services.generation.providers.interface import Plan, PlannedShot
from services.generation.request import SCENE_FRAMES_MAX, SHOT_FRAMES_MIN, Part, SceneRequest, Stroke, to_json
from services.generation.seeds import other_pictures, place_seed, seeds_of

PARENTS_MAX = 50
"""Of those that a run remembers, the nearest first; its parent remembers the others."""
POSTER_SHARE = 3
"""Posters and thumbnails show the first third of their shot, and that is what masks are painted on."""


@dataclass(frozen=True, slots=True)
class Words:
    """The same seeds, other words."""

    prompt: str
    kind: Literal["words"] = "words"


@dataclass(frozen=True, slots=True)
class Pictures:
    """The same words and shots, drawn from other seeds. `seed`: the same makes the same."""

    seed: int
    kind: Literal["pictures"] = "pictures"


@dataclass(frozen=True, slots=True)
class Repaint:
    """Words for a part of the picture. `frame`: of the scene, on which the mask was painted; None: the poster's."""

    words: str
    mask: tuple[Stroke, ...]
    frame: int | None = None
    kind: Literal["part"] = "part"


@dataclass(frozen=True, slots=True)
class Length:
    """The same, longer or shorter: `frames` in all. Shots whose length people have set keep it."""

    frames: int
    kind: Literal["length"] = "length"


Change = Words | Pictures | Repaint | Length


@dataclass(frozen=True, slots=True)
class Parent:
    """What a run goes on from: a take, or a set of frames (`frames.2`) of a run."""

    run: str
    take: str | None
    frames: str | None
    change: Annotated[Change, Field(discriminator="kind")]

    def told(self) -> dict[str, Any]:
        """For a take's provenance: the mask is in the run's request."""
        change = {name: value for name, value in to_json(self.change).items() if name != "mask"}
        return {"run": self.run, "take": self.take, "frames": self.frames, "change": change}


@dataclass(frozen=True, slots=True)
class Kept:
    """What a part is painted into. `panels`: that are there; `shots`: made elsewhere, which show nothing of the part,
    by their step: `output`, and the run and step that made it."""

    plan: Mapping[str, Any]
    panels: Mapping[str, Any]
    shots: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Branch:
    """`parents`: the nearest first. `kept` None: all is made anew."""

    parents: tuple[Parent, ...]
    kept: Annotated[Kept | None, Field(exclude_if=lambda kept: kept is None)] = None


def on_board(request: SceneRequest, board: int) -> SceneRequest:
    """With the seeds of that set of its frames, from 1: what follows looks like it."""
    return replace(request, seeds=replace(seeds_of(request), place=place_seed(request, board)))


def varied(parent: SceneRequest, plan: Plan | None, change: Change) -> SceneRequest:
    """What is asked of the child. `plan`: of the parent, which a part needs.

    Raises `ChangeUnfit`, `SceneTooLong`.
    """
    seeds = seeds_of(parent)
    match change:
        case Words(prompt):
            around = parent.around and _with_people(parent.around, parent, prompt)
            child = replace(parent, prompt=prompt, around=around, seeds=seeds, part=None)
        case Pictures(seed):
            child = replace(parent, seeds=other_pictures(seeds, seed))
        case Length(frames):
            if not SHOT_FRAMES_MIN <= frames <= SCENE_FRAMES_MAX:
                said = f"A scene has {SHOT_FRAMES_MIN} to {SCENE_FRAMES_MAX} frames."
                raise ChangeUnfit(said, "change.frames", f"{SHOT_FRAMES_MIN} to {SCENE_FRAMES_MAX}")
            child = replace(parent, frames=frames, seeds=seeds, part=None)
        case Repaint():
            assert plan is not None
            child = replace(parent, seeds=seeds, part=_part(plan, change))
    check(child)
    return child


def replanned(plan: Plan, part: Part) -> Plan:
    """The same plan; the shot that is changed says so."""
    shots = list(plan.shots)
    shots[part.shot] = _described(shots[part.shot], part.words)
    return replace(plan, shots=tuple(shots))


def _described(shot: PlannedShot, words: str) -> PlannedShot:
    return replace(shot, description=f"{words.rstrip('. ')}. {shot.description}")


def _part(plan: Plan, change: Repaint) -> Part:
    left = plan.shots[0].frames // POSTER_SHARE if change.frame is None else change.frame
    if not 0 <= left < plan.frames:
        said = f"The scene has {plan.frames} frames, counted from 0."
        raise ChangeUnfit(said, "change.frame", plan.frames - 1)
    shot = 0
    while left >= plan.shots[shot].frames:
        left -= plan.shots[shot].frames
        shot += 1
    return Part(shot, left, change.words, change.mask)


def _with_people(around: Surroundings, request: SceneRequest, prompt: str) -> Surroundings:
    """Whom the new words name is seen as well."""
    if not around.people:
        asked = replace(request, prompt=prompt)
        return replace(around, people=cast_of(asked, subject_of(request.slug, prompt)))
    known = {name.casefold() for name in around.people}
    new = tuple(name for name in names_in(prompt) if name.casefold() not in known)
    return replace(around, people=(*around.people, *new))
