"""The decision: capability, policy, price, budget, health, capacity, rank; each candidate with what became of it. Pure.

The same question with the same facts has the same answer, chance included.
"""

from collections.abc import Callable, Iterable, Sequence

from services.generation.providers.capabilities import Standing, Unfit
from services.generation.routing import sentences
from services.generation.routing.model import Ask, Candidate, Decision, Facts, Judged
from services.generation.routing.rank import Ranked, explored, ranked
from services.generation.routing.reasons import Reason, Stage
from services.generation.routing.weights import CURRENT, VERSIONS
from services.projects.settings import Safety

Fall = tuple[Reason, str]

_LOOSER = (Safety.STRICT, Safety.STANDARD, Safety.MATURE)


def route(ask: Ask, candidates: Iterable[Candidate], facts: Facts, version: int = CURRENT) -> Decision:
    """`version`: of the weights. In whatever order the candidates come."""
    weights = VERSIONS[version][ask.purpose]
    left: list[Candidate] = []
    fallen: list[Judged] = []
    for candidate in sorted(candidates, key=lambda each: each.id):
        judged = _fallen(ask, candidate, facts)
        if judged is None:
            left.append(candidate)
        else:
            fallen.append(judged)
    fallen.sort(key=lambda each: -each.stage.depth)
    best_first = ranked(left, facts, weights)
    if not best_first:
        nearest = _nearest(ask, fallen, facts)
        emptied_by = Stage.CAPABILITY if nearest is None else nearest.stage
        return Decision(
            None, Reason.NOBODY, sentences.nobody(nearest), version, False, False, emptied_by, tuple(fallen)
        )
    return _choose(ask, best_first, fallen, facts, version)


def _choose(ask: Ask, best_first: Sequence[Ranked], fallen: Sequence[Judged], facts: Facts, version: int) -> Decision:
    """Among those who have room; where nobody has, the best waits for a place."""
    weights = VERSIONS[version][ask.purpose]
    free = [each for each in best_first if not each.is_full]
    pool = free or list(best_first)
    taken = explored(pool, facts, weights, ask.step_key) if ask.explores else None
    is_explored = taken is not None
    chosen = taken or pool[0]
    reason = _why(ask, chosen, pool, is_explored)
    sentence = sentences.chosen(reason, chosen, pool, waits=not free)
    judged = [Judged(chosen.candidate, Stage.RANK, reason, sentence, chosen.score)]
    for each in pool:
        if each is not chosen:
            why = sentences.lower(each, chosen)
            judged.append(Judged(each.candidate, Stage.RANK, Reason.LOWER, why, each.score))
    for each in best_first:
        if each not in pool:
            reason_full, why = sentences.full(each.candidate, facts.load[each.candidate.id])
            judged.append(Judged(each.candidate, Stage.CAPACITY, reason_full, why, each.score))
    return Decision(chosen.candidate, reason, sentence, version, not free, is_explored, None, (*judged, *fallen))


def _nearest(ask: Ask, fallen: Sequence[Judged], facts: Facts) -> Judged | None:
    """Who came furthest, of those whom the asker wants if there are any."""
    wanted = [each for each in fallen if _is_wanted(ask, each.candidate, facts)]
    return next(iter(wanted or fallen), None)


def _is_wanted(ask: Ask, candidate: Candidate, facts: Facts) -> bool:
    return facts.policy.wants(candidate.id) and ask.pinned in (None, candidate.id)


def _why(ask: Ask, chosen: Ranked, pool: Sequence[Ranked], is_explored: bool) -> Reason:
    """What an artist would call it."""
    if ask.pinned is not None:
        return Reason.PINNED
    if is_explored:
        return Reason.EXPLORED
    if len(pool) == 1:
        return Reason.ONLY_ONE
    others = [each for each in pool if each is not chosen]
    best_at: list[tuple[Reason, Callable[[Ranked], float]]] = [
        (Reason.BEST_LIKED, lambda each: each.score.quality),
        (Reason.CHEAPEST, lambda each: -each.candidate.price_microcredits),
        (Reason.FASTEST, lambda each: -each.score.expected_s),
    ]
    wins = [reason for reason, by in best_at if all(by(chosen) > by(other) for other in others)]
    return wins[0] if len(wins) == 1 else Reason.BEST_OVERALL


# What makes a candidate fall out ---------------------------------------------------------------------------


def _fallen(ask: Ask, candidate: Candidate, facts: Facts) -> Judged | None:
    """None when it passes all stages before the ranking."""
    if isinstance(candidate.offer, Unfit) and candidate.standing is not Standing.RETIRED:
        return Judged(candidate, Stage.CAPABILITY, Reason.UNFIT, sentences.unfit(candidate))
    filters: Sequence[tuple[Stage, Callable[[Ask, Candidate, Facts], Fall | None]]] = (
        (Stage.POLICY, _policy),
        (Stage.PRICE, _price),
        (Stage.BUDGET, _budget),
        (Stage.HEALTH, _health),
    )
    for stage, falls in filters:
        fall = falls(ask, candidate, facts)
        if fall is not None:
            return Judged(candidate, stage, *fall)
    return None


def _policy(ask: Ask, candidate: Candidate, facts: Facts) -> Fall | None:
    policy = facts.policy
    if candidate.standing is Standing.RETIRED:
        return Reason.RETIRED, sentences.retired(candidate)
    if candidate.id in ask.tried:
        return Reason.TRIED, sentences.tried(candidate)
    if policy.denies(candidate.id):
        return Reason.DENIED, sentences.denied(candidate)
    if not policy.allows(candidate.id):
        return Reason.NOT_ALLOWED, sentences.not_allowed(candidate)
    if ask.pinned is not None and candidate.id != ask.pinned:
        return Reason.NOT_PINNED, sentences.not_pinned(candidate, ask.pinned)
    if not policy.wants(candidate.id):
        return Reason.NOT_NAMED, sentences.not_named(candidate)
    if policy.regions is not None and candidate.region not in policy.regions:
        return Reason.REGION, sentences.region(candidate, policy.regions)
    if _LOOSER.index(ask.safety) > _LOOSER.index(candidate.safety_max):
        return Reason.SAFETY, sentences.safety(candidate, ask.safety)
    return None


def _price(ask: Ask, candidate: Candidate, facts: Facts) -> Fall | None:
    most = ask.price_max_microcredits
    if most is None or candidate.price_microcredits <= most:
        return None
    return Reason.OVER_CAP, sentences.over_cap(candidate, most)


def _budget(ask: Ask, candidate: Candidate, facts: Facts) -> Fall | None:
    short = facts.budget(candidate.price_microcredits)
    return None if short is None else (Reason.BUDGET_SHORT, sentences.budget_short(candidate, short))


def _health(ask: Ask, candidate: Candidate, facts: Facts) -> Fall | None:
    health = facts.health.get(candidate.id)
    if health is None:
        return None
    return (Reason.PROBING if health.probing else Reason.OPEN), sentences.unwell(candidate, health)
