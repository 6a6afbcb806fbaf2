"""What the router is asked, what it knows, and what it answers; values only.

Prices are the most that a call may charge, in micro-credits. Nothing here looks at a clock.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from services.generation.providers.capabilities import Difference, Fit, Standing, Unfit
from services.generation.routing.reasons import Reason, Stage
from services.projects.settings import Safety

PLACES_UNPUBLISHED = 8
"""At once, of a model whose provider publishes no number."""


class ModelId(NamedTuple):
    """A model of a provider, as registries and tables spell them."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"


class Purpose(StrEnum):
    """What a result is for: it decides what counts."""

    DRAFT = "draft"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model, and what it would make of what is wanted, or why it cannot (`negotiate`).

    `expected_s`: how long it is said to take, until that has been measured. `region`: where it computes; None: unknown.
    `safety_max`: the loosest setting of a project that its provider bears. `tier`: of our account there, from 1.
    """

    offer: Fit | Unfit
    title: str
    expected_s: float
    region: str | None = None
    safety_max: Safety = Safety.STANDARD
    tier: int = 1

    @property
    def id(self) -> ModelId:
        return ModelId(self.offer.model.provider, self.offer.model.name)

    @property
    def standing(self) -> Standing:
        return self.offer.model.standing

    @property
    def price_microcredits(self) -> int:
        """The most that it may charge; 0 for what it cannot make."""
        return self.offer.most_microcredits if isinstance(self.offer, Fit) else 0

    @property
    def places_max(self) -> int:
        """How many of its tasks may run at once by its provider's word."""
        tiers = self.offer.model.terms.tiers
        return tiers[min(self.tier, len(tiers)) - 1] if tiers else PLACES_UNPUBLISHED

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What it bends, or what it cannot."""
        return self.offer.differences if isinstance(self.offer, Fit) else self.offer.refusals


@dataclass(frozen=True, slots=True)
class Policy:
    """The owner's rules. Names are `provider` or `provider/model`; None: all. `deny` is stronger than `allow`.

    `named`: the only ones that whoever asks wants, out of those.
    """

    allow: frozenset[str] | None = None
    deny: frozenset[str] = frozenset()
    regions: frozenset[str] | None = None
    named: frozenset[str] | None = None

    def denies(self, model: ModelId) -> bool:
        return _is_among(model, self.deny)

    def allows(self, model: ModelId) -> bool:
        return self.allow is None or _is_among(model, self.allow)

    def wants(self, model: ModelId) -> bool:
        return self.named is None or _is_among(model, self.named)

    def narrowed(self, names: Collection[str]) -> "Policy":
        """Of those that it allows only these; none named: as it is."""
        return replace(self, named=frozenset(names)) if names else self


def _is_among(model: ModelId, names: Collection[str]) -> bool:
    return model.provider in names or str(model) in names


@dataclass(frozen=True, slots=True)
class Ask:
    """What a step needs of a model. `step_key` decides what is left to chance, so a replay is routed alike.

    `pinned`: a person named the model. `tried`: models on which this step has failed for good. `explores`: it may be
    the lot of a model that is to be known better.
    """

    step_key: str
    purpose: Purpose
    safety: Safety = Safety.STANDARD
    pinned: ModelId | None = None
    price_max_microcredits: int | None = None
    tried: frozenset[ModelId] = frozenset()
    explores: bool = True


@dataclass(frozen=True, slots=True)
class Short:
    """A budget that the price does not fit. `budget`: its name for people."""

    budget: str
    left_microcredits: int


Budget = Callable[[int], Short | None]
"""Would this many micro-credits fit? None: yes."""


def no_budget(price_microcredits: int) -> Short | None:
    """Where nobody counts."""
    return None


@dataclass(frozen=True, slots=True)
class Health:
    """Of a model that takes no calls now. `fault`: the class of what it failed with. `probing`: one call is trying."""

    fault: str
    retry_after_s: float
    probing: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """How full a model's lane is. `held_s`: for so long the provider asked for nothing more."""

    running: int
    places: int
    held_s: float = 0.0

    @property
    def is_full(self) -> bool:
        return self.held_s > 0 or self.running >= self.places


@dataclass(frozen=True, slots=True)
class Speed:
    """Exponentially weighted: seconds that results of this kind and size took, and how far they lie apart."""

    mean_s: float
    deviation_s: float
    count: int


@dataclass(frozen=True, slots=True)
class Record:
    """How a model's results did: `shown` to people, `picked` by them, `score` the sum of `scored` measures (0..1)."""

    shown: int = 0
    picked: int = 0
    scored: int = 0
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at this moment. Who is not in `health` is well, who is not in `load` has room."""

    policy: Policy = Policy()
    budget: Budget = no_budget
    health: Mapping[ModelId, Health] = field(default_factory=dict)
    load: Mapping[ModelId, Load] = field(default_factory=dict)
    speeds: Mapping[ModelId, Speed] = field(default_factory=dict)
    records: Mapping[ModelId, Record] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Score:
    """Each part 0..1, more is better; `total` is their weighted sum, less what the weights take off."""

    cost: float
    speed: float
    quality: float
    total: float
    expected_s: float


@dataclass(frozen=True, slots=True)
class Judged:
    """One candidate and what became of it. `score` is there from the ranking on."""

    candidate: Candidate
    stage: Stage
    reason: Reason
    sentence: str
    score: Score | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`judged`: the chosen one first, then the others by rank, then those who fell out, who came furthest first.

    `chosen` None: nobody was left, and `emptied_by` is the stage at which the last fell out. `waits`: all who may are
    full, so the step waits for a place. `explored`: it is not the best, but one that is to be known better.
    """

    chosen: Candidate | None
    reason: Reason
    sentence: str
    weights_version: int
    waits: bool
    explored: bool
    emptied_by: Stage | None
    judged: tuple[Judged, ...]
