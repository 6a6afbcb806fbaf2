"""Rows of `user_identities`: who of our users a provider's subject is.

Whether two are the same person is decided in `services/users/openid`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from storage.postgres import Connection, Executor
from storage.sql import load
from storage.tables.users import UserRow

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """Who a user is at an issuer, and since when we know."""

    issuer: str
    subject: str
    created_at: datetime


async def user_of_identity(executor: Executor, issuer: str, subject: str) -> UserRow | None:
    """None when that subject has never signed in."""
    row = await executor.fetchrow(_QUERIES["user_of_identity"], issuer, subject)
    return None if row is None else UserRow(row["id"], row["email"], row["name"], row["colour"])


async def identities_of_user(executor: Executor, user_id: UUID) -> list[IdentityRow]:
    """Oldest first."""
    return [IdentityRow(**row) for row in await executor.fetch(_QUERIES["identities_of_user"], user_id)]


async def remove_identities(connection: Connection, user_id: UUID, issuer: str) -> list[str]:
    """The subjects of that issuer who were this user."""
    return [row["subject"] for row in await connection.fetch(_QUERIES["remove_identities"], user_id, issuer)]


async def lock_identity(connection: Connection, issuer: str, subject: str) -> None:
    """Until the end of the transaction: two first sign-ins of one person make one user."""
    await connection.execute(_QUERIES["lock_identity"], issuer, subject)


async def add_identity(connection: Connection, issuer: str, subject: str, user_id: UUID) -> None:
    """Raises `asyncpg.UniqueViolationError` when that subject has a user already."""
    await connection.execute(_QUERIES["add_identity"], issuer, subject, user_id)
