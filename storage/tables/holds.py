"""Rows of `credit_holds`, and the counters that budgets look at. What may be held is decided in `services/billing`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from storage.postgres import Connection, Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewHold:
    """`holder_*`: whose wallet; `amount` in micro-credits; `period`: the month that it is counted in, `2026-11`."""

    id: UUID
    key: str
    holder_kind: str
    holder_id: UUID
    project_id: UUID
    user_id: UUID
    run_id: UUID | None
    amount: int
    period: str
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class HoldRow(NewHold):
    """`actual`: what it came to, None unless it is settled. `saved`: what it would have cost more without a cache."""

    state: str
    actual: int | None
    saved: int
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counter:
    """What budgets count together. `person_id`: `EVERYBODY` or one; `period`: a month or `always`."""

    subject_id: UUID
    person_id: UUID
    period: str


EVERYBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class NearRow:
    """A budget of which more than four fifths are used; `id` is None for a wallet's own cap a month."""

    id: UUID | None
    scope: str
    person_id: UUID | None
    period: str
    cap: int
    used: int


async def payer(executor: Executor, project_id: UUID) -> tuple[str, UUID, str | None] | None:
    """Kind and id of who pays for the project, and the tier of a user. None when there is no such project."""
    row = await executor.fetchrow(_QUERIES["payer"], project_id)
    return None if row is None else (row["holder_kind"], row["holder_id"], row["tier"])


async def hold_of_key(executor: Executor, key: str) -> HoldRow | None:
    """The one that was made under this key."""
    return _maybe(await executor.fetchrow(_QUERIES["of_key"], key))


async def hold_of_id(executor: Executor, hold_id: UUID) -> HoldRow | None:
    """None when there is none."""
    return _maybe(await executor.fetchrow(_QUERIES["of_id"], hold_id))


async def paid_of_run(executor: Executor, run_id: UUID) -> int:
    """What the holder has paid for it so far, in micro-credits."""
    return int(await executor.fetchval(_QUERIES["paid_of_run"], run_id))


async def lock(connection: Connection, hold_id: UUID) -> HoldRow | None:
    """Until the end of the transaction."""
    return _maybe(await connection.fetchrow(_QUERIES["lock"], hold_id))


async def add(connection: Connection, hold: NewHold) -> HoldRow | None:
    """None when the key is taken."""
    row = await connection.fetchrow(
        _QUERIES["add"],
        hold.id,
        hold.key,
        hold.holder_kind,
        hold.holder_id,
        hold.project_id,
        hold.user_id,
        hold.run_id,
        hold.amount,
        hold.period,
        hold.made_at,
        hold.expires_at,
    )
    return _maybe(row)


async def finish(connection: Connection, hold_id: UUID, state: str, actual: int | None, saved: int) -> HoldRow:
    """The end of one that is open and locked."""
    row = _maybe(await connection.fetchrow(_QUERIES["finish"], hold_id, state, actual, saved))
    assert row is not None
    return row


async def extend(executor: Executor, hold_id: UUID, until: datetime) -> HoldRow | None:
    """Never shortens. None when it is not open."""
    return _maybe(await executor.fetchrow(_QUERIES["extend"], hold_id, until))


async def due(executor: Executor, now: datetime, limit_rows: int) -> list[UUID]:
    """Open ones past their time whose run is not under way."""
    return [row["id"] for row in await executor.fetch(_QUERIES["due"], now, limit_rows)]


async def count(
    connection: Connection, hold: NewHold, counters: Sequence[Counter], wallet_month_cap: int | None
) -> list[NearRow]:
    """Adds the hold to what is used, and says which of its budgets are nearly or more than used up."""
    rows = await connection.fetch(
        _QUERIES["count"],
        *_columns(counters),
        hold.amount,
        hold.project_id,
        hold.user_id,
        hold.run_id,
        hold.holder_id,
        wallet_month_cap,
    )
    return [NearRow(row["id"], row["scope"], row["person_id"], row["period"], row["cap"], row["used"]) for row in rows]


async def uncount(connection: Connection, counters: Sequence[Counter], amount: int) -> None:
    """Takes `amount` of what was counted back."""
    await connection.execute(_QUERIES["uncount"], *_columns(counters), amount)


def _columns(counters: Sequence[Counter]) -> tuple[list[UUID], list[UUID], list[str]]:
    return (
        [counter.subject_id for counter in counters],
        [counter.person_id for counter in counters],
        [counter.period for counter in counters],
    )


def _maybe(row: asyncpg.Record | None) -> HoldRow | None:
    return None if row is None else hold_row(row)


def hold_row(row: asyncpg.Record) -> HoldRow:
    """From all columns."""
    return HoldRow(
        id=row["id"],
        key=row["key"],
        holder_kind=row["holder_kind"],
        holder_id=row["holder_id"],
        project_id=row["project_id"],
        user_id=row["user_id"],
        run_id=row["run_id"],
        amount=row["amount"],
        period=row["period"],
        made_at=row["made_at"],
        expires_at=row["expires_at"],
        state=row["state"],
        actual=row["actual"],
        saved=row["saved"],
        ended_at=row["ended_at"],
    )
