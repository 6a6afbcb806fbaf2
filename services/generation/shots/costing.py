"""What a final would cost before anybody pays: who would be asked first for each of its parts, and who could be at all.

Pure: the router's own decision, part after part, each with what those before it leave of the budget. Nothing is held,
so a run that begins later may meet another choice; it never pays more than the dearest who may be asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from services.billing.quote import Room, price_of
from services.generation.providers.capabilities import Difference
from services.generation.routing.model import Ask, Candidate, Decision, Facts, Judged, ModelId, Short
from services.generation.routing.reasons import Reason, Stage
from services.generation.routing.route import route

CHOOSABLE = frozenset({Stage.HEALTH, Stage.CAPACITY, Stage.RANK})
"""Who fell out here is not the first choice, and may be asked all the same when the time comes."""


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody else may make: the step that it would be, and who could. `seconds`: of a shot.

    `facts`: of the moment, without a budget, which is counted here.
    """

    step: str
    seconds: Fraction | None
    ask: Ask
    candidates: Sequence[Candidate]
    facts: Facts


@dataclass(frozen=True, slots=True)
class PartCost:
    """What was decided for a part, and what the holder pays, in micro-credits; 0 where nobody is left.

    `least`, `most`: of all that may be asked. `likely`: of the first choice.
    """

    part: Part
    decision: Decision
    least: int
    likely: int
    most: int


@dataclass(frozen=True, slots=True)
class ModelCost:
    """One model over all shots. `shots`: how many it may make. `price`: what the holder pays for those.

    `sentence`: why it is the first choice for some, or why not, and for the others whom it cannot make, why not.
    """

    id: ModelId
    title: str
    shots: int
    price: int
    reason: Reason
    sentence: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Costing:
    """Of a run. `lines`: that somebody else speaks; where nobody is left our own voice does, so only shots decide."""

    shots: tuple[PartCost, ...] = ()
    lines: tuple[PartCost, ...] = ()

    @property
    def possible(self) -> bool:
        """Every shot has somebody who may make it within what is left."""
        return all(shot.decision.chosen is not None for shot in self.shots)

    @property
    def models(self) -> tuple[ModelCost, ...]:
        """Who makes films: those that may make most of the shots first, of equals the cheaper ones."""
        judged: dict[ModelId, list[Judged]] = {}
        for shot in self.shots:
            for each in shot.decision.judged:
                judged.setdefault(each.candidate.id, []).append(each)
        costs = [_of_model(id, each) for id, each in judged.items()]
        return tuple(sorted(costs, key=lambda cost: (-cost.shots, cost.price, cost.id)))

    @property
    def least(self) -> int:
        return sum(part.least for part in (*self.shots, *self.lines))

    @property
    def likely(self) -> int:
        return sum(part.likely for part in (*self.shots, *self.lines))

    @property
    def most(self) -> int:
        return sum(part.most for part in (*self.shots, *self.lines))


def costing(shots: Sequence[Part], lines: Sequence[Part], room: Room) -> Costing:
    """`room`: what may still be spent on all of them."""
    costs: list[PartCost] = []
    left = room.left
    for part in (*shots, *lines):
        facts = replace(part.facts, budget=_budget(Room(left, room.by)))
        cost = _cost(part, route(part.ask, part.candidates, facts))
        left = max(0, left - cost.likely)
        costs.append(cost)
    return Costing(tuple(costs[: len(shots)]), tuple(costs[len(shots) :]))


def _budget(room: Room) -> Callable[[int], Short | None]:
    return lambda price: None if room.fits(price_of(price)) else Short(room.name, room.left)


def _cost(part: Part, decision: Decision) -> PartCost:
    prices = [price_of(each.candidate.price_microcredits) for each in decision.judged if each.stage in CHOOSABLE]
    likely = 0 if decision.chosen is None else price_of(decision.chosen.price_microcredits)
    return PartCost(part, decision, min(prices, default=0), likely, max(prices, default=0))


def _of_model(id: ModelId, judged: Sequence[Judged]) -> ModelCost:
    """Where it falls out of some shots the first of these says why: that is what somebody who chose it would meet."""
    able = [each for each in judged if each.stage in CHOOSABLE]
    telling = next((each for each in judged if each.stage not in CHOOSABLE), judged[0])
    differences = dict.fromkeys(difference for each in able for difference in each.candidate.differences)
    return ModelCost(
        id=id,
        title=telling.candidate.title,
        shots=len(able),
        price=sum(price_of(each.candidate.price_microcredits) for each in able),
        reason=telling.reason,
        sentence=telling.sentence,
        differences=tuple(differences),
    )
