"""Rows of `users`.

Who may do what is in `projects`; which tokens are withdrawn is in `tokens`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)

UserKind = Literal["person", "service", "guest"]


@dataclass(frozen=True, slots=True)
class UserRow:
    """`colour`: `#rrggbb` in lower case. `kind`: person, service or guest; only people have an address."""

    id: UUID
    email: str | None
    name: str
    colour: str
    kind: UserKind = "person"


async def add_user(executor: Executor, user: UserRow) -> None:
    """Raises `asyncpg.UniqueViolationError` when the id or the e-mail address is taken."""
    await executor.execute(_QUERIES["add_user"], user.id, user.email, user.name, user.colour, user.kind)


async def user_of_id(executor: Executor, user_id: UUID) -> UserRow | None:
    """None when there is no such user."""
    row = await executor.fetchrow(_QUERIES["user_of_id"], user_id)
    return None if row is None else _user(row)


async def user_of_email(executor: Executor, email: str) -> UserRow | None:
    """None when there is no such user."""
    row = await executor.fetchrow(_QUERIES["user_of_email"], email)
    return None if row is None else _user(row)


async def change_user(executor: Executor, user_id: UUID, name: str | None, colour: str | None) -> UserRow | None:
    """What is None stays as it is. None when there is no such user."""
    row = await executor.fetchrow(_QUERIES["change_user"], user_id, name, colour)
    return None if row is None else _user(row)


async def user_of_token(executor: Executor, user_id: UUID, token_id: UUID) -> tuple[UserRow, bool] | None:
    """The user, and whether that token was revoked; in one question, because every request asks it."""
    row = await executor.fetchrow(_QUERIES["user_of_token"], user_id, token_id)
    return None if row is None else (_user(row), bool(row["revoked"]))


async def names_of(executor: Executor, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Of those that exist."""
    return {row["id"]: row["name"] for row in await executor.fetch(_QUERIES["names_of"], list(user_ids))}


def _user(row: asyncpg.Record) -> UserRow:
    return UserRow(row["id"], row["email"], row["name"], row["colour"], row["kind"])
