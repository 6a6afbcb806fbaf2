"""Signing in a device without a keyboard (RFC 8628): it shows a short code, and somebody who is signed in enters it.

The code can be read across a room: two groups of four letters, no vowels, no letter that looks like another.
"""

import base64
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import asyncpg

from services.users import audit
from services.users.access import require_account
from services.users.audit import Action
from services.users.errors import (
    DeviceCodeOver,
    DeviceDenied,
    DevicePending,
    DeviceTooFast,
    NoSuchUserCode,
    TooManyGuesses,
    UsersError,
)
from services.users.model import Actor
from services.users.refresh import DEVICE_SCOPE, Granted, RefreshTokens, hash_of
from services.users.sessions import start_session
from services.users.tokens import Issued, Tokens
from storage.postgres import Connection
from storage.tables import audit as audit_rows
from storage.tables import devices as rows
from storage.tables import users
from storage.tables.audit import Address
from storage.tables.devices import GrantRow, NewGrant
from storage.tables.users import UserRow

ALPHABET = "BCDFHJKLMPRSTWXZ"
"""16 letters: no vowels, so no words; of G and C, N and M, Q and O, V and W one at most; no digits."""
USER_CODE_CHARS = 8
GRANT_TTL_S = 600
INTERVAL_S = 5
SLOW_DOWN_S = 5
"""More between two questions, each time that a device asks too early (RFC 8628, 3.5)."""
INTERVAL_SLACK_S = 0.5
"""By which a question may come early: networks hurry some and hold up others."""
DEVICE_PREFIX = "dvc_"
DEVICE_BYTES = 32
DEVICE_CHARS_MAX = 60
GUESSES_MAX = 10
GUESSES_WINDOW_S = 600
SESSION_TTL_S = 90 * 24 * 3600
"""Of a page on a screen, which keeps a session and no refresh token."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class DeviceCodes:
    """`device_code` stays in the device, `user_code` is shown: `BCDF-HJKL`."""

    device_code: str
    user_code: str
    ttl_s: int = GRANT_TTL_S
    interval_s: int = INTERVAL_S


@dataclass(frozen=True, slots=True)
class Asking:
    """Which device asks, so that nobody lets in another than the one before them."""

    device: str
    address: Address | None
    asked_at: datetime


class Devices:
    """`entropy(n)` gives n random bytes."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        tokens: Tokens,
        refresh: RefreshTokens,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._pool = pool
        self._tokens = tokens
        self._refresh = refresh
        self._entropy = entropy

    async def begin(self, client: str, device: str, address: str | None, now: float) -> DeviceCodes:
        """`device`: what it calls itself; shown to whoever enters the code."""
        device_code = DEVICE_PREFIX + base64.urlsafe_b64encode(self._entropy(DEVICE_BYTES)).rstrip(b"=").decode()
        asked_at = datetime.fromtimestamp(now, UTC)
        while True:  # until a code that nobody shows: of four thousand million
            user_code = "".join(ALPHABET[byte % len(ALPHABET)] for byte in self._entropy(USER_CODE_CHARS))
            grant = NewGrant(
                device_hash=hash_of(device_code),
                user_code=user_code,
                client=client,
                device=device,
                address=audit.parsed_address(address),
                interval_s=INTERVAL_S,
                asked_at=asked_at,
                expires_at=asked_at + timedelta(seconds=GRANT_TTL_S),
            )
            if await rows.add_grant(self._pool, grant):
                return DeviceCodes(device_code, f"{user_code[:4]}-{user_code[4:]}")

    async def look(self, actor: Actor, user_code: str, now: float) -> Asking:
        """Raises `NoSuchUserCode`, `TooManyGuesses`, `NoAccount`, `ScopeTooNarrow`."""
        return await self._entered(actor, user_code, now, _nothing_more)

    async def decide(self, actor: Actor, user_code: str, is_approved: bool, now: float) -> Asking:
        """Lets the device in as this actor, or sends it away. Raises as `look` does."""

        async def decided(connection: Connection, grant: GrantRow) -> None:
            await rows.decide(connection, grant.device_hash, actor.user_id, is_approved)
            action = Action.DEVICE_APPROVED if is_approved else Action.DEVICE_DENIED
            await audit.record(connection, action, actor_id=actor.user_id, device=grant.device, client=grant.client)

        return await self._entered(actor, user_code, now, decided)

    async def tokens(self, device_code: str, client: str, now: float) -> Granted:
        """For a program. Raises `DevicePending`, `DeviceTooFast`, `DeviceDenied`, `DeviceCodeOver`."""

        async def granted(connection: Connection, user: UserRow) -> Granted:
            given = await self._refresh.begin(connection, user, client, now)
            await audit.record(
                connection, Action.SESSION_OPENED, actor_id=user.id, how="device", id=str(given.access.token_id)
            )
            return given

        return await self._asked(device_code, client, now, granted)

    async def session(self, device_code: str, client: str, now: float) -> Issued:
        """For a page, which keeps it in its cookie. Raises as `tokens` does."""

        async def opened(connection: Connection, user: UserRow) -> Issued:
            actor = Actor(user.id, user.name, user.colour, "person", "", DEVICE_SCOPE)
            _, issued = await start_session(connection, self._tokens, actor, now, "device", SESSION_TTL_S)
            return issued

        return await self._asked(device_code, client, now, opened)

    async def _entered(
        self, actor: Actor, user_code: str, now: float, act: Callable[[Connection, GrantRow], Awaitable[None]]
    ) -> Asking:
        """Wrong codes are counted in the audit log: so every node counts the same, and none forgets at a restart."""
        require_account(actor)
        async with self._pool.acquire() as connection, connection.transaction():
            await rows.lock_guesser(connection, actor.user_id)
            since = datetime.fromtimestamp(now - GUESSES_WINDOW_S, UTC)
            guesses = await audit_rows.count_since(connection, actor.user_id, Action.DEVICE_GUESSED, since)
            if guesses >= GUESSES_MAX:
                raise TooManyGuesses(GUESSES_MAX, GUESSES_WINDOW_S)
            grant = await rows.grant_of_user_code(connection, tidy_code(user_code))
            if grant is not None and grant.is_approved is None and grant.expires_at.timestamp() > now:
                await act(connection, grant)
                return Asking(grant.device, grant.address, grant.asked_at)
            await audit.record(connection, Action.DEVICE_GUESSED, actor_id=actor.user_id)
        raise NoSuchUserCode(NoSuchUserCode.__doc__)

    async def _asked(
        self, device_code: str, client: str, now: float, give: Callable[[Connection, UserRow], Awaitable[Result]]
    ) -> Result:
        device_hash = hash_of(device_code)
        async with self._pool.acquire() as connection, connection.transaction():
            grant = await rows.grant_of_device(connection, device_hash)
            if grant is None or grant.client != client:
                raise DeviceCodeOver(DeviceCodeOver.__doc__)
            refusal = verdict(grant, now)
            if isinstance(refusal, DevicePending):
                more_s = SLOW_DOWN_S if isinstance(refusal, DeviceTooFast) else 0
                await rows.polled(connection, device_hash, datetime.fromtimestamp(now, UTC), grant.interval_s + more_s)
            else:
                await rows.remove_grant(connection, device_hash)
            user = None if grant.user_id is None else await users.user_of_id(connection, grant.user_id)
            if refusal is None and user is not None:
                return await give(connection, user)
        raise refusal or DeviceCodeOver(DeviceCodeOver.__doc__)  # after what was written is kept


def verdict(grant: GrantRow, now: float) -> UsersError | None:
    """What a device is told that asks now; None: come in."""
    if grant.expires_at.timestamp() <= now:
        return DeviceCodeOver(DeviceCodeOver.__doc__)
    if grant.is_approved is not None:
        return None if grant.is_approved else DeviceDenied(DeviceDenied.__doc__)
    if grant.polled_at is not None and now - grant.polled_at.timestamp() < grant.interval_s - INTERVAL_SLACK_S:
        return DeviceTooFast(DeviceTooFast.__doc__)
    return DevicePending(DevicePending.__doc__)


def tidy_code(text: str) -> str:
    """As it is stored: in capitals, without the dash and what else people type between."""
    return "".join(char for char in text.upper() if char.isalnum())[: USER_CODE_CHARS + 1]


async def _nothing_more(connection: Connection, grant: GrantRow) -> None:
    """To look is not to decide."""
