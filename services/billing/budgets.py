"""Budgets of a project as its owners set them. They are kept where something is held: `holds.py`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.billing.errors import BudgetUnfit
from services.billing.model import BudgetWarning, checked_amount
from services.projects.model import Entropy, time_ordered
from storage.postgres import Connection
from storage.tables import budgets as rows
from storage.tables.budgets import Budget, BudgetRow
from sync import ids

BUDGETS_MAX = 250
"""Of a project: one for each of its members, and some. Error: `BudgetUnfit`."""


def events_of(warnings: Sequence[BudgetWarning], user_id: UUID) -> list[tuple[str, dict[str, Any]]]:
    """For `storage.events.append_events`, last in the transaction that holds: its lock is the last of the order.

    `user_id`: for whom it was held. Everybody in the project hears it, so no amounts are told.
    """
    by = ids.to_text("usr", user_id)
    return [
        ("budget", {"scope": warning.scope, "period": warning.period, "percent": warning.percent, "by": by})
        for warning in warnings
    ]


def applying(budgets: Sequence[BudgetRow], user_id: UUID) -> list[BudgetRow]:
    """Those that hold for this user: the one of a person stands in for the one of each person."""
    own = {row.budget.period for row in budgets if row.budget.person_id == user_id}
    return [
        row
        for row in budgets
        if row.budget.person_id == user_id
        or (row.budget.person_id is None and not (row.budget.scope == "person" and row.budget.period in own))
    ]


async def put(
    connection: Connection, project_id: UUID, budgets: Sequence[Budget], now: datetime, entropy: Entropy
) -> None:
    """These and no others. Raises `BudgetUnfit`, `AmountUnfit`."""
    if len(budgets) > BUDGETS_MAX:
        raise BudgetUnfit(f"A project has at most {BUDGETS_MAX} budgets.", BUDGETS_MAX)
    if len({(each.scope, each.person_id, each.period) for each in budgets}) < len(budgets):
        raise BudgetUnfit("Two of these budgets are on the same.")
    await rows.lock_project(connection, project_id)
    kept: list[UUID] = []
    for budget in budgets:
        checked_amount(budget.cap)
        if budget.person_id is not None and budget.scope != "person":
            raise BudgetUnfit("Only a budget of a person names one.")
        if budget.scope == "run" and budget.period == "month":
            raise BudgetUnfit("A budget of each run is for all of the run, and not for a month.")
        budget_id = time_ordered(now.timestamp(), entropy)
        try:
            kept.append(await rows.put(connection, budget_id, project_id, budget))
        except asyncpg.ForeignKeyViolationError as error:
            raise BudgetUnfit("There is no such person.") from error
    await rows.keep_only(connection, project_id, kept)
