"""What a remote model can do, as data, and what somebody wants of one. Pure.

Not whether the two fit (`negotiation.py`), and not a choice between models: that is the router's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from services.generation.providers.prices import Price
from services.projects.settings import Safety

ANSWER_TOKENS_MAX = 4_096


class Kind(StrEnum):
    """What comes out."""

    IMAGE = "image"
    VIDEO = "video"
    VOICE = "voice"
    SOUND = "sound"
    TEXT = "text"


class Standing(StrEnum):
    """Whether a model is to be had."""

    ACTIVE = "active"
    DEGRADED = "degraded"
    RETIRED = "retired"


class Role(StrEnum):
    """What a picture that goes along is for."""

    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    SUBJECT = "subject"


class PromptUnit(StrEnum):
    """In what a provider counts a prompt."""

    CHARACTERS = "characters"
    UTF16 = "utf16"
    BYTES = "bytes"


class Field(StrEnum):
    """What can differ, or be refused for."""

    KIND = "kind"
    STANDING = "standing"
    PROMPT = "prompt"
    RATIO = "ratio"
    SIZE = "size"
    DURATION = "duration"
    SEED = "seed"
    AUDIO = "audio"
    REFERENCES = "references"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class Reference:
    """A picture that goes along. `media`: the SHA-256 of `data`, which is what an intent's digest names."""

    role: Role
    media: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Want:
    """What is to be made, in nobody's dialect. `must`: the fields that may not be bent.

    `width`, `height` in pixels. `voice`: the provider's id of one. Text only: `instructions`, `schema` (JSON Schema of
    the answer) and `answer_tokens_max`. `options`: further inputs of a fine-tune, as its maker names them.
    """

    kind: Kind
    prompt: str
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    seed: int | None = None
    audio: bool = False
    references: tuple[Reference, ...] = ()
    voice: str | None = None
    instructions: str = ""
    schema: Mapping[str, Any] | None = None
    answer_tokens_max: int = ANSWER_TOKENS_MAX
    options: Mapping[str, Any] = field(default_factory=dict)
    must: frozenset[Field] = frozenset()


@dataclass(frozen=True, slots=True)
class Shape:
    """One raster a model makes. `spelled`: as its provider writes it."""

    width: int
    height: int
    spelled: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every task of a model at its provider.

    `result_ttl_s` None: results come with the answer. `tiers`: documented places at once, from the lowest tier on;
    empty: not published. `finds`: a lost submission can be looked up by our id. `callbacks`: webhooks are signed.
    """

    result_ttl_s: int | None = None
    poll_floor_s: float = 5.0
    poll_batch_max: int = 1
    tiers: tuple[int, ...] = ()
    finds: bool = False
    callbacks: bool = False
    cancels: bool = False
    charges_moderated: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """One model of one provider. `durations_s`: whole seconds, ascending. `since`: of its standing.

    `region`: where it computes, None where its provider does not say. `safety_max`: the loosest setting of a project
    that its provider bears. `tier`: of our account there, from 1.

    `references`: the most of each role; `required`: roles without which it makes nothing.
    `silent`, `sounding`: whether it makes pictures without, and with sound of their own.
    """

    provider: str
    name: str
    kind: Kind
    price: Price
    terms: Terms
    prompt_max: int
    prompt_unit: PromptUnit = PromptUnit.CHARACTERS
    shapes: tuple[Shape, ...] = ()
    durations_s: tuple[int, ...] = ()
    takes_seed: bool = False
    silent: bool = True
    sounding: bool = False
    references: Mapping[Role, int] = field(default_factory=dict)
    required: frozenset[Role] = frozenset()
    needs_voice: bool = False
    reference_bytes_max: int | None = None
    standing: Standing = Standing.ACTIVE
    since: date | None = None
    region: str | None = None
    safety_max: Safety = Safety.STANDARD
    tier: int = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """`asked` and `offered` as people read them."""

    field: Field
    asked: str
    offered: str


@dataclass(frozen=True, slots=True)
class Fit:
    """What a model would make of it, and the most that it may charge."""

    model: Model
    shape: Shape | None
    duration_s: int | None
    seed: int | None
    audio: bool
    most_microcredits: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why not: every reason, not only the first."""

    model: Model
    refusals: tuple[Difference, ...]
