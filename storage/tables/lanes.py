"""Rows of `lanes`: how many steps run in each at once, and what that was learnt from.

No rules: what a lane learns is decided in `services.generation.routing.limits`; a claim (`steps.sql`) heeds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.postgres import Connection, Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class LaneRow:
    """`within`: a lane that it lies in, whose places it uses too. `ceiling` None: its places are set, not learnt.

    `running`: steps in it and in those within it. `now`, `halved_at`, `held_until`: seconds since 1970 by the database,
    0 for never.
    """

    lane: str
    within: str | None
    places: int
    ceiling: int | None
    knee: int | None
    streak: int
    probes_after: int
    halved_at: float
    held_until: float
    now: float
    running: int


async def set_places(executor: Executor, lane: str, places: int) -> None:
    """How many steps of the lane run at once; a lane without a row has no limit."""
    await executor.execute(_QUERIES["set_places"], lane, places)


async def open_lane(executor: Executor, lane: str, within: str | None, ceiling: int) -> None:
    """With all the places that it may have; one that is there stays as it is."""
    await executor.execute(_QUERIES["open"], lane, within, ceiling)


async def read(executor: Executor, lanes: Sequence[str]) -> list[LaneRow]:
    """Those that are there, by name."""
    return [LaneRow(**row) for row in await executor.fetch(_QUERIES["read"], list(lanes))]


async def lock(connection: Connection, lanes: Sequence[str]) -> list[LaneRow]:
    """Until the end of the transaction."""
    await connection.execute(_QUERIES["lock"], list(lanes))
    return await read(connection, lanes)


async def learn(
    connection: Connection,
    lane: str,
    *,
    places: int,
    ceiling: int,
    knee: int | None,
    streak: int,
    probes_after: int,
    halved_at: float,
    held_until: float,
) -> None:
    """What a locked lane has learnt."""
    await connection.execute(
        _QUERIES["learn"], lane, places, ceiling, knee, streak, probes_after, halved_at, held_until
    )
