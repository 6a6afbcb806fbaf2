"""Rows of `user_identities`: who of our users a provider's subject is.

Whether two are the same person is decided in `services/users/openid`.
"""

from uuid import UUID

from storage.postgres import Connection, Executor
from storage.sql import load
from storage.tables.users import UserRow

_QUERIES = load(__file__)


async def user_of_identity(executor: Executor, issuer: str, subject: str) -> UserRow | None:
    """None when that subject has never signed in."""
    row = await executor.fetchrow(_QUERIES["user_of_identity"], issuer, subject)
    return None if row is None else UserRow(row["id"], row["email"], row["name"], row["colour"])


async def lock_identity(connection: Connection, issuer: str, subject: str) -> None:
    """Until the end of the transaction: two first sign-ins of one person make one user."""
    await connection.execute(_QUERIES["lock_identity"], issuer, subject)


async def add_identity(connection: Connection, issuer: str, subject: str, user_id: UUID) -> None:
    """Raises `asyncpg.UniqueViolationError` when that subject has a user already."""
    await connection.execute(_QUERIES["add_identity"], issuer, subject, user_id)
