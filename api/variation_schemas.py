"""Shapes of variations: what is changed of a take or of frames, everything else being as it was."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from api.run_schemas import Manner
from api.schemas import In
from services.generation.request import SCENE_FRAMES_MAX, SHOT_FRAMES_MIN
from sync.storyboard.read import PROMPT_CHARS_MAX

PART_CHARS_MAX = 500
STROKES_MAX = 50
POINTS_MAX = 2_000
"""Of all strokes of a mask together."""
SEED_MAX = 2**31 - 1

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class OtherWordsIn(In):
    """The same seeds, other words."""

    kind: Literal["words"]
    prompt: Annotated[str, StringConstraints(min_length=1, max_length=PROMPT_CHARS_MAX, strip_whitespace=True)]


class OtherPicturesIn(In):
    """The same words, other seeds. `seed`: the same gives the same pictures; null: any."""

    kind: Literal["pictures"]
    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] | None = None


class StrokeIn(In):
    """What a round brush has painted. `points`: shares of the picture's width and height, from its upper left corner;
    `radius`: a share of its width."""

    radius: Annotated[float, Field(gt=0, le=0.5, allow_inf_nan=False)]
    points: Annotated[tuple[tuple[Share, Share], ...], Field(min_length=1, max_length=POINTS_MAX)]


class PartIn(In):
    """Other words for a part of one picture. `mask`: what is drawn anew. `frame`: of the scene, from 0, on which it was
    painted; null: the one that posters and thumbnails show."""

    kind: Literal["part"]
    words: Annotated[str, StringConstraints(min_length=1, max_length=PART_CHARS_MAX, strip_whitespace=True)]
    mask: Annotated[tuple[StrokeIn, ...], Field(min_length=1, max_length=STROKES_MAX)]
    frame: Annotated[int, Field(ge=0, lt=SCENE_FRAMES_MAX)] | None = None

    @model_validator(mode="after")
    def not_too_long(self) -> Self:
        """All strokes together."""
        if sum(len(stroke.points) for stroke in self.mask) > POINTS_MAX:
            raise ValueError(f"a mask has at most {POINTS_MAX} points")
        return self


class LengthIn(In):
    """`frames`: of the whole scene. Shots whose length is set in the storyboard keep it."""

    kind: Literal["length"]
    frames: Annotated[int, Field(ge=SHOT_FRAMES_MIN, le=SCENE_FRAMES_MAX)]


ChangeIn = OtherWordsIn | OtherPicturesIn | PartIn | LengthIn


class Variation(Manner):
    """What is changed, and how the run is made."""

    change: Annotated[ChangeIn, Field(discriminator="kind")]
