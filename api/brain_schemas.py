"""The JSON of brains, as pydantic models; OpenAPI is made from them.

Shapes only: what a look may be is decided in `services.brains.checks`.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from api.schemas import In, Out, Page, PageQuery
from services.brains.checks import NAME_CHARS_MAX, WORD_CHARS_MAX, WORDS_MAX
from services.brains.model import (
    Angle,
    Cdl,
    Focus,
    Framing,
    Lens,
    Light,
    Move,
    Pacing,
    Setup,
    Size,
    Sound,
    Tone,
)
from services.brains.presets import THRILLER
from services.brains.service import VERSIONS_MAX, VERSIONS_PAGE_MAX
from services.brains.stored import to_json

PARTS_MAX = 5
"""Of one mixture."""

BrainName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,64}$")]
Version = Annotated[int, Field(ge=1, le=VERSIONS_MAX)]
Colour = Annotated[str, StringConstraints(pattern=r"^#?[0-9A-Fa-f]{6}$")]
Words = Annotated[list[Annotated[str, StringConstraints(max_length=WORD_CHARS_MAX)]], Field(max_length=WORDS_MAX)]
Share = Annotated[float, Field(ge=0, le=1)]
RatePart = Annotated[int, Field(ge=1, le=1_000_000)]

_RECORD: dict[str, Any] = {name: value for name, value in to_json(THRILLER).items() if name not in ("id", "version")}


class BrainIn(In):
    """A whole look. `sizes`, `angles`, `moves`, `setups`, `transitions`: shares that sum to 1; what is left out is 0.
    `never`: words of these vocabularies that do not occur."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_RECORD]})

    name: str = Field(min_length=1, max_length=NAME_CHARS_MAX)
    aspect: float
    rate: tuple[RatePart, RatePart] = (24, 1)
    sizes: dict[Size, Share]
    angles: dict[Angle, Share]
    moves: dict[Move, Share]
    setups: dict[Setup, Share]
    lens: Lens
    focus: Focus
    framing: Framing
    light: Light
    cdl: Cdl
    palette: tuple[Colour, Colour, Colour, Colour, Colour]
    pacing: Pacing
    transitions: dict[Literal["cut", "dissolve", "fade", "wipe", "dip"], Share]
    sound: Sound
    tone: Tone
    prompt_words: Words = Field(default_factory=list)
    avoid_words: Words = Field(default_factory=list)
    never: Annotated[list[Annotated[str, StringConstraints(max_length=WORD_CHARS_MAX)]], Field(max_length=40)] = Field(
        default_factory=list
    )


class BlockOut(Out):
    """A named part of the vector; `names` of its dimensions, those behind them are reserved."""

    name: str
    start: int
    values: list[float]
    names: list[str]


class BrainBrief(Out):
    """`team` null: one of every studio."""

    id: str
    version: int
    name: str
    team: str | None
    palette: list[str]


class BrainOut(BrainBrief):
    """`record`: the look, as it is sent. `vector`: 128 numbers, explained by `blocks`. `explained`: in sentences."""

    record: dict[str, Any] = Field(examples=[_RECORD])
    vector: list[float]
    blocks: list[BlockOut]
    explained: list[str]


class BrainsOut(Out):
    """Those of every studio, then those of your teams."""

    brains: list[BrainBrief]


class BrainQuery(In):
    """`version`: exactly this one; left out: the newest."""

    version: Version | None = None


class VersionsQuery(PageQuery):
    limit: int = Field(VERSIONS_PAGE_MAX, ge=1, le=VERSIONS_PAGE_MAX)


class BrainVersionOut(BrainBrief):
    by: str
    at: datetime


class BrainVersionsOut(Page):
    """The newest first."""

    versions: list[BrainVersionOut]


class SimilarQuery(In):
    limit: int = Field(5, ge=1, le=50)


class SimilarOut(Out):
    """`similarity`: 1 for the same look; `blocks`: of each part alone. `compared`: in sentences."""

    brain: BrainBrief
    similarity: float
    blocks: dict[str, float]
    compared: list[str]


class SimilarsOut(Out):
    """The most similar first."""

    similar: list[SimilarOut]


class BlendPart(In):
    """`weight`: relative to the others'."""

    brain: BrainName
    version: Version | None = None
    weight: float = Field(1.0, gt=0, le=1_000)


class Blend(In):
    parts: list[BlendPart] = Field(min_length=2, max_length=PARTS_MAX)
