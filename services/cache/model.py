"""What is asked of the cache, what must be equal, and the two keys of it; pure.

The exact key says "the same request". The partition says "may at all be compared": whatever is in it must be equal
before similarity counts (P13). Vectors are part of neither.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.cache.prompts.lexicon import LEXICON_VERSION
from services.runs.model import canonical

EXACT_TTL_S = 30 * 86_400.0
AHEAD_TTL_S = 86_400.0
SEMANTIC_DAYS = 90
DECISIONS_DAYS = 90
NOMINATED_MAX = 32
"""How many of the nearest the gate looks at. Most of a shot's neighbours are its own near-misses."""
THRESHOLD = 0.82
"""Cosine from which on a take is looked at. Calibrated on one half of the labels, see docs/semantic-cache.md."""
SHADOW_SHARE = 0.01
"""Of accepted offers, what is made anew all the same, so that wrong ones are counted and not guessed."""


class Layer(StrEnum):
    """Where an answer came from."""

    EXACT = "exact"
    SEMANTIC = "semantic"
    COMPONENT = "component"
    AHEAD = "ahead"
    NONE = "none"


class Mode(StrEnum):
    """What a project wants. `SUGGEST`: exact answers, and takes that may be accepted; never one unasked."""

    OFF = "off"
    EXACT = "exact"
    SUGGEST = "suggest"


class Kind(StrEnum):
    """Components: made once, used in many scenes."""

    CHARACTER = "character"
    BACKGROUND = "background"
    VOICE = "voice"


class LookupVerdict(StrEnum):
    """Why a take was offered, or not."""

    OFFERED = "offered"
    DIFFERS = "differs"
    """The nearest say something else."""
    NOTHING_NEAR = "nothing_near"
    UNREADABLE = "unreadable"
    """The prompt is too long to be read."""
    AWAY = "away"
    """The store of vectors did not answer."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`prepares_ahead`: the owner agreed that the next scene may be made before anybody asks for it."""

    mode: Mode = Mode.SUGGEST
    prepares_ahead: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """All that must be equal before two requests may be compared. Versions are part of the texts: `thriller/3`.

    `parameters`: ratio, duration, rate, sound, seed policy, variation, negative prompt. `continuity`: the digest of
    characters, references and the shot before, in their order.
    """

    tenant: UUID
    project: UUID
    stage: str
    model: str
    parameters: Mapping[str, Any]
    brain: str
    beat: str
    continuity: str
    safety: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `inputs`: digests of the outputs that it reads, by name."""

    terms: Terms
    prompt: str
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Equal for equal requests, letter by letter. 64 hexadecimal characters."""
        return _digest("storyforge.cache.exact/1", _plain(self.terms), self.prompt, dict(self.inputs))

    def partition(self, embedder: str) -> str:
        """Equal where prompts may be compared at all. `embedder`: name and version."""
        return _digest("storyforge.cache.partition/1", _plain(self.terms), dict(self.inputs), embedder, LEXICON_VERSION)


@dataclass(frozen=True, slots=True)
class Made:
    """What a request led to. `output`: names media by hash."""

    output: Mapping[str, Any]
    cost_microcredits: int


@dataclass(frozen=True, slots=True)
class Served:
    """An answer. `spent` and `saved`: integers that the ledger can book; what was prepared ahead saves only time."""

    output: Mapping[str, Any]
    layer: Layer
    spent_microcredits: int
    saved_microcredits: int


@dataclass(frozen=True, slots=True)
class FalseHits:
    """Of the offers that were made anew all the same. `at_most`: upper end of the 95 % interval (Wilson)."""

    compared: int
    different: int
    share: float
    at_most: float


def is_shadowed(decision_id: UUID, share: float = SHADOW_SHARE) -> bool:
    """The same for the same decision, on every machine."""
    number = int.from_bytes(hashlib.sha256(decision_id.bytes).digest()[:8])
    return number < share * 2**64


def false_hits(same: int, different: int) -> FalseHits:
    """Without any comparison nothing is known: at most everything."""
    compared = same + different
    if compared == 0:
        return FalseHits(0, 0, 0.0, 1.0)
    share, z = different / compared, 1.96
    middle = share + z * z / (2 * compared)
    reach = z * math.sqrt(share * (1 - share) / compared + z * z / (4 * compared * compared))
    return FalseHits(compared, different, share, min(1.0, (middle + reach) / (1 + z * z / compared)))


def _plain(terms: Terms) -> dict[str, Any]:
    return {**asdict(terms), "tenant": terms.tenant.hex, "project": terms.project.hex}


def _digest(*parts: object) -> str:
    return hashlib.sha256(canonical(list(parts))).hexdigest()
