"""The router as a worker uses it: decide, open the lane, admit the call, tell what came of it.

The decision itself is pure (`route.py`). What follows a setback is too (`fallback.py`): a step that falls back asks
again, one turn further.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.generation.providers.capabilities import Fit
from services.generation.providers.port import Failed, FailureKind, Refused
from services.generation.routing import sentences
from services.generation.routing.facts import facts_of
from services.generation.routing.fallback import Setback
from services.generation.routing.health import Admitted, ModelHealth, fault_of
from services.generation.routing.journal import Journal, Place
from services.generation.routing.lanes import Lanes, lane_of
from services.generation.routing.metrics import RoutingMetrics
from services.generation.routing.model import Ask, Budget, Candidate, Health, ModelId, Policy
from services.generation.routing.reasons import Stage
from services.generation.routing.route import route
from storage.breakers import Breakers
from storage.postgres import store_away
from storage.tables.routes import RouteRow


@dataclass(frozen=True, slots=True)
class Routed:
    """A decision that is kept. `chosen` None: nobody was left; `lane` is where the call's step takes a place.

    `heals`: nobody was left, but those who would do are only left alone for a while.
    """

    id: UUID
    chosen: Candidate | None
    lane: str | None
    sentence: str
    waits: bool
    heals: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call that may be made, small enough for a step's memo. `is_probe`: others wait for what comes of it."""

    route_id: UUID
    model: ModelId
    lane: str
    is_probe: bool


class Router:
    """Raises `StoreAway` where PostgreSQL is away; without Redis every model is taken for well."""

    def __init__(self, pool: asyncpg.Pool, breakers: Breakers, metrics: RoutingMetrics) -> None:
        self._pool = pool
        self._breakers = breakers
        self._metrics = metrics
        self._health = ModelHealth(breakers, metrics)
        self._lanes = Lanes(pool, metrics)
        self.journal = Journal(pool)

    # Before a call -----------------------------------------------------------------------------------------

    async def decide(
        self,
        place: Place,
        ask: Ask,
        candidates: Sequence[Candidate],
        *,
        tenant: UUID,
        policy: Policy,
        budget: Budget,
    ) -> Routed:
        """Once a turn: whoever asks again, after a crash too, gets what was decided first."""
        known = await self.journal.known(place)
        if known is not None:
            return self._again(known, candidates, tenant)
        facts = await facts_of(self._pool, self._breakers, ask, candidates, tenant=tenant, policy=policy, budget=budget)
        decision = route(ask, candidates, facts)
        lane = None
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                route_id = await self.journal.write(connection, place, ask, facts, decision)
                if route_id is not None and decision.chosen is not None:
                    lane = await self._lanes.open(connection, decision.chosen.id, tenant, decision.chosen.places_max)
        if route_id is None:  # another worker was faster
            known = await self.journal.known(place)
            assert known is not None
            return self._again(known, candidates, tenant)
        of = decision.chosen.id if decision.chosen else ModelId("", "")
        self._metrics.decisions.labels(of.provider, of.model, decision.reason.value).inc()
        heals = decision.chosen is None and decision.emptied_by is Stage.HEALTH
        return Routed(route_id, decision.chosen, lane, decision.sentence, decision.waits, heals)

    async def admit(self, routed: Routed) -> Call | Health:
        """Right before the call. `Health`: the model has failed meanwhile; decide the next turn without it."""
        assert routed.chosen is not None and routed.lane is not None
        admitted = await self._health.admit(routed.chosen.id)
        if isinstance(admitted, Admitted):
            return Call(routed.id, routed.chosen.id, routed.lane, admitted.is_probe)
        return admitted

    # After it ----------------------------------------------------------------------------------------------

    async def taken(self, call: Call) -> None:
        """The provider took the task. Told while its step still runs."""
        await self._health.tell(call.model, None, is_probe=call.is_probe)
        await self._lanes.succeeded(call.lane)

    async def put_off(self, call: Call, began_ago_s: float, retry_after_s: float | None = None) -> None:
        """The task was taken, but waits for others of ours (`Throttled`)."""
        await self._lanes.throttled(call.lane, began_ago_s, retry_after_s)

    async def set_back(self, call: Call, setback: Setback, began_ago_s: float) -> None:
        """What `next_after` is asked about. `began_ago_s`: since the submission."""
        await self._health.tell(call.model, setback, is_probe=call.is_probe)
        if isinstance(setback, (Refused, Failed)) and setback.failure.kind is FailureKind.THROTTLED:
            await self._lanes.throttled(call.lane, began_ago_s, setback.failure.retry_after_s)

    async def finished(self, call: Call, took_s: float) -> None:
        """There is a result. `took_s`: since the submission."""
        await self.journal.took(call.route_id, took_s)

    async def failed(self, call: Call, setback: Setback) -> None:
        """The turn is over without a result."""
        await self.journal.failed(call.route_id, fault_of(setback))

    # ---------------------------------------------------------------------------------------------------------

    def _again(self, known: RouteRow, candidates: Sequence[Candidate], tenant: UUID) -> Routed:
        if known.provider is None or known.model is None:
            heals = any(each["stage"] == Stage.HEALTH for each in known.judged)
            return Routed(known.id, None, None, known.sentence, known.waits, heals)
        model = ModelId(known.provider, known.model)
        chosen = next((each for each in candidates if each.id == model and isinstance(each.offer, Fit)), None)
        if chosen is None:  # an account was taken away, or what it can has changed
            return Routed(known.id, None, None, sentences.gone(model), known.waits)
        return Routed(known.id, chosen, lane_of(model, tenant), known.sentence, known.waits)
