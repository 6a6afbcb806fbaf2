"""Share links: made and revoked by a project's owners, opened by whoever has the address and the password.

Whoever is signed in comes as who they are; anybody else as a guest, with a session that ends with the link.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from services.projects.model import time_ordered
from services.shares.errors import (
    LinkOver,
    NoSuchLink,
    PasswordWrong,
    TooManyGuests,
    TooManyLinks,
    TooManyTries,
)
from services.shares.model import (
    GUESTS_MAX,
    LINKS_MAX,
    LISTED_MAX,
    TOKEN_PREFIX,
    TRIES_MAX,
    TRIES_WITHIN,
    Entropy,
    NewShare,
    Same,
    ShareChange,
    checked_expiry,
    checked_label,
)
from services.shares.passwords import Passwords
from services.users import audit
from services.users.access import access_project
from services.users.audit import Action
from services.users.model import Actor, Need, checked_name, colour_of
from services.users.secret_text import hash_of_secret, new_secret
from services.users.tokens import SESSION_TTL_S, Issued, Tokens
from storage.postgres import Connection, Executor, Within
from storage.tables import projects, shares, users
from storage.tables import tokens as token_rows
from storage.tables.shares import GuestRow, LinkRow, NewLink
from storage.tables.users import UserRow


@dataclass(frozen=True, slots=True)
class Opened:
    """Where somebody came in. `session`: of a guest; None for who had one."""

    project_id: UUID
    session: Issued | None


class Shares:
    """`entropy(n)` gives n random bytes. `now`: seconds since 1970."""

    def __init__(self, pool: asyncpg.Pool, tokens: Tokens, entropy: Entropy = secrets.token_bytes) -> None:
        self._pool = pool
        self._tokens = tokens
        self._entropy = entropy
        self._passwords = Passwords(entropy)

    # Owners ------------------------------------------------------------------------------------------------

    async def create(
        self,
        actor: Actor,
        project_id: UUID,
        share: NewShare,
        now: float,
        within: Within[tuple[LinkRow, str]] | None = None,
    ) -> tuple[LinkRow, str]:
        """The link and its token, which is shown this once. `within` runs in the transaction that makes it.

        Raises `LabelUnfit`, `PasswordUnfit`, `ExpiryUnfit`, `TooManyLinks`, `Forbidden`.
        """
        await access_project(self._pool, actor, project_id, Need.ADMIN)  # before a hash is made for anybody
        token = new_secret(TOKEN_PREFIX, self._entropy)
        link = NewLink(
            id=time_ordered(now, self._entropy),
            project_id=project_id,
            label=checked_label(share.label),
            token_hash=hash_of_secret(token),
            password_hash=None if share.password is None else await self._passwords.hash(share.password),
            can_comment=share.can_comment,
            can_download=share.can_download,
            can_approve=share.can_approve,
            created_by=actor.user_id,
            expires_at=checked_expiry(share.expires_at, now),
        )
        async with self._pool.acquire() as connection, connection.transaction():
            await projects.lock_project(connection, project_id)
            await access_project(connection, actor, project_id, Need.ADMIN)
            if await shares.count_links(connection, project_id) >= LINKS_MAX:
                raise TooManyLinks(TooManyLinks.__doc__)
            await shares.add_link(connection, link)
            await _record(connection, Action.LINK_CREATED, actor.user_id, link.id, project_id)
            made = await _of_token(connection, token), token
            if within is not None:
                await within(connection, made)
            return made

    async def links(self, actor: Actor, project_id: UUID) -> list[LinkRow]:
        """Newest first, those that are over too. Raises `Forbidden`."""
        await access_project(self._pool, actor, project_id, Need.ADMIN)
        return await shares.links_of_project(self._pool, project_id, LISTED_MAX)

    async def get(self, actor: Actor, project_id: UUID, link_id: UUID) -> LinkRow:
        """Raises `NoSuchLink`, `Forbidden`."""
        await access_project(self._pool, actor, project_id, Need.ADMIN)
        return await _of_project(self._pool, project_id, link_id)

    async def change(self, actor: Actor, project_id: UUID, link_id: UUID, change: ShareChange, now: float) -> LinkRow:
        """In force for whoever came by it within a second (P7); a password only for whoever comes from now on.

        Raises `NoSuchLink`, `LinkOver` for a revoked one, `LabelUnfit`, `PasswordUnfit`, `ExpiryUnfit`, `Forbidden`.
        """
        found = await self.get(actor, project_id, link_id)
        password_hash = found.password_hash
        if not isinstance(change.password, Same):
            password_hash = None if change.password is None else await self._passwords.hash(change.password)
        ends = found.expires_at
        if not isinstance(change.expires_at, Same):
            ends = checked_expiry(change.expires_at, now)
        label = None if change.label is None else checked_label(change.label)
        flags = (change.can_comment, change.can_download, change.can_approve)
        async with self._pool.acquire() as connection, connection.transaction():
            await projects.lock_project(connection, project_id)
            await access_project(connection, actor, project_id, Need.ADMIN)
            if not await shares.change_link(connection, link_id, label, password_hash, flags, ends):
                raise LinkOver(LinkOver.__doc__)
            await projects.bump_access(connection, project_id)
            await _record(connection, Action.LINK_CHANGED, actor.user_id, link_id, project_id)
            return await _of_project(connection, project_id, link_id)

    async def guests(self, actor: Actor, project_id: UUID, link_id: UUID) -> list[GuestRow]:
        """Who came by it, newest first. Raises `NoSuchLink`, `Forbidden`."""
        await access_project(self._pool, actor, project_id, Need.ADMIN)
        await _of_project(self._pool, project_id, link_id)
        return await shares.guests(self._pool, link_id, GUESTS_MAX)

    async def revoke(self, actor: Actor, project_id: UUID, link_id: UUID) -> None:
        """Its guests lose what it gave them within a second (P7). Raises `NoSuchLink`, `LinkOver`, `Forbidden`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await access_project(connection, actor, project_id, Need.ADMIN)
            await _of_project(connection, project_id, link_id)
            if not await shares.revoke_link(connection, project_id, link_id):
                raise LinkOver(LinkOver.__doc__)
            await projects.bump_access(connection, project_id)
            await _record(connection, Action.LINK_REVOKED, actor.user_id, link_id, project_id)

    # Guests ------------------------------------------------------------------------------------------------

    async def look(self, token: str, now: float) -> LinkRow:
        """For whoever holds the token. Raises `NoSuchLink`, `LinkOver`."""
        return _open(await _of_token(self._pool, token), now)

    async def open(
        self, token: str, password: str | None, name: str | None, visitor: Actor | None, now: float
    ) -> Opened:
        """`visitor`: who is signed in; else `name` is what the guest is called.

        Raises `NoSuchLink`, `LinkOver`, `PasswordWrong`, `TooManyTries`, `NameUnfit`, `TooManyGuests`.
        """
        link = await self.look(token, now)
        known_as = checked_name(name or "") if visitor is None else ""
        await self._check_password(link, password)
        async with self._pool.acquire() as connection, connection.transaction():
            await projects.lock_project(connection, link.project_id)  # a revocation is before this or after it
            link = _open(await _of_token(connection, token), now)
            issued = None
            if visitor is None:
                visitor, issued = await self._new_guest(connection, link, known_as, now)
            if await shares.add_guest(connection, link.id, visitor.user_id):
                if link.guests >= GUESTS_MAX:
                    raise TooManyGuests(TooManyGuests.__doc__)
                await projects.bump_access(connection, link.project_id)
                await _record(connection, Action.LINK_OPENED, visitor.user_id, link.id, link.project_id)
            return Opened(link.project_id, issued)

    async def _check_password(self, link: LinkRow, password: str | None) -> None:
        if link.password_hash is None:
            return
        if password is None:
            raise PasswordWrong(PasswordWrong.__doc__)
        if not await shares.take_try(self._pool, link.id, TRIES_MAX, TRIES_WITHIN):
            raise TooManyTries(TooManyTries.__doc__)
        if not await self._passwords.matches(password, link.password_hash):
            raise PasswordWrong(PasswordWrong.__doc__)
        await shares.give_try_back(self._pool, link.id)

    async def _new_guest(self, connection: Connection, link: LinkRow, name: str, now: float) -> tuple[Actor, Issued]:
        user_id = UUID(bytes=self._entropy(16))
        guest = UserRow(user_id, None, name, colour_of(user_id.bytes), "guest")
        await users.add_user(connection, guest)
        left_s = SESSION_TTL_S if link.expires_at is None else link.expires_at.timestamp() - now
        actor = Actor(guest.id, guest.name, guest.colour, guest.kind, "")
        issued = self._tokens.issue_session(actor, now, max(1.0, min(left_s, SESSION_TTL_S)))
        await token_rows.add_issued(connection, issued.token_id, user_id, None, issued.expires_at)
        return actor, issued


async def _of_token(executor: Executor, token: str) -> LinkRow:
    found = await shares.link_of_token(executor, hash_of_secret(token))
    if found is None or found.is_deleted:
        raise NoSuchLink(NoSuchLink.__doc__)
    return found


async def _of_project(executor: Executor, project_id: UUID, link_id: UUID) -> LinkRow:
    found = await shares.link_of_project(executor, project_id, link_id)
    if found is None:
        raise NoSuchLink(NoSuchLink.__doc__)
    return found


def _open(link: LinkRow, now: float) -> LinkRow:
    """Raises `LinkOver`."""
    over = link.expires_at is not None and link.expires_at <= datetime.fromtimestamp(now, UTC)
    if over or link.revoked_at is not None:
        raise LinkOver(LinkOver.__doc__)
    return link


async def _record(connection: Connection, action: Action, actor_id: UUID, link_id: UUID, project_id: UUID) -> None:
    await audit.record(connection, action, actor_id=actor_id, project_id=project_id, link=str(link_id))
