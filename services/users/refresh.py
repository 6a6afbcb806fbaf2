"""Refresh tokens: how a device stays signed in with access tokens of an hour. Each is good once (RFC 9700, 4.14).

One that is shown again was stolen, or its thief was faster: the whole family ends, with every access token of it.
"""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import asyncpg

from services.users import audit
from services.users.audit import Action
from services.users.errors import RefreshSpent
from services.users.model import Actor, Role, Scope
from services.users.tokens import Issued, Tokens
from storage.postgres import Connection
from storage.tables import refresh as rows
from storage.tables import tokens as token_rows
from storage.tables import users
from storage.tables.users import UserRow

ACCESS_TTL_S = 3600
REFRESH_TTL_S = 90 * 24 * 3600
"""A device that was off for longer asks for a code again."""
PREFIX = "rft_"
SECRET_BYTES = 32
DEVICE_SCOPE = Scope(Role.VIEWER)
"""A screen in a room is whoever stands before it: it looks, and changes nothing."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What a device gets. `refresh`: for the next time."""

    access: Issued
    refresh: str


class RefreshTokens:
    """`entropy(n)` gives n random bytes."""

    def __init__(
        self, pool: asyncpg.Pool, tokens: Tokens, entropy: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._pool = pool
        self._tokens = tokens
        self._entropy = entropy

    async def begin(self, connection: Connection, user: UserRow, client: str, now: float) -> Granted:
        """The first of a new family, in the transaction of what proved who this is."""
        return await self._grant(connection, user, UUID(bytes=self._entropy(16)), client, now)

    async def renew(self, text: str, client: str, now: float) -> Granted:
        """Raises `RefreshSpent` for one that is over, was used, never was, or is another client's."""
        token_hash = hash_of(text)
        async with self._pool.acquire() as connection, connection.transaction():
            row = await rows.refresh_of_hash(connection, token_hash)
            user = None if row is None else await users.user_of_id(connection, row.user_id)
            if row is not None and row.used_at is not None:
                await self._end(connection, row.family, row.user_id, Action.REFRESH_REUSED)
            elif row is not None and user is not None and row.client == client and row.expires_at.timestamp() > now:
                await rows.mark_used(connection, token_hash)
                return await self._grant(connection, user, row.family, row.client, now)
        raise RefreshSpent(RefreshSpent.__doc__)

    async def end(self, text: str) -> None:
        """Signs the device out (RFC 7009); nothing happens for a token that nobody knows."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await rows.refresh_of_hash(connection, hash_of(text))
            if row is not None:
                await self._end(connection, row.family, row.user_id, Action.SESSION_ENDED)

    async def _grant(self, connection: Connection, user: UserRow, family: UUID, client: str, now: float) -> Granted:
        actor = Actor(user.id, user.name, user.colour, "person", "", DEVICE_SCOPE)
        access = self._tokens.issue_session(actor, now, ACCESS_TTL_S)
        await token_rows.add_issued(connection, access.token_id, user.id, family, access.expires_at)
        text = PREFIX + base64.urlsafe_b64encode(self._entropy(SECRET_BYTES)).rstrip(b"=").decode()
        until = datetime.fromtimestamp(now + REFRESH_TTL_S, UTC)
        await rows.add_refresh(connection, hash_of(text), family, user.id, client, until)
        return Granted(access, text)

    async def _end(self, connection: Connection, family: UUID, user_id: UUID, action: Action) -> None:
        await rows.end_family(connection, family)
        await token_rows.revoke_root_of(connection, family)
        await token_rows.bump_access_of_user(connection, user_id)
        await audit.record(connection, action, actor_id=user_id, id=str(family), how="device")


def hash_of(text: str) -> bytes:
    """What stands in the rows instead of the token."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
