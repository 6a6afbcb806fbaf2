"""How good a candidate is for a purpose: cost, expected time and measured quality, each between 0 and 1; pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from services.generation.providers.capabilities import Standing
from services.generation.routing.model import Candidate, Facts, Record, Score, Speed
from services.generation.routing.weights import Weights

SPEED_SHARE = 0.2
"""How much the newest result moves what is expected."""
SPEED_PRIOR_COUNT = 3
"""So many results outweigh what a model is said to take."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate that passed everything."""

    candidate: Candidate
    score: Score
    is_full: bool


def after_result(speed: Speed | None, took_s: float) -> Speed:
    """With one more result: weighted exponentially, and the mean deviation alike."""
    if speed is None:
        return Speed(took_s, took_s / 2, 1)
    error = took_s - speed.mean_s
    deviation_s = speed.deviation_s + SPEED_SHARE * (abs(error) - speed.deviation_s)
    return Speed(speed.mean_s + SPEED_SHARE * error, deviation_s, speed.count + 1)


def expected_s(candidate: Candidate, speed: Speed | None) -> float:
    """What is said at first, what was measured in the end."""
    if speed is None:
        return candidate.expected_s
    known = speed.count / (speed.count + SPEED_PRIOR_COUNT)
    return known * speed.mean_s + (1 - known) * candidate.expected_s


def quality(record: Record | None, weights: Weights) -> float:
    """A Bayesian mean of what people picked and what was measured: few results say little, whatever they say."""
    told = record or Record()
    good = weights.quality_prior * weights.prior_count + told.picked + told.score
    return good / (weights.prior_count + told.shown + told.scored)


def ranked(candidates: Sequence[Candidate], facts: Facts, weights: Weights) -> list[Ranked]:
    """The best first; of equals the cheaper, then by name, so that one set has one order."""
    if not candidates:
        return []
    seconds = {each.id: expected_s(each, facts.speeds.get(each.id)) for each in candidates}
    cheapest = min(each.price_microcredits for each in candidates)
    quickest_s = min(seconds.values())

    def score(each: Candidate) -> Score:
        unit, unit_s = weights.price_unit_microcredits, weights.time_unit_s
        cost = (cheapest + unit) / (each.price_microcredits + unit)
        speed = (quickest_s + unit_s) / (seconds[each.id] + unit_s)
        liked = quality(facts.records.get(each.id), weights)
        off = weights.bent * len(each.differences) + weights.degraded * (each.standing is Standing.DEGRADED)
        total = weights.cost * cost + weights.speed * speed + weights.quality * liked - off
        return Score(round(cost, 6), round(speed, 6), round(liked, 6), round(total, 6), round(seconds[each.id], 3))

    def is_full(each: Candidate) -> bool:
        load = facts.load.get(each.id)
        return load is not None and load.is_full

    found = [Ranked(each, score(each), is_full(each)) for each in candidates]
    return sorted(found, key=lambda each: (-each.score.total, each.candidate.price_microcredits, each.candidate.id))


def explored(best_first: Sequence[Ranked], facts: Facts, weights: Weights, step_key: str) -> Ranked | None:
    """The least known of those that cost about as much as the best, if it is this step's lot; else None."""
    if len(best_first) < 2 or lot(step_key) >= weights.explored_share:
        return None
    best = best_first[0]
    most = (best.candidate.price_microcredits + weights.price_unit_microcredits) * weights.explored_price_ratio_max
    near = [
        each
        for each in best_first[1:]
        if each.candidate.price_microcredits + weights.price_unit_microcredits <= most
        and each.candidate.standing is not Standing.DEGRADED
    ]
    return min(near, key=lambda each: (_seen(facts, each), each.candidate.id), default=None)


def lot(step_key: str) -> float:
    """0 <= lot < 1, even over keys and the same for one key for ever."""
    drawn = hashlib.sha256(f"storyforge.explore/1:{step_key}".encode()).digest()
    return int.from_bytes(drawn[:6]) / 2**48


def _seen(facts: Facts, each: Ranked) -> int:
    record = facts.records.get(each.candidate.id, Record())
    return record.shown + record.scored
