"""Rows of `steps` and `shares`: what runs consist of, who holds what, who was served how often. Lanes: `lanes.py`.

No rules: which step follows which is decided in `services.runs`.
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

CLAIM_WAIT_MS = 3_000
"""For other claims. Each takes about a millisecond."""
TENANTS_LOOKED_AT = 64
"""Of those who wait, the least served: a claim costs as much with ten thousand tenants as with a hundred."""
REUSE = timedelta(days=30)
"""For how long a finished step answers for others with its key."""


@dataclass(frozen=True, slots=True)
class NewStep:
    """What `add` writes."""

    name: str
    kind: str
    needs: Sequence[str]
    params: Mapping[str, Any]
    lane: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step. `epoch` is its fence; `memo`: what it keeps from one turn to the next, or what it asks.

    `layer`: of the caches, the one that its output came from; None where it was made.
    """

    run_id: UUID
    name: str
    kind: str
    needs: tuple[str, ...]
    params: dict[str, Any]
    tenant: UUID
    lane: str
    priority: int
    state: str
    key: str | None
    memo: dict[str, Any] | None
    output: dict[str, Any] | None
    error: dict[str, Any] | None
    epoch: int
    attempt: int
    lease_owner: str | None
    lease_until: datetime | None
    reused_from: UUID | None
    layer: str | None
    created_at: datetime
    ready_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ring:
    """What a worker is told: somewhere near this there is something to do."""

    run_id: UUID
    name: str
    epoch: int
    after_s: float = 0.0


async def add(connection: Connection, run_id: UUID, tenant: UUID, priority: int, steps: Sequence[NewStep]) -> None:
    """Waiting, all of them."""
    rows = [
        (run_id, step.name, step.kind, list(step.needs), json.dumps(step.params), tenant, step.lane, priority)
        for step in steps
    ]
    await connection.executemany(_QUERIES["add"], rows)


async def of_run(executor: Executor, run_id: UUID) -> list[StepRow]:
    """In the order in which they were added."""
    return [_step(row) for row in await executor.fetch(_QUERIES["of_run"], run_id)]


async def claim(connection: Connection, owner: str, lease_s: float, ageing_s: float) -> StepRow | None:
    """Whose turn it is; None when nobody waits, or all lanes are full. Holds up other claims until the commit."""
    await connection.execute(_QUERIES["lock_claims"], f"{CLAIM_WAIT_MS}ms")
    lease = timedelta(seconds=lease_s)
    while True:
        row = await connection.fetchrow(_QUERIES["claim"], TENANTS_LOOKED_AT, ageing_s, owner, lease)
        if row is not None:
            return _step(row)
        if not await connection.fetch(_QUERIES["rest_tenants"], TENANTS_LOOKED_AT):
            return None


async def begin_run(connection: Connection, run_id: UUID, attempt: int, *, again: bool) -> bool:
    """False when it has ended or was cancelled."""
    return await connection.fetchval(_QUERIES["begin_run"], run_id, attempt, again) is not None


async def rest_run(executor: Executor, run_id: UUID) -> None:
    """Queued again if nobody is at any step of it."""
    await executor.execute(_QUERIES["rest_run"], run_id)


async def renew(executor: Executor, run_id: UUID, name: str, epoch: int, lease_s: float) -> bool:
    """False when the step is no longer this epoch's, or its run is to end."""
    return await executor.fetchval(_QUERIES["renew"], run_id, name, epoch, timedelta(seconds=lease_s)) is not None


async def is_held(connection: Connection, run_id: UUID, name: str, epoch: int) -> bool:
    """Until the end of the transaction. Its run's row comes first (consistency.md C9)."""
    return bool(await connection.fetchval(_QUERIES["held"], run_id, name, epoch))


async def finish(
    connection: Connection, run_id: UUID, name: str, output: Mapping[str, Any], layer: str | None = None
) -> None:
    await connection.execute(_QUERIES["finish"], run_id, name, json.dumps(output), layer)


async def withdraw(connection: Connection, run_id: UUID, name: str) -> None:
    """Its output is nobody else's."""
    await connection.execute(_QUERIES["withdraw"], run_id, name)


async def reusable(connection: Connection, tenant: UUID, key: str, run_id: UUID, name: str) -> StepRow | None:
    """Another step of the tenant with this key that is done, lately, or on its way, and that the run may use."""
    found = await connection.fetchrow(_QUERIES["reuse"], tenant, key, run_id, name, REUSE)
    if found is None:
        return None
    (row,) = [step for step in await of_run(connection, found["run_id"]) if step.name == found["name"]]
    return row


async def is_made(executor: Executor, tenant: UUID, key: str) -> bool:
    """Whether the tenant has it, or it is being made."""
    return bool(await executor.fetchval(_QUERIES["is_made"], tenant, key))


async def waiting(executor: Executor, most: int) -> int:
    """How many steps wait for a worker, and no more than `most`."""
    return int(await executor.fetchval(_QUERIES["waiting"], most))


async def copy(
    connection: Connection, run_id: UUID, name: str, key: str, output: Mapping[str, Any], source: UUID
) -> None:
    await connection.execute(_QUERIES["copy"], run_id, name, key, json.dumps(output), source)


async def follow(connection: Connection, run_id: UUID, name: str, key: str) -> None:
    await connection.execute(_QUERIES["follow"], run_id, name, key)


async def ready(connection: Connection, step: StepRow, key: str) -> None:
    await connection.execute(_QUERIES["ready"], step.run_id, step.name, key)
    await connection.execute(_QUERIES["wait"], step.tenant)


async def followers(executor: Executor, tenant: UUID, key: str) -> list[UUID]:
    """Runs that wait for what this key stands for."""
    return [row["run_id"] for row in await executor.fetch(_QUERIES["followers"], tenant, key)]


async def lone_followers(executor: Executor, limit_rows: int) -> list[UUID]:
    """Runs that wait for what nobody makes any more."""
    return [row["run_id"] for row in await executor.fetch(_QUERIES["lone_followers"], limit_rows)]


async def later(
    connection: Connection,
    run_id: UUID,
    name: str,
    wait_s: float,
    memo: Mapping[str, Any],
    lane: str | None = None,
    *,
    keeps_place: bool = False,
) -> None:
    """`lane` None: the same as before."""
    wait = timedelta(seconds=wait_s)
    await connection.execute(_QUERIES["later"], run_id, name, wait, json.dumps(memo), lane, keeps_place)


async def park(connection: Connection, run_id: UUID, name: str, memo: Mapping[str, Any]) -> None:
    await connection.execute(_QUERIES["park"], run_id, name, json.dumps(memo))


async def lock_step(connection: Connection, run_id: UUID, name: str) -> StepRow | None:
    """Until the end of the transaction."""
    row = await connection.fetchrow(_QUERIES["parked"], run_id, name)
    return None if row is None else _step(row)


async def hand_back(
    executor: Executor,
    run_id: UUID,
    name: str,
    epoch: int,
    *,
    wait_s: float,
    keep_attempt: bool,
    error: Mapping[str, Any] | None,
) -> bool:
    """Anybody's again, after `wait_s`. `keep_attempt`: the attempt counts all the same."""
    spelled = None if error is None else json.dumps(error)
    back = 0 if keep_attempt else 1
    wait = timedelta(seconds=wait_s)
    return await executor.fetchval(_QUERIES["hand_back"], run_id, name, epoch, wait, back, spelled) is not None


async def fail(connection: Connection, run_id: UUID, name: str, error: Mapping[str, Any]) -> None:
    await connection.execute(_QUERIES["fail"], run_id, name, json.dumps(error))


async def end_all(connection: Connection, run_id: UUID) -> None:
    """Nothing more of the run is done."""
    await connection.execute(_QUERIES["end_all"], run_id)


async def afresh(connection: Connection, run_id: UUID) -> None:
    """All of it waits again, and nobody else relies on what it had."""
    await connection.execute(_QUERIES["distrust"], run_id)
    await connection.execute(_QUERIES["afresh"], run_id)


async def lapse(executor: Executor, limit_rows: int) -> list[UUID]:
    """Runs whose steps lost their worker."""
    return [row["run_id"] for row in await executor.fetch(_QUERIES["lapse"], limit_rows)]


async def due(executor: Executor, again_s: float, limit_rows: int) -> list[Ring]:
    """Steps that wait for a worker, marked as rung."""
    await executor.execute(_QUERIES["wait_again"])
    rows = await executor.fetch(_QUERIES["due"], timedelta(seconds=again_s), limit_rows)
    return [Ring(row["run_id"], row["name"], row["epoch"]) for row in rows]


async def hasten(connection: Connection, run_id: UUID, name: str) -> Ring | None:
    """Due now, if it was put off; None where it was not."""
    epoch = await connection.fetchval(_QUERIES["hasten"], run_id, name)
    return None if epoch is None else Ring(run_id, name, epoch)


def _step(row: asyncpg.Record) -> StepRow:
    def parsed(name: str) -> Any:
        return None if row[name] is None else json.loads(row[name])

    return StepRow(
        run_id=row["run_id"],
        name=row["name"],
        kind=row["kind"],
        needs=tuple(row["needs"]),
        params=parsed("params"),
        tenant=row["tenant"],
        lane=row["lane"],
        priority=row["priority"],
        state=row["state"],
        key=row["key"],
        memo=parsed("memo"),
        output=parsed("output"),
        error=parsed("error"),
        epoch=row["epoch"],
        attempt=row["attempt"],
        lease_owner=row["lease_owner"],
        lease_until=row["lease_until"],
        reused_from=row["reused_from"],
        layer=row["layer"],
        created_at=row["created_at"],
        ready_at=row["ready_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )
