"""Rows of `credit_savings`: what runs did not cost because something was there already. No money moves by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from storage.postgres import Connection, Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewSaving:
    """`what`: a step of the run, or the whole take. `amount`: in micro-credits, above zero."""

    run_id: UUID
    what: str
    layer: str
    holder_kind: str
    holder_id: UUID
    project_id: UUID
    user_id: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class SavingRow:
    """`title`, `name`: None where the project or the person is gone, or not for who asks."""

    id: int
    at: datetime
    layer: str
    what: str
    amount: int
    project_id: UUID
    title: str | None
    run_id: UUID
    name: str | None


async def add(connection: Connection, savings: Sequence[NewSaving]) -> None:
    """Each once, however often it is said."""
    rows = [
        (
            each.run_id,
            each.what,
            each.layer,
            each.holder_kind,
            each.holder_id,
            each.project_id,
            each.user_id,
            each.amount,
        )
        for each in savings
    ]
    await connection.executemany(_QUERIES["add"], rows)


async def of_holder(
    executor: Executor, holder_id: UUID, since: datetime, until: datetime, limit_rows: int
) -> list[SavingRow]:
    """The newest first."""
    rows = await executor.fetch(_QUERIES["of_holder"], holder_id, since, until, limit_rows)
    return [SavingRow(**dict(row)) for row in rows]
