"""What the shots of a final would cost before anybody pays: who would be asked first, and who could be asked at all.

Pure: the router's own decision, shot after shot, each with what those before it leave of the budget. Nothing is held,
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

FactsOf = Callable[[int], Facts]
"""Of a shot, by its index: without a budget, which is counted here."""


@dataclass(frozen=True, slots=True)
class ShotCost:
    """One shot: what was decided for it, and what the holder pays, in micro-credits; 0 where nobody is left.

    `least`, `most`: of all that may be asked. `likely`: of the first choice.
    """

    seconds: Fraction
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
    """Of a run. `possible`: every shot has somebody who may make it within what is left."""

    shots: tuple[ShotCost, ...]
    models: tuple[ModelCost, ...]

    @property
    def possible(self) -> bool:
        return all(shot.decision.chosen is not None for shot in self.shots)

    @property
    def least(self) -> int:
        return sum(shot.least for shot in self.shots)

    @property
    def likely(self) -> int:
        return sum(shot.likely for shot in self.shots)

    @property
    def most(self) -> int:
        return sum(shot.most for shot in self.shots)


def costing(ask: Ask, shots: Sequence[tuple[Fraction, Sequence[Candidate]]], facts_of: FactsOf, room: Room) -> Costing:
    """`shots`: (length in seconds, who could make it). `room`: what may still be spent on all of them."""
    costs: list[ShotCost] = []
    left = room.left
    for index, (seconds, candidates) in enumerate(shots):
        facts = replace(facts_of(index), budget=_budget(Room(left, room.by)))
        cost = _of_shot(seconds, route(ask, candidates, facts))
        left = max(0, left - cost.likely)
        costs.append(cost)
    return Costing(tuple(costs), _by_model([cost.decision for cost in costs]))


def _budget(room: Room) -> Callable[[int], Short | None]:
    return lambda price: None if room.fits(price_of(price)) else Short(room.name, room.left)


def _of_shot(seconds: Fraction, decision: Decision) -> ShotCost:
    prices = [price_of(each.candidate.price_microcredits) for each in decision.judged if each.stage in CHOOSABLE]
    likely = 0 if decision.chosen is None else price_of(decision.chosen.price_microcredits)
    return ShotCost(seconds, decision, min(prices, default=0), likely, max(prices, default=0))


def _by_model(decisions: Sequence[Decision]) -> tuple[ModelCost, ...]:
    """Those that may make most of the shots first, of equals the cheaper ones."""
    judged: dict[ModelId, list[Judged]] = {}
    for decision in decisions:
        for each in decision.judged:
            judged.setdefault(each.candidate.id, []).append(each)
    costs = [_of_model(id, each) for id, each in judged.items()]
    return tuple(sorted(costs, key=lambda cost: (-cost.shots, cost.price, cost.id)))


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
