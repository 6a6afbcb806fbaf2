"""Decisions as they are kept, and what came of them: the router's memory.

A decision is written once a turn of a step; an observation is counted once, however often it is told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from services.generation.providers.capabilities import Fit, Kind
from services.generation.routing import sentences
from services.generation.routing.model import Ask, Candidate, Decision, Facts, Judged, ModelId, Policy, Record, Speed
from services.generation.routing.rank import after_result
from services.generation.routing.reasons import Reason
from storage.postgres import Connection, Executor, store_away
from storage.tables import routes
from storage.tables.routes import NewRoute, RecordRow, RouteRow, SpeedRow


@dataclass(frozen=True, slots=True)
class Place:
    """Which step asks. `turn`: of its models, from 1: one more after every fall back."""

    project_id: UUID
    run_id: UUID
    step: str
    turn: int = 1


def shape_of(fit: Fit) -> str:
    """What results are alike in the time that they take: `5s 720p`, `1024p`, `text`."""
    parts = [] if fit.duration_s is None else [f"{fit.duration_s}s"]
    if fit.shape is not None:
        parts.append(f"{min(fit.shape.width, fit.shape.height)}p")
    return " ".join(parts) if parts and fit.model.kind in (Kind.VIDEO, Kind.IMAGE) else fit.model.kind.value


async def of_run(executor: Executor, run_id: UUID) -> list[RouteRow]:
    """Every decision that was made for it, the oldest first. Raises `StoreAway`."""
    with store_away():
        return await routes.of_run(executor, run_id)


def without_balances(row: RouteRow) -> RouteRow:
    """As whoever may not spend reads it: what is left of a budget is not told."""
    sentence, judged = row.sentence, []
    for each in row.judged:
        if each["reason"] == Reason.BUDGET_SHORT.value:
            untold = sentences.budget_short_untold(each["title"])
            sentence = sentence.replace(each["sentence"], untold)
            each = {**each, "sentence": untold}
        judged.append(each)
    return replace(row, sentence=sentence, judged=judged)


class Journal:
    """Raises `StoreAway`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    # Decisions ---------------------------------------------------------------------------------------------

    async def known(self, place: Place) -> RouteRow | None:
        """What this turn was decided already."""
        with store_away():
            return await routes.of_turn(self._pool, place.run_id, place.step, place.turn)

    async def write(
        self, connection: Connection, place: Place, ask: Ask, facts: Facts, decision: Decision
    ) -> UUID | None:
        """Its id; None when another worker has decided the turn."""
        chosen = decision.chosen
        fit = None if chosen is None or not isinstance(chosen.offer, Fit) else chosen.offer
        route = NewRoute(
            id=uuid4(),
            project_id=place.project_id,
            run_id=place.run_id,
            step=place.step,
            turn=place.turn,
            purpose=ask.purpose.value,
            weights_version=decision.weights_version,
            provider=None if chosen is None else chosen.id.provider,
            model=None if chosen is None else chosen.id.model,
            shape=None if fit is None else shape_of(fit),
            price_microcredits=None if chosen is None else chosen.price_microcredits,
            reason=decision.reason.value,
            sentence=decision.sentence,
            waits=decision.waits,
            explored=decision.explored,
            asked=_asked(ask, facts.policy),
            judged=[_judged(each, facts) for each in decision.judged],
        )
        return route.id if await routes.add(connection, route) else None

    # What is known of models -------------------------------------------------------------------------------

    async def speeds(self, candidates: Collection[Candidate]) -> Mapping[ModelId, Speed]:
        """Of results like the one that each would make."""
        shapes = [(each.id, shape_of(each.offer)) for each in candidates if isinstance(each.offer, Fit)]
        with store_away():
            found = await routes.speeds(self._pool, shapes)
        return {ModelId(*key): Speed(row.mean_s, row.deviation_s, row.count) for key, row in found.items() if row.count}

    async def records(self, ask: Ask, candidates: Collection[Candidate]) -> Mapping[ModelId, Record]:
        """For this purpose."""
        with store_away():
            found = await routes.records(self._pool, ask.purpose.value, [each.id for each in candidates])
        return {ModelId(*key): Record(row.shown, row.picked, row.scored, row.score) for key, row in found.items()}

    # What came of it ---------------------------------------------------------------------------------------

    async def took(self, route_id: UUID, seconds: float) -> None:
        """From the submission to the output, and nothing of our own waiting."""
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                of = await routes.observe(connection, route_id, "took", seconds)
                if of is None:
                    return
                row = await routes.lock_speed(connection, of)
                before = Speed(row.mean_s, row.deviation_s, row.count) if row.count else None
                after = after_result(before, seconds)
                await routes.write_speed(connection, of, SpeedRow(after.mean_s, after.deviation_s, after.count))

    async def failed(self, route_id: UUID, fault: str) -> None:
        """This turn ended without a result."""
        await self._count(route_id, "failed", RecordRow(failed=1), fault=fault)

    async def shown(self, route_id: UUID) -> None:
        """People could pick it among others."""
        await self._count(route_id, "shown", RecordRow(shown=1))

    async def picked(self, route_id: UUID) -> None:
        """They did. Also told of what was never told to be shown."""
        await self._count(route_id, "shown", RecordRow(shown=1))
        await self._count(route_id, "picked", RecordRow(picked=1))

    async def scored(self, route_id: UUID, score: float) -> None:
        """0..1, by whatever measures results."""
        assert 0.0 <= score <= 1.0
        await self._count(route_id, "scored", RecordRow(scored=1, score=score), value=score)

    async def _count(
        self, route_id: UUID, kind: str, more: RecordRow, *, value: float | None = None, fault: str | None = None
    ) -> None:
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                of = await routes.observe(connection, route_id, kind, value, fault)
                if of is not None:
                    await routes.count(connection, of, more)


# As JSON -----------------------------------------------------------------------------------------------------


def _asked(ask: Ask, policy: Policy) -> dict[str, Any]:
    return {
        "step_key": ask.step_key,
        "safety": ask.safety.value,
        "pinned": None if ask.pinned is None else str(ask.pinned),
        "price_max_microcredits": ask.price_max_microcredits,
        "tried": sorted(map(str, ask.tried)),
        "allow": None if policy.allow is None else sorted(policy.allow),
        "deny": sorted(policy.deny),
        "regions": None if policy.regions is None else sorted(policy.regions),
        "named": None if policy.named is None else sorted(policy.named),
    }


def _judged(judged: Judged, facts: Facts) -> dict[str, Any]:
    """One candidate with everything that was known of it."""
    candidate, score = judged.candidate, judged.score
    id = candidate.id
    speed, record, load = facts.speeds.get(id), facts.records.get(id), facts.load.get(id)
    return {
        "provider": id.provider,
        "model": id.model,
        "title": candidate.title,
        "stage": judged.stage.value,
        "reason": judged.reason.value,
        "sentence": judged.sentence,
        "differences": _differences(candidate),
        "price_microcredits": candidate.price_microcredits,
        "score": None
        if score is None
        else {
            "cost": score.cost,
            "speed": score.speed,
            "quality": score.quality,
            "total": score.total,
            "expected_s": score.expected_s,
        },
        "measured": None if speed is None else {"mean_s": round(speed.mean_s, 3), "count": speed.count},
        "record": None
        if record is None
        else {"shown": record.shown, "picked": record.picked, "scored": record.scored, "score": record.score},
        "load": None if load is None else {"running": load.running, "places": load.places, "held_s": load.held_s},
    }


def _differences(candidate: Candidate) -> Sequence[Mapping[str, str]]:
    return [{"field": each.field.value, "asked": each.asked, "offered": each.offered} for each in candidate.differences]
