"""Rows of `refresh_tokens`. A family is all that came one after the other from one sign-in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from storage.postgres import Connection
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class RefreshRow:
    """`used_at`: None for the newest of its family."""

    family: UUID
    user_id: UUID
    client: str
    expires_at: datetime
    used_at: datetime | None


async def add_refresh(
    connection: Connection, token_hash: bytes, family: UUID, user_id: UUID, client: str, expires_at: datetime
) -> None:
    """`token_hash`: sha256 of the token, which is stored nowhere."""
    await connection.execute(_QUERIES["add_refresh"], token_hash, family, user_id, client, expires_at)


async def refresh_of_hash(connection: Connection, token_hash: bytes) -> RefreshRow | None:
    """Locked until the end of the transaction."""
    row = await connection.fetchrow(_QUERIES["refresh_of_hash"], token_hash)
    return None if row is None else RefreshRow(**row)


async def mark_used(connection: Connection, token_hash: bytes) -> None:
    """From now on it is a sign of theft."""
    await connection.execute(_QUERIES["mark_used"], token_hash)


async def end_family(connection: Connection, family: UUID) -> None:
    """None of it is good any more."""
    await connection.execute(_QUERIES["end_family"], family)


async def end_families_of_user(connection: Connection, user_id: UUID) -> None:
    """Of all sign-ins of this user."""
    await connection.execute(_QUERIES["end_families_of_user"], user_id)


async def end_family_of_token(connection: Connection, token_id: UUID) -> None:
    """Of the sign-in from which this access token came."""
    await connection.execute(_QUERIES["end_family_of_token"], token_id)
