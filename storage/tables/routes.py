"""Rows of `routes`, what came of them (`route_observations`), and what that taught: `model_speeds`, `model_records`.

No rules: who is chosen is decided in `services.generation.routing`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from storage.postgres import Connection, Executor
from storage.sql import load

_QUERIES = load(__file__)

ModelKey = tuple[str, str]
"""(provider, model)"""


@dataclass(frozen=True, slots=True)
class NewRoute:
    """What `add` writes. `provider`, `model`, `shape` and `price_microcredits` are None where nobody was left."""

    id: UUID
    project_id: UUID
    run_id: UUID
    step: str
    turn: int
    purpose: str
    weights_version: int
    provider: str | None
    model: str | None
    shape: str | None
    price_microcredits: int | None
    reason: str
    sentence: str
    waits: bool
    explored: bool
    asked: Mapping[str, Any]
    judged: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One decision. `came`: by kind of observation its value and fault."""

    id: UUID
    run_id: UUID
    step: str
    turn: int
    purpose: str
    weights_version: int
    provider: str | None
    model: str | None
    price_microcredits: int | None
    reason: str
    sentence: str
    waits: bool
    explored: bool
    asked: dict[str, Any]
    judged: list[dict[str, Any]]
    created_at: datetime
    came: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Observed:
    """Of which model something was observed."""

    provider: str
    model: str
    shape: str
    purpose: str


@dataclass(frozen=True, slots=True)
class SpeedRow:
    mean_s: float
    deviation_s: float
    count: int


@dataclass(frozen=True, slots=True)
class RecordRow:
    """Also what `count` adds."""

    shown: int = 0
    picked: int = 0
    scored: int = 0
    score: float = 0.0
    failed: int = 0


async def add(connection: Connection, route: NewRoute) -> bool:
    """False when this turn of the step was decided already."""
    added = await connection.fetchval(
        _QUERIES["add"],
        route.id,
        route.project_id,
        route.run_id,
        route.step,
        route.turn,
        route.purpose,
        route.weights_version,
        route.provider,
        route.model,
        route.shape,
        route.price_microcredits,
        route.reason,
        route.sentence,
        route.waits,
        route.explored,
        json.dumps(route.asked),
        json.dumps(route.judged),
    )
    return added is not None


async def of_turn(executor: Executor, run_id: UUID, step: str, turn: int) -> RouteRow | None:
    """None where nothing was decided yet."""
    row = await executor.fetchrow(_QUERIES["of_turn"], run_id, step, turn)
    return None if row is None else _route(row, {})


async def of_run(executor: Executor, run_id: UUID) -> list[RouteRow]:
    """In the order in which they were made."""
    return [_route(row, json.loads(row["came"])) for row in await executor.fetch(_QUERIES["of_run"], run_id)]


async def observe(
    connection: Connection, route_id: UUID, kind: str, value: float | None = None, fault: str | None = None
) -> Observed | None:
    """None when that was known already, or there is no such route with a model."""
    row = await connection.fetchrow(_QUERIES["observe"], route_id, kind, value, fault)
    return None if row is None else Observed(**row)


async def lock_speed(connection: Connection, of: Observed) -> SpeedRow:
    """Until the end of the transaction; with a count of 0 where nothing was measured yet."""
    key = (of.provider, of.model, of.shape)
    await connection.execute(_QUERIES["begin_speed"], *key)
    row = await connection.fetchrow(_QUERIES["lock_speed"], *key)
    assert row is not None
    return SpeedRow(**row)


async def write_speed(connection: Connection, of: Observed, speed: SpeedRow) -> None:
    """Of a row that is locked."""
    key = (of.provider, of.model, of.shape)
    await connection.execute(_QUERIES["write_speed"], *key, speed.mean_s, speed.deviation_s, speed.count)


async def speeds(executor: Executor, shapes: Sequence[tuple[ModelKey, str]]) -> dict[ModelKey, SpeedRow]:
    """Of those that were measured, for results of these shapes."""
    providers, models = [key[0] for key, _ in shapes], [key[1] for key, _ in shapes]
    rows = await executor.fetch(_QUERIES["speeds"], providers, models, [shape for _, shape in shapes])
    return {(row["provider"], row["model"]): SpeedRow(row["mean_s"], row["deviation_s"], row["count"]) for row in rows}


async def count(executor: Executor, of: Observed, more: RecordRow) -> None:
    await executor.execute(
        _QUERIES["count"],
        of.provider,
        of.model,
        of.purpose,
        more.shown,
        more.picked,
        more.scored,
        more.score,
        more.failed,
    )


async def records(executor: Executor, purpose: str, models: Sequence[ModelKey]) -> dict[ModelKey, RecordRow]:
    """Of those of which anything is known."""
    rows = await executor.fetch(_QUERIES["records"], purpose, [key[0] for key in models], [key[1] for key in models])
    return {
        (row["provider"], row["model"]): RecordRow(
            row["shown"], row["picked"], row["scored"], row["score"], row["failed"]
        )
        for row in rows
    }


def _route(row: asyncpg.Record, came: dict[str, dict[str, Any]]) -> RouteRow:
    return RouteRow(
        id=row["id"],
        run_id=row["run_id"],
        step=row["step"],
        turn=row["turn"],
        purpose=row["purpose"],
        weights_version=row["weights_version"],
        provider=row["provider"],
        model=row["model"],
        price_microcredits=row["price_microcredits"],
        reason=row["reason"],
        sentence=row["sentence"],
        waits=row["waits"],
        explored=row["explored"],
        asked=json.loads(row["asked"]),
        judged=json.loads(row["judged"]),
        created_at=row["created_at"],
        came=came,
    )
