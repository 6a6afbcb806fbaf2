"""Rows of `intents`, the paid calls to providers, and of `provider_deliveries`, the callbacks that were heard.

No rules: what follows from an answer is decided in `services.generation.providers.intents`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from storage.postgres import Connection, Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewIntent:
    """What `add` writes. `item`: which of the calls of its step, from 0."""

    id: UUID
    run_id: UUID
    step: str
    item: int
    provider: str
    model: str
    kind: str
    duration_s: int | None
    digest: str
    most_microcredits: int


@dataclass(frozen=True, slots=True)
class IntentRow:
    """One paid call. `cost_microcredits` None: not known, or not yet; `failure` and `result` as JSON."""

    id: UUID
    run_id: UUID
    step: str
    item: int
    provider: str
    model: str
    kind: str
    duration_s: int | None
    digest: str
    state: str
    task: str | None
    most_microcredits: int
    cost_microcredits: int | None
    failure: dict[str, Any] | None
    result: dict[str, Any] | None
    created_at: datetime
    changed_at: datetime
    looked_at: datetime | None


async def standing_of_item(connection: Connection, run_id: UUID, step: str, item: int, digest: str) -> IntentRow | None:
    """The open one, else the one that has succeeded with this digest; None: there is neither.

    Holds the run's row until the end of the transaction, so that nobody adds one meanwhile.
    """
    await connection.execute(_QUERIES["lock_run"], run_id)
    return _maybe(await connection.fetchrow(_QUERIES["standing_of_item"], run_id, step, item, digest))


async def add(connection: Connection, new: NewIntent) -> IntentRow:
    """Raises `asyncpg.UniqueViolationError` while one of the same item is open."""
    row = await connection.fetchrow(
        _QUERIES["add"],
        new.id,
        new.run_id,
        new.step,
        new.item,
        new.provider,
        new.model,
        new.kind,
        new.duration_s,
        new.digest,
        new.most_microcredits,
    )
    assert row is not None
    return _intent(row)


async def of_id(executor: Executor, id: UUID) -> IntentRow | None:
    """None when there is none."""
    return _maybe(await executor.fetchrow(_QUERIES["of_id"], id))


async def of_run(executor: Executor, run_id: UUID) -> list[IntentRow]:
    """Oldest first."""
    return [_intent(row) for row in await executor.fetch(_QUERIES["of_run"], run_id)]


async def of_ids(executor: Executor, ids: Sequence[UUID]) -> list[IntentRow]:
    """Those that are there, oldest first."""
    return [_intent(row) for row in await executor.fetch(_QUERIES["of_ids"], list(ids))]


async def of_task(executor: Executor, provider: str, task: str) -> IntentRow | None:
    """Of those that are under way. None also where a name fits more than one."""
    rows = await executor.fetch(_QUERIES["of_task"], provider, task)
    return _intent(rows[0]) if len(rows) == 1 else None


async def submitted(connection: Connection, id: UUID, task: str, most_microcredits: int) -> IntentRow | None:
    """None: it has come further already."""
    return _maybe(await connection.fetchrow(_QUERIES["submitted"], id, task, most_microcredits))


async def unknown(connection: Connection, id: UUID, failure: Mapping[str, Any]) -> IntentRow | None:
    """None: it is not waiting for its answer any more."""
    return _maybe(await connection.fetchrow(_QUERIES["unknown"], id, json.dumps(failure)))


async def ended(
    connection: Connection,
    id: UUID,
    state: str,
    cost_microcredits: int | None,
    failure: Mapping[str, Any] | None,
    result: Mapping[str, Any] | None,
    came_from: Sequence[str],
) -> IntentRow | None:
    """None: it is in no state of `came_from`."""
    said = (None if value is None else json.dumps(value) for value in (failure, result))
    return _maybe(await connection.fetchrow(_QUERIES["ended"], id, state, cost_microcredits, *said, list(came_from)))


async def left_behind(executor: Executor, again_s: float, limit_rows: int) -> list[IntentRow]:
    """Calls that have not ended though what they were made for has; each again after `again_s`."""
    rows = await executor.fetch(_QUERIES["left_behind"], timedelta(seconds=again_s), limit_rows)
    return [_intent(row) for row in rows]


async def forsake(executor: Executor, after: timedelta, failure: Mapping[str, Any]) -> list[IntentRow]:
    """Those whose answer nobody has heard for so long are unknown now."""
    return [_intent(row) for row in await executor.fetch(_QUERIES["forsake"], after, json.dumps(failure))]


async def deliver(executor: Executor, provider: str, delivery: str) -> bool:
    """False: it was heard before."""
    return await executor.fetchval(_QUERIES["deliver"], provider, delivery) is not None


async def forget_deliveries(executor: Executor, after: timedelta) -> None:
    """Those that are too old to be believed anyway."""
    await executor.execute(_QUERIES["forget_deliveries"], after)


def _maybe(row: asyncpg.Record | None) -> IntentRow | None:
    return None if row is None else _intent(row)


def _intent(row: asyncpg.Record) -> IntentRow:
    said = {name: None if row[name] is None else json.loads(row[name]) for name in ("failure", "result")}
    return IntentRow(**{**row, **said})
