"""Rows of the ledger: accounts, journals and their entries. The database itself keeps the balances, refuses what does
not sum to zero, and changes and removes nothing.

What is moved where is decided in `services/billing`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from storage.postgres import Connection, Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class AccountKey:
    """Which account of whom. `name`: of a provider, else empty."""

    holder_kind: str
    holder_id: UUID
    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """`balance` and `month_cap` in micro-credits."""

    id: int
    key: AccountKey
    balance: int
    month_cap: int | None


@dataclass(frozen=True, slots=True)
class NewJournal:
    """One movement of credits. `key`: what makes it happen once; `user_id`: who caused it; `detail`: plain JSON."""

    key: str
    kind: str
    hold_id: UUID | None = None
    project_id: UUID | None = None
    run_id: UUID | None = None
    user_id: UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proof:
    """What has to be zero, in micro-credits and accounts. `last_id`: how far accounts were recounted; None: no more."""

    imbalance: int
    held_astray: int
    wrong: int
    last_id: int | None


async def lock_accounts(connection: Connection, keys: Sequence[AccountKey]) -> dict[AccountKey, AccountRow]:
    """Until the end of the transaction; those that are not there yet are opened."""
    found = await _locked(connection, keys)
    if len(found) < len(set(keys)):
        columns = (
            [key.holder_kind for key in keys],
            [key.holder_id for key in keys],
            [key.kind for key in keys],
            [key.name for key in keys],
        )
        await connection.execute(_QUERIES["open_accounts"], *columns)
        found = await _locked(connection, keys)
    return found


async def _locked(connection: Connection, keys: Sequence[AccountKey]) -> dict[AccountKey, AccountRow]:
    columns = [key.holder_id for key in keys], [key.kind for key in keys], [key.name for key in keys]
    rows = await connection.fetch(_QUERIES["lock_accounts"], *columns)
    return {row.key: row for row in map(_account, rows)}


async def is_posted(executor: Executor, key: str) -> bool:
    """Whether a journal has this key."""
    return bool(await executor.fetchval(_QUERIES["is_posted"], key))


async def post(connection: Connection, journal: NewJournal, amounts: Mapping[int, int]) -> bool:
    """`amounts`: by account id, all locked. False when somebody has posted it meanwhile.

    What does not sum to zero fails at the commit, what overdraws a wallet at once: `asyncpg.CheckViolationError`.
    """
    posted = await connection.fetch(
        _QUERIES["post"],
        journal.key,
        journal.kind,
        journal.hold_id,
        journal.project_id,
        journal.run_id,
        journal.user_id,
        json.dumps(journal.detail),
        list(amounts),
        list(amounts.values()),
    )
    return bool(posted)


async def accounts_of_holder(executor: Executor, holder_id: UUID) -> list[AccountRow]:
    """All that exist, oldest first."""
    return [_account(row) for row in await executor.fetch(_QUERIES["accounts_of_holder"], holder_id)]


async def by_kind(executor: Executor) -> dict[str, int]:
    """All balances of a kind of account together."""
    return {row["kind"]: row["balance"] for row in await executor.fetch(_QUERIES["by_kind"])}


async def proof(executor: Executor, after_id: int, limit_rows: int) -> Proof:
    """Recounts the entries of at most `limit_rows` accounts behind `after_id`."""
    row = await executor.fetchrow(_QUERIES["proof"], after_id, limit_rows)
    assert row is not None
    return Proof(row["imbalance"], row["held_astray"], row["wrong"], row["last_id"])


def _account(row: asyncpg.Record) -> AccountRow:
    key = AccountKey(row["holder_kind"], row["holder_id"], row["kind"], row["name"])
    return AccountRow(row["id"], key, row["balance"], row["month_cap"])
