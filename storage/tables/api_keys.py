"""Rows of `service_accounts` and `api_keys`: a key is found by its hash.

What its holder may do says the view `project_grants` of the schema; that a key carries less, `services/users`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load
from storage.tables.users import UserRow

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class HeldKeyRow:
    """A key as whoever shows it: its holder, and how much it carries."""

    id: UUID
    role_max: str
    project_id: UUID | None
    expires_at: datetime
    used_at: datetime | None
    is_revoked: bool
    user: UserRow


@dataclass(frozen=True, slots=True)
class NewKey:
    """What `add_key` writes. `shown`: how the key begins."""

    id: UUID
    user_id: UUID
    name: str
    shown: str
    key_hash: bytes
    role_max: str
    project_id: UUID | None
    created_by: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as its team sees it."""

    id: UUID
    name: str
    shown: str
    role_max: str
    project_id: UUID | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A program that belongs to a team."""

    user_id: UUID
    team_id: UUID
    created_at: datetime
    name: str


async def key_of_hash(executor: Executor, key_hash: bytes) -> HeldKeyRow | None:
    row = await executor.fetchrow(_QUERIES["key_of_hash"], key_hash)
    if row is None:
        return None
    user = UserRow(row["user_id"], row["email"], row["name"], row["colour"], row["kind"])
    return HeldKeyRow(
        row["id"], row["role_max"], row["project_id"], row["expires_at"], row["used_at"], row["is_revoked"], user
    )


async def mark_used(executor: Executor, key_id: UUID) -> None:
    await executor.execute(_QUERIES["mark_used"], key_id)


async def add_key(executor: Executor, new: NewKey) -> None:
    """Raises `asyncpg.ForeignKeyViolationError` for an unknown account or project."""
    await executor.execute(
        _QUERIES["add_key"],
        new.id,
        new.user_id,
        new.name,
        new.shown,
        new.key_hash,
        new.role_max,
        new.project_id,
        new.created_by,
        new.expires_at,
    )


async def count_keys(executor: Executor, user_id: UUID) -> int:
    """Those that are good."""
    return int(await executor.fetchval(_QUERIES["count_keys"], user_id))


async def keys_of_account(executor: Executor, user_id: UUID, limit_rows: int) -> list[KeyRow]:
    """Newest first."""
    return [
        KeyRow(
            row["id"],
            row["name"],
            row["shown"],
            row["role_max"],
            row["project_id"],
            row["created_at"],
            row["expires_at"],
            row["revoked_at"],
            row["used_at"],
        )
        for row in await executor.fetch(_QUERIES["keys_of_account"], user_id, limit_rows)
    ]


async def revoke_key(executor: Executor, key_id: UUID) -> datetime | None:
    """When it would have ended; None when it was revoked before."""
    at: datetime | None = await executor.fetchval(_QUERIES["revoke_key"], key_id)
    return at


async def add_account(executor: Executor, user_id: UUID, team_id: UUID, created_by: UUID) -> None:
    """The user and its place in the team come in the same transaction."""
    await executor.execute(_QUERIES["add_account"], user_id, team_id, created_by)


async def count_accounts(executor: Executor, team_id: UUID) -> int:
    return int(await executor.fetchval(_QUERIES["count_accounts"], team_id))


async def accounts_of_team(executor: Executor, team_id: UUID, limit_rows: int) -> list[AccountRow]:
    """By name."""
    return [_account(row) for row in await executor.fetch(_QUERIES["accounts_of_team"], team_id, limit_rows)]


async def account(executor: Executor, user_id: UUID) -> AccountRow | None:
    row = await executor.fetchrow(_QUERIES["account"], user_id)
    return None if row is None else _account(row)


async def delete_account(executor: Executor, user_id: UUID) -> None:
    """With its keys; the user stays, because what it did is its."""
    await executor.execute(_QUERIES["delete_account"], user_id)


def _account(row: asyncpg.Record) -> AccountRow:
    return AccountRow(row["user_id"], row["team_id"], row["created_at"], row["name"])
