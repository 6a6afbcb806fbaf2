"""What the ledger says of a holder in a span of time: what was there before, what moved, and what it was for."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class TotalRow:
    """All movements of one kind together, in micro-credits."""

    kind: str
    amount: int
    lines: int


@dataclass(frozen=True, slots=True)
class SpentRow:
    """`title`: None where the project is gone, or not for who asks."""

    project_id: UUID
    title: str | None
    spent: int
    saved: int


@dataclass(frozen=True, slots=True)
class LineRow:
    """One movement. `id` rises with time; `amount`: into the wallet, or out of it as less than zero."""

    id: int
    at: datetime
    kind: str
    amount: int
    project_id: UUID | None
    title: str | None
    run_id: UUID | None
    user_id: UUID | None
    name: str | None
    detail: dict[str, Any]


async def balance_before(executor: Executor, holder_id: UUID, moment: datetime) -> int:
    """What the holder had, held or not."""
    return int(await executor.fetchval(_QUERIES["balance_before"], holder_id, moment))


async def totals(executor: Executor, holder_id: UUID, since: datetime, until: datetime) -> list[TotalRow]:
    """By kind."""
    rows = await executor.fetch(_QUERIES["totals"], holder_id, since, until)
    return [TotalRow(row["kind"], row["amount"], row["lines"]) for row in rows]


async def projects(executor: Executor, holder_id: UUID, since: datetime, until: datetime) -> list[SpentRow]:
    """Where most was spent first."""
    rows = await executor.fetch(_QUERIES["projects"], holder_id, since, until)
    return [SpentRow(row["project_id"], row["title"], row["spent"], row["saved"]) for row in rows]


async def lines(
    executor: Executor, holder_id: UUID, since: datetime, until: datetime, after: int, limit_rows: int
) -> list[LineRow]:
    """Oldest first, those behind `after`."""
    rows = await executor.fetch(_QUERIES["lines"], holder_id, since, until, after, limit_rows)
    return [
        LineRow(
            row["id"],
            row["at"],
            row["kind"],
            row["amount"],
            row["project_id"],
            row["title"],
            row["run_id"],
            row["user_id"],
            row["name"],
            json.loads(row["detail"]),
        )
        for row in rows
    ]
