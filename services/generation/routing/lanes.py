"""The lanes in which paid calls run: one an account and model, within it one a tenant; they learn from what comes back.

Shared by all workers: rows that a claim of steps reads. The rules are in `limits.py`.
"""

from collections.abc import Callable, Collection, Mapping
from uuid import UUID

import asyncpg

from services.generation.routing.limits import Limit, after_success, after_throttle, with_ceiling
from services.generation.routing.metrics import RoutingMetrics
from services.generation.routing.model import Load, ModelId
from storage.postgres import Connection, store_away
from storage.tables import lanes
from storage.tables.lanes import LaneRow


def lane_of(model: ModelId, tenant: UUID) -> str:
    """Where a step of this tenant takes a place while it calls this model."""
    return f"{account_lane(model)}/{tenant}"


def account_lane(model: ModelId) -> str:
    """What all tenants take places in: the studio's account at the provider."""
    return str(model)


async def loads(pool: asyncpg.Pool, models: Collection[ModelId], tenant: UUID) -> Mapping[ModelId, Load]:
    """How full each is for this tenant: of his lane and the account's the fuller one. Unopened ones have room.

    Raises `StoreAway`.
    """
    names = [name for model in models for name in (account_lane(model), lane_of(model, tenant))]
    with store_away():
        there = {row.lane: row for row in await lanes.read(pool, names)}
    found: dict[ModelId, Load] = {}
    for model in models:
        rows = [there[name] for name in (account_lane(model), lane_of(model, tenant)) if name in there]
        if rows:
            fullest = min(rows, key=lambda row: row.places - row.running)
            held_s = max(0.0, *(row.held_until - row.now for row in rows))
            found[model] = Load(fullest.running, fullest.places, held_s)
    return found


def _account_of(lane: str) -> str:
    """A model's own name may have slashes, a tenant's has none."""
    return lane.rpartition("/")[0]


class Lanes:
    """Raises `StoreAway`."""

    def __init__(self, pool: asyncpg.Pool, metrics: RoutingMetrics) -> None:
        self._pool = pool
        self._metrics = metrics

    async def open(self, connection: Connection, model: ModelId, tenant: UUID, ceiling: int) -> str:
        """The lane for a step of this tenant. `ceiling`: the documented number of our tier, heeded when it changes."""
        account, lane = account_lane(model), lane_of(model, tenant)
        there = {row.lane: row for row in await lanes.read(connection, [account, lane])}
        for name, within in ((account, None), (lane, account)):
            if name not in there:
                await lanes.open_lane(connection, name, within, ceiling)
        if any(row.ceiling != ceiling for row in there.values()):
            for row in await lanes.lock(connection, list(there)):
                await _write(connection, row, with_ceiling(_limit(row), ceiling))
        return lane

    async def succeeded(self, lane: str) -> None:
        """A call in it was taken and not put off; told while its step still runs."""
        await self._learn(lane, lambda row, limit: after_success(limit, row.running))

    async def throttled(self, lane: str, began_ago_s: float, retry_after_s: float | None) -> None:
        """A call that began so long ago was put off. A tenant's lane that is not full is not to blame."""

        def learnt(row: LaneRow, limit: Limit) -> Limit:
            if row.within is not None and row.running < row.places:
                return limit
            held_s = retry_after_s if row.within is None else None
            return after_throttle(limit, row.running, row.now - began_ago_s, row.now, held_s)

        provider, _, model = _account_of(lane).partition("/")
        self._metrics.throttles.labels(provider, model).inc()
        await self._learn(lane, learnt)

    async def _learn(self, lane: str, learnt: Callable[[LaneRow, Limit], Limit]) -> None:
        """Locks only where something changes: a lane at its ceiling is told of every success."""
        names = [_account_of(lane), lane]
        with store_away():
            rows = await lanes.read(self._pool, names)
            if all(learnt(row, _limit(row)) == _limit(row) for row in rows):
                return
            async with self._pool.acquire() as connection, connection.transaction():
                for row in await lanes.lock(connection, names):
                    await _write(connection, row, learnt(row, _limit(row)))


def _limit(row: LaneRow) -> Limit:
    assert row.ceiling is not None, f"the places of {row.lane} are set, not learnt"
    return Limit(row.places, row.ceiling, row.knee, row.streak, row.probes_after, row.halved_at, row.held_until)


async def _write(connection: Connection, row: LaneRow, limit: Limit) -> None:
    if limit != _limit(row):
        await lanes.learn(
            connection,
            row.lane,
            places=limit.places,
            ceiling=limit.ceiling,
            knee=limit.knee,
            streak=limit.streak,
            probes_after=limit.probes_after,
            halved_at=limit.halved_at,
            held_until=limit.held_until,
        )
