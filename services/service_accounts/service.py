"""Service accounts of a team and their keys: made, listed and taken back by the team's admins.

An account is a member of its team, so it has in each project what the team has; a key may carry less.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from services.projects.model import Entropy, time_ordered
from services.service_accounts.errors import (
    KeyExpiryUnfit,
    KeyOver,
    NoSuchKey,
    NoSuchServiceAccount,
    TooManyAccounts,
    TooManyKeys,
)
from services.teams.service import set_team_member
from services.users import audit
from services.users.access import access_project, access_team
from services.users.api_keys import KEY_PREFIX, SHOWN_CHARS
from services.users.audit import Action
from services.users.errors import Missing
from services.users.model import Actor, Need, Role, TeamRole, checked_name, colour_of
from services.users.secret_text import hash_of_secret, new_secret
from services.users.tokens import CLOCK_LEEWAY_S
from storage.postgres import Connection, Executor, Within
from storage.tables import api_keys as rows
from storage.tables import teams, users
from storage.tables import tokens as token_rows
from storage.tables.api_keys import AccountRow, KeyRow, NewKey
from storage.tables.users import UserRow

ACCOUNTS_MAX = 50
KEYS_MAX = 20
KEYS_LISTED_MAX = 200
KEY_TTL = timedelta(days=90)
"""Unless somebody says otherwise."""
KEY_TTL_MAX = timedelta(days=366)
KEY_ID_PREFIX = "key"


@dataclass(frozen=True, slots=True)
class WantedKey:
    """`project_id` None: in every project of the account. `expires_at` None: after 90 days."""

    name: str
    role_max: Role
    project_id: UUID | None
    expires_at: datetime | None


class ServiceAccounts:
    """Every method takes the actor and checks their role itself. `now`: seconds since 1970."""

    def __init__(self, pool: asyncpg.Pool, entropy: Entropy = secrets.token_bytes) -> None:
        self._pool = pool
        self._entropy = entropy

    async def create(
        self, actor: Actor, team_id: UUID, name: str, within: Within[AccountRow] | None = None
    ) -> AccountRow:
        """`within` runs in the transaction that makes it.

        Raises `NoSuchTeam`, `Forbidden`, `NameUnfit`, `TooManyAccounts`, `TooManyTeamMembers`.
        """
        user_id, known_as = UUID(bytes=self._entropy(16)), checked_name(name)
        async with self._pool.acquire() as connection, connection.transaction():
            await teams.lock_team(connection, team_id)
            await access_team(connection, actor, team_id, TeamRole.ADMIN)
            if await rows.count_accounts(connection, team_id) >= ACCOUNTS_MAX:
                raise TooManyAccounts(TooManyAccounts.__doc__)
            await users.add_user(connection, UserRow(user_id, None, known_as, colour_of(user_id.bytes), "service"))
            await rows.add_account(connection, user_id, team_id, actor.user_id)
            await set_team_member(connection, actor, team_id, user_id, TeamRole.MEMBER)
            await _record(connection, Action.ACCOUNT_CREATED, actor, user_id, team=str(team_id))
            made = await _account(connection, user_id)
            if within is not None:
                await within(connection, made)
            return made

    async def of_team(self, actor: Actor, team_id: UUID) -> list[AccountRow]:
        """By name. Raises `NoSuchTeam`, `Forbidden`."""
        await access_team(self._pool, actor, team_id, TeamRole.ADMIN)
        return await rows.accounts_of_team(self._pool, team_id, ACCOUNTS_MAX)

    async def delete(self, actor: Actor, user_id: UUID) -> None:
        """Its keys are over, its sockets close within a second (P7). Raises `NoSuchServiceAccount`, `Forbidden`."""
        async with self._pool.acquire() as connection, connection.transaction():
            found = await _mine(connection, actor, user_id)
            for key in await rows.keys_of_account(connection, user_id, KEYS_LISTED_MAX):
                await _withdraw(connection, key.id, key.expires_at)
            await teams.bump_access_of_team(connection, found.team_id)
            await teams.remove_team_member(connection, found.team_id, user_id)
            await rows.delete_account(connection, user_id)
            await _record(connection, Action.ACCOUNT_DELETED, actor, user_id, team=str(found.team_id))

    # Keys --------------------------------------------------------------------------------------------------

    async def create_key(
        self,
        actor: Actor,
        user_id: UUID,
        wanted: WantedKey,
        now: float,
        within: Within[tuple[KeyRow, str]] | None = None,
    ) -> tuple[KeyRow, str]:
        """The key's row and the key, which is shown this once. `within` runs in the transaction that makes it.

        Raises `NoSuchServiceAccount`, `NoSuchProject`, `Forbidden`, `NameUnfit`, `KeyExpiryUnfit`, `TooManyKeys`.
        """
        key, key_id = new_secret(KEY_PREFIX, self._entropy), time_ordered(now, self._entropy)
        name, expires_at = checked_name(wanted.name), _checked_expiry(wanted.expires_at, now)
        async with self._pool.acquire() as connection, connection.transaction():
            found = await _mine(connection, actor, user_id)
            await teams.lock_team(connection, found.team_id)
            if wanted.project_id is not None:  # of a project that the asker does not see nobody learns that it exists
                await access_project(connection, actor, wanted.project_id, Need.VIEW)
            if await rows.count_keys(connection, user_id) >= KEYS_MAX:
                raise TooManyKeys(TooManyKeys.__doc__)
            new = NewKey(
                id=key_id,
                user_id=user_id,
                name=name,
                shown=key[:SHOWN_CHARS],
                key_hash=hash_of_secret(key),
                role_max=wanted.role_max.value,
                project_id=wanted.project_id,
                created_by=actor.user_id,
                expires_at=expires_at,
            )
            await rows.add_key(connection, new)
            await _record(connection, Action.KEY_CREATED, actor, user_id, key=str(key_id), role=wanted.role_max.value)
            [row, *_] = await rows.keys_of_account(connection, user_id, 1)
            made = row, key
            if within is not None:
                await within(connection, made)
            return made

    async def keys(self, actor: Actor, user_id: UUID) -> list[KeyRow]:
        """Newest first, those that are over too. Raises `NoSuchServiceAccount`, `Forbidden`."""
        await _mine(self._pool, actor, user_id)
        return await rows.keys_of_account(self._pool, user_id, KEYS_LISTED_MAX)

    async def revoke_key(self, actor: Actor, user_id: UUID, key_id: UUID) -> None:
        """Sockets and document tokens that it opened are over within a second (P7). Raises `NoSuchKey`, `KeyOver`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _mine(connection, actor, user_id)
            keys = {key.id for key in await rows.keys_of_account(connection, user_id, KEYS_LISTED_MAX)}
            if key_id not in keys:
                raise NoSuchKey(NoSuchKey.__doc__)
            expires_at = await rows.revoke_key(connection, key_id)
            if expires_at is None:
                raise KeyOver(KeyOver.__doc__)
            await _withdraw(connection, key_id, expires_at)
            await token_rows.bump_access_of_user(connection, user_id)
            await _record(connection, Action.KEY_REVOKED, actor, user_id, key=str(key_id))


async def _withdraw(connection: Connection, key_id: UUID, expires_at: datetime) -> None:
    """The key as a token, and the document tokens that it was traded for."""
    await token_rows.revoke(connection, key_id, expires_at.timestamp() + CLOCK_LEEWAY_S)
    await token_rows.revoke_root_of(connection, key_id)


async def _mine(executor: Executor, actor: Actor, user_id: UUID) -> AccountRow:
    """Of a team that the actor administers. Raises `NoSuchServiceAccount`, `Forbidden`."""
    found = await _account(executor, user_id)
    try:
        await access_team(executor, actor, found.team_id, TeamRole.ADMIN)
    except Missing as error:  # not to say that there is one
        raise NoSuchServiceAccount(NoSuchServiceAccount.__doc__) from error
    return found


async def _account(executor: Executor, user_id: UUID) -> AccountRow:
    found = await rows.account(executor, user_id)
    if found is None:
        raise NoSuchServiceAccount(NoSuchServiceAccount.__doc__)
    return found


async def _record(connection: Connection, action: Action, actor: Actor, user_id: UUID, **detail: audit.Detail) -> None:
    await audit.record(connection, action, actor_id=actor.user_id, user_id=user_id, project_id=None, **detail)


def _checked_expiry(expires_at: datetime | None, now: float) -> datetime:
    """Raises `KeyExpiryUnfit`."""
    today = datetime.fromtimestamp(now, UTC)
    if expires_at is None:
        return today + KEY_TTL
    at = expires_at if expires_at.tzinfo is not None else expires_at.replace(tzinfo=UTC)
    if not timedelta() < at - today <= KEY_TTL_MAX:
        raise KeyExpiryUnfit(KeyExpiryUnfit.__doc__)
    return at
