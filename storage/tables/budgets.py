"""Rows of `credit_budgets` and `project_payers`, and what is used of each budget.

Whether something fits a budget is asked where it is held: `holds.py`.
"""

from dataclasses import dataclass
from uuid import UUID

from storage.postgres import Connection, Executor
from storage.sql import load
from storage.tables.holds import Counter, HoldRow, hold_row

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Budget:
    """`scope`: `project`, `person` (each, or `person_id`) or `run` (each). `period`: `month` or `always`."""

    scope: str
    person_id: UUID | None
    period: str
    cap: int


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """`used`: by the person who asks, where it is for each person; 0 where it is for each run."""

    id: UUID
    budget: Budget
    used: int


async def of_project(executor: Executor, project_id: UUID, person_id: UUID, month: str) -> list[BudgetRow]:
    """All of it."""
    rows = await executor.fetch(_QUERIES["of_project"], project_id, person_id, month)
    return [
        BudgetRow(row["id"], Budget(row["scope"], row["person_id"], row["period"], row["cap"]), row["used"])
        for row in rows
    ]


async def put(connection: Connection, budget_id: UUID, project_id: UUID, budget: Budget) -> UUID:
    """Its id, which one that was there keeps. Raises `asyncpg.ForeignKeyViolationError` for an unknown person."""
    arguments = budget_id, project_id, budget.scope, budget.person_id, budget.period, budget.cap
    kept: UUID = await connection.fetchval(_QUERIES["put"], *arguments)
    return kept


async def keep_only(connection: Connection, project_id: UUID, kept: list[UUID]) -> None:
    """Removes the other budgets of the project."""
    await connection.execute(_QUERIES["keep_only"], project_id, kept)


async def used(executor: Executor, counter: Counter) -> int:
    """What is held and spent under this counter."""
    return int(await executor.fetchval(_QUERIES["used"], counter.subject_id, counter.person_id, counter.period))


async def held_of_project(executor: Executor, project_id: UUID) -> int:
    """By all open holds together."""
    return int(await executor.fetchval(_QUERIES["held_of_project"], project_id))


async def holds_of_project(executor: Executor, project_id: UUID, before: UUID | None, limit_rows: int) -> list[HoldRow]:
    """Newest first, those below `before`."""
    return [hold_row(row) for row in await executor.fetch(_QUERIES["holds_of_project"], project_id, before, limit_rows)]


async def lock_project(connection: Connection, project_id: UUID) -> None:
    """So that of two who say what its budgets are one is the last."""
    await connection.execute(_QUERIES["lock_project"], project_id)


async def set_payer(connection: Connection, project_id: UUID, holder_kind: str, holder_id: UUID) -> None:
    """From here on."""
    await connection.execute(_QUERIES["set_payer"], project_id, holder_kind, holder_id)


async def clear_payer(connection: Connection, project_id: UUID) -> None:
    """Its owner pays."""
    await connection.execute(_QUERIES["clear_payer"], project_id)


async def cap_wallet(connection: Connection, holder_id: UUID, cap: int | None) -> None:
    """A month; None: no cap. The wallet is there."""
    await connection.execute(_QUERIES["cap_wallet"], holder_id, cap)


async def tier(executor: Executor, user_id: UUID) -> str | None:
    """Of a person; None for guests and services."""
    found: str | None = await executor.fetchval(_QUERIES["tier"], user_id)
    return found
