"""What a generation is asked to make: one scene as it stood when the button was pressed, typed and canonical.

Not the document: a snapshot of it, so that every worker that ever touches the run works from the same words.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Self, TypeVar

from pydantic import Field, TypeAdapter

from services.brains.model import Angle, Brain, Move, Size
from services.brains.presets import BRAINS, brain
from services.generation.plans.model import Surroundings

SCENE_FRAMES_MAX = 24 * 90
"""Frames one generation makes at most (90 s at 24 fps). Error: `SceneTooLong`."""
SHOT_FRAMES_MIN = 12
SHOTS_MAX = 40

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True)
class Picture:
    """The raster and rate of a take. `rate`: [frames, seconds]."""

    width: int = 1280
    height: int = 720
    rate: tuple[int, int] = (24, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of dialogue."""

    character: str
    text: str


@dataclass(frozen=True, slots=True)
class Slug:
    """A scene heading: INT or EXT, the place, the time of day."""

    ie: str = "EXT"
    place: str = ""
    time: str = "DAY"


@dataclass(frozen=True, slots=True)
class ShotRequest:
    """A shot that the storyboard names; what is None is the provider's choice."""

    id: str
    size: Size | None = None
    angle: Angle | None = None
    move: Move | None = None
    lens_mm: int | None = None
    frames: int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class BrainChoice:
    """Which brain, and how strongly: `strength` 0..100.

    `record`: of a team's brain all that it says, so that whoever has the request can draw from it, and its digest tells
    one look from another. A preset has none, spelled as nothing: its versions are in every worker and never change.
    """

    id: str = "thriller"
    version: int = 1
    strength: int = 100
    record: Annotated[Brain | None, Field(exclude_if=lambda record: record is None)] = None

    @classmethod
    def of(cls, chosen: Brain, strength: int) -> Self:
        return cls(chosen.id, chosen.version, strength, None if chosen.id in BRAINS else chosen)

    @property
    def look(self) -> Brain:
        """At its full strength. Raises `UnknownBrain` for a preset that this worker does not have."""
        return self.record or brain(self.id, self.version)


@dataclass(frozen=True, slots=True)
class Seeds:
    """Where all chance comes from: which shots there are, how each is drawn, where things stand in the place."""

    plan: int
    shots: int
    place: int


@dataclass(frozen=True, slots=True)
class Stroke:
    """What a round brush has painted. `points`: shares of the frame's width and height, from its upper left corner;
    `radius`: a share of its width."""

    radius: float
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What is drawn anew in frames that there are: within the mask, with these words. `shot`: from 0.

    `frame`: of that shot, from 0, the picture on which the mask was painted.
    """

    shot: int
    frame: int
    words: str
    mask: tuple[Stroke, ...]


@dataclass(frozen=True, slots=True)
class SceneRequest:
    """Everything that decides how the take looks and sounds.

    `around`: what the story says of the scene beside its own words; None in requests of before it was asked.
    `seeds`: those of the request that this one is a variation of; None: they follow from all the rest. `part`: all that
    is changed of frames which were made before. `shot_frames_min`: as long a shot is at least whose length nobody has
    said, as far as the scene has room.
    """

    scene_id: str
    number: str
    title: str
    slug: Slug
    prompt: str
    brain: BrainChoice
    lines: tuple[Line, ...]
    shots: tuple[ShotRequest, ...]
    frames: int | None
    picture: Picture
    provider: str
    provider_version: int
    around: Annotated[Surroundings | None, Field(exclude_if=lambda around: around is None)] = None
    seeds: Annotated[Seeds | None, Field(exclude_if=lambda seeds: seeds is None)] = None
    part: Annotated[Part | None, Field(exclude_if=lambda part: part is None)] = None
    shot_frames_min: Annotated[int, Field(exclude_if=lambda frames: frames == SHOT_FRAMES_MIN)] = SHOT_FRAMES_MIN


def canonical(value: object) -> bytes:
    """One spelling for one value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(*parts: object) -> str:
    """SHA-256 of the canonical spelling, lower-case hex."""
    return hashlib.sha256(canonical(list(parts))).hexdigest()


def to_json(value: object) -> dict[str, Any]:
    """A dataclass of this package as plain JSON values."""
    plain = _adapter(type(value)).dump_python(value, mode="json")  # type: ignore[arg-type]  # a class is hashable
    assert isinstance(plain, dict)
    return plain


def from_json(shape: type[Shape], plain: Mapping[str, Any]) -> Shape:
    """Inverse of `to_json`; checks every field."""
    read: Shape = _adapter(shape).validate_python(plain)  # type: ignore[arg-type]  # a class is hashable
    return read


@cache
def _adapter(shape: type[Any]) -> TypeAdapter[Any]:
    """Building one takes a tenth of a second for a request, with all that a look says."""
    return TypeAdapter(shape)
