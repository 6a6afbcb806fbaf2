"""Inviting by mail: make, send again, revoke; and from the other side look, accept and decline.

Whoever holds the token has read the mail. It opens no account that exists: its owner signs in first, and their address
must be the invited one. Where no account has the address, accepting makes one.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import asyncpg

from services.invitations.errors import (
    AlreadyInvited,
    AlreadyThere,
    InvitationOver,
    JustSent,
    NoSuchInvitation,
    OtherAddress,
    SignInFirst,
    TooManyInvitations,
)
from services.invitations.letters import KIND, InvitationLetters, unsent_hash
from services.invitations.model import (
    LISTED_MAX,
    OPEN_MAX,
    RESEND_AFTER_S,
    TTL_S,
    Entropy,
    Target,
    checked_email,
    checked_role,
)
from services.mail.postman import Postman
from services.projects.episode_roles import set_episode_member
from services.projects.errors import NoSuchEpisode
from services.projects.members import set_member
from services.projects.model import time_ordered
from services.teams.service import set_team_member
from services.users import audit
from services.users.access import access_project, access_team, require_account
from services.users.audit import Action
from services.users.errors import Missing
from services.users.model import Actor, EpisodeRole, Need, Role, TeamRole, checked_name, colour_of, stronger
from services.users.secret_text import hash_of_secret
from services.users.sessions import start_session
from services.users.tokens import Issued, Tokens
from storage.mail import Mailer
from storage.postgres import Connection, Executor
from storage.tables import episode_roles, episodes, mail, projects, teams, users
from storage.tables import invitations as rows
from storage.tables.invitations import InvitationRow, NewInvitation
from storage.tables.users import UserRow

_KEYS = UUID("c1d7a0d4-6f0b-4f39-9a5e-3f2b9b5f7c55")
"""Namespace of the ids that follow from an idempotency key."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation as its holder sees it. `has_account`: whether somebody signs in with its address."""

    row: InvitationRow
    has_account: bool


class Invitations:
    """`public_url`: where the mail leads. `entropy(n)` gives n random bytes. `now`: seconds since 1970."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        mailer: Mailer,
        tokens: Tokens,
        public_url: str,
        entropy: Entropy = secrets.token_bytes,
    ) -> None:
        self._pool = pool
        self._tokens = tokens
        self._postman = Postman(pool, mailer, {KIND: InvitationLetters(public_url, entropy)})
        self._entropy = entropy

    # Who invites -------------------------------------------------------------------------------------------

    async def invite(
        self, actor: Actor, target: Target, email: str, role: str, now: float, key: str | None = None
    ) -> InvitationRow:
        """Made, and its mail sent; `sent_at` is None where that failed, and a worker tries again. The same `key` of the
        same actor is the same invitation, and no second mail.

        Raises `EmailUnfit`, `RoleUnfit`, `AlreadyThere`, `AlreadyInvited`, `TooManyInvitations`, and as the target's
        access does.
        """
        address, wanted = checked_email(email), checked_role(target, role)
        invitation_id = time_ordered(now, self._entropy)
        if key is not None:
            place = target.project_id or target.team_id
            invitation_id = uuid5(_KEYS, f"{actor.user_id}|{place}|{key}")
        new = NewInvitation(
            invitation_id,
            target.project_id,
            target.team_id,
            address,
            wanted,
            unsent_hash(invitation_id, self._entropy),
            actor.user_id,
            datetime.fromtimestamp(now + TTL_S, UTC),
            target.episode_id,
        )
        async with self._pool.acquire() as connection, connection.transaction():
            await _may_invite(connection, actor, target, wanted)
            if key is not None and (made := await rows.invitation_of_id(connection, invitation_id)) is not None:
                return made
            await _refuse_members(connection, target, address)
            if await rows.count_open(connection, target.project_id, target.team_id) >= OPEN_MAX:
                raise TooManyInvitations(TooManyInvitations.__doc__)
            try:
                await rows.add_invitation(connection, new)
            except asyncpg.UniqueViolationError as error:
                raise AlreadyInvited(AlreadyInvited.__doc__) from error
            made = await _of_id(connection, invitation_id)
            await _record(connection, Action.INVITATION_MADE, actor, made)
            mail_id = await self._queue_mail(connection, invitation_id)
        return await self._send(made, mail_id)

    async def invitations(self, actor: Actor, target: Target) -> list[InvitationRow]:
        """The newest first, decided ones too. Raises as the target's access does."""
        await _may_invite(self._pool, actor, target, "")
        return await rows.invitations(self._pool, target.project_id, target.team_id, LISTED_MAX)

    async def resend(self, actor: Actor, invitation_id: UUID, now: float) -> InvitationRow:
        """Another mail with another token and another fortnight. Raises `NoSuchInvitation`, `InvitationOver`,
        `JustSent`."""
        async with self._pool.acquire() as connection, connection.transaction():
            found = await _mine(connection, actor, invitation_id)
            if found.sent_at is not None and now - found.sent_at.timestamp() < RESEND_AFTER_S:
                raise JustSent(JustSent.__doc__)
            expires_at = datetime.fromtimestamp(now, UTC) + timedelta(seconds=TTL_S)
            unsent = unsent_hash(invitation_id, self._entropy)
            await rows.renew_invitation(connection, invitation_id, unsent, expires_at)
            await _record(connection, Action.INVITATION_RENEWED, actor, found)
            renewed = await _of_id(connection, invitation_id)
            mail_id = await self._queue_mail(connection, invitation_id)
        return await self._send(renewed, mail_id)

    async def revoke(self, actor: Actor, invitation_id: UUID) -> None:
        """Raises `NoSuchInvitation`, `InvitationOver`."""
        async with self._pool.acquire() as connection, connection.transaction():
            found = await _mine(connection, actor, invitation_id)
            await rows.decide_invitation(connection, invitation_id, "revoked")
            await _record(connection, Action.INVITATION_REVOKED, actor, found)

    async def _queue_mail(self, connection: Connection, invitation_id: UUID) -> UUID:
        mail_id = UUID(bytes=self._entropy(16))
        await mail.add(connection, mail_id, KIND, invitation_id)
        return mail_id

    async def _send(self, invitation: InvitationRow, mail_id: UUID) -> InvitationRow:
        """After the commit: a mail that is out cannot be taken back. What fails now a worker does again."""
        await self._postman.deliver(mail_id)
        return await rows.invitation(self._pool, invitation.id) or invitation

    # Who is invited ----------------------------------------------------------------------------------------

    async def look(self, token: str, now: float) -> Offer:
        """For whoever holds the token. Raises `NoSuchInvitation`, `InvitationOver`."""
        async with self._pool.acquire() as connection, connection.transaction():
            found = await _of_token(connection, token, now)
            return Offer(found, await users.user_of_email(connection, found.email) is not None)

    async def accept(self, actor: Actor, token: str, now: float) -> InvitationRow:
        """A stronger role that they have already stays.

        Raises `NoSuchInvitation`, `InvitationOver`, `OtherAddress`, `NoAccount`, `TooManyMembers`.
        """
        require_account(actor)
        async with self._pool.acquire() as connection, connection.transaction():
            found = await _of_token(connection, token, now)
            person = await users.user_of_id(connection, actor.user_id)
            if person is None or person.email != found.email:
                raise OtherAddress(OtherAddress.__doc__)
            await _take(connection, actor, found)
            return found

    async def accept_as_new(self, token: str, name: str, now: float) -> tuple[InvitationRow, Issued]:
        """Makes the account and its first session: who read the mail has the address.

        Raises `SignInFirst`, `NameUnfit`, and as `accept` does.
        """
        known_as = checked_name(name)
        async with self._pool.acquire() as connection, connection.transaction():
            found = await _of_token(connection, token, now)
            if await users.user_of_email(connection, found.email) is not None:
                raise SignInFirst(SignInFirst.__doc__)
            colour = colour_of(found.email.encode())
            person = UserRow(UUID(bytes=self._entropy(16)), found.email, known_as, colour)
            await users.add_user(connection, person)
            newcomer = Actor(person.id, person.name, person.colour, person.kind, "")
            await _take(connection, newcomer, found)
            _, issued = await start_session(connection, self._tokens, newcomer, now, how="invitation")
            return found, issued

    async def decline(self, token: str, now: float) -> None:
        """Raises `NoSuchInvitation`, `InvitationOver`."""
        async with self._pool.acquire() as connection, connection.transaction():
            found = await _of_token(connection, token, now)
            await rows.decide_invitation(connection, found.id, "declined")
            await _record(connection, Action.INVITATION_DECLINED, None, found)


async def _may_invite(executor: Executor, actor: Actor, target: Target, role: str) -> None:
    """Raises as the target's access does."""
    if target.project_id is not None:
        require_account(actor)
        await access_project(executor, actor, target.project_id, Need.ADMIN)
        if target.episode_id is not None:
            await _check_episode(executor, target.project_id, target.episode_id)
    else:
        assert target.team_id is not None, "a target is one of the two"
        owner = role == TeamRole.OWNER.value
        await access_team(executor, actor, target.team_id, TeamRole.OWNER if owner else TeamRole.ADMIN)


async def _check_episode(executor: Executor, project_id: UUID, episode_id: UUID) -> None:
    """Raises `NoSuchEpisode`."""
    if await episodes.storyboard(executor, project_id, episode_id) is None:
        raise NoSuchEpisode(NoSuchEpisode.__doc__)


async def _refuse_members(connection: Connection, target: Target, email: str) -> None:
    """Raises `AlreadyThere`."""
    if target.project_id is not None:
        there = {member.email for member in await projects.members(connection, target.project_id)}
    else:
        assert target.team_id is not None, "a target is one of the two"
        there = {member.email for member in await teams.team_members(connection, target.team_id)}
    if email in there:
        raise AlreadyThere(AlreadyThere.__doc__)


async def _mine(connection: Connection, actor: Actor, invitation_id: UUID) -> InvitationRow:
    """An open one that the actor could have made. Raises `NoSuchInvitation`, `InvitationOver`, `Forbidden`."""
    found = await _of_id(connection, invitation_id)
    try:
        await _may_invite(connection, actor, Target(found.project_id, found.team_id, found.episode_id), found.role)
    except Missing as error:  # not to say that there is one
        raise NoSuchInvitation(NoSuchInvitation.__doc__) from error
    if found.state != "open":
        raise InvitationOver(InvitationOver.__doc__)
    return found


async def _of_id(connection: Connection, invitation_id: UUID) -> InvitationRow:
    found = await rows.invitation_of_id(connection, invitation_id)
    if found is None:
        raise NoSuchInvitation(NoSuchInvitation.__doc__)
    return found


async def _of_token(connection: Connection, token: str, now: float) -> InvitationRow:
    found = await rows.invitation_of_token(connection, hash_of_secret(token))
    if found is None:
        raise NoSuchInvitation(NoSuchInvitation.__doc__)
    if found.state != "open" or found.is_deleted or found.expires_at.timestamp() <= now:
        raise InvitationOver(InvitationOver.__doc__)
    return found


async def _take(connection: Connection, actor: Actor, found: InvitationRow) -> None:
    """The role, and the end of the invitation."""
    if found.project_id is not None and found.episode_id is not None:
        await _take_episode(connection, actor, found.project_id, found.episode_id, EpisodeRole(found.role))
    elif found.project_id is not None:
        await projects.lock_project(connection, found.project_id)
        had = {row.user_id: Role(row.role) for row in await projects.members(connection, found.project_id)}
        offered = Role(found.role)
        role = had.get(actor.user_id, offered)
        await set_member(connection, actor, found.project_id, actor.user_id, stronger(role, offered))
    else:
        assert found.team_id is not None, "an invitation is to one of the two"
        await teams.lock_team(connection, found.team_id)
        now = {row.user_id: TeamRole(row.role) for row in await teams.team_members(connection, found.team_id)}
        wanted = TeamRole(found.role)
        has = now.get(actor.user_id, wanted)
        await set_team_member(connection, actor, found.team_id, actor.user_id, has if has.covers(wanted) else wanted)
    await rows.decide_invitation(connection, found.id, "accepted")
    await _record(connection, Action.INVITATION_ACCEPTED, actor, found)


async def _take_episode(
    connection: Connection, actor: Actor, project_id: UUID, episode_id: UUID, role: EpisodeRole
) -> None:
    """Who is a member of the project meanwhile has all of it as that. Raises `NoSuchEpisode`, `TooManyMembers`."""
    await projects.lock_project(connection, project_id)
    await _check_episode(connection, project_id, episode_id)
    if await episode_roles.role_of_person(connection, project_id, actor.user_id):
        return
    there = await episode_roles.people(connection, project_id, episode_id)
    had = {row.user_id: Role(row.role) for row in there}.get(actor.user_id, Role(role))
    wanted = EpisodeRole(stronger(had, Role(role)))
    await set_episode_member(connection, actor, project_id, episode_id, actor.user_id, wanted)


async def _record(connection: Connection, action: Action, actor: Actor | None, found: InvitationRow) -> None:
    await audit.record(
        connection,
        action,
        actor_id=None if actor is None else actor.user_id,
        user_id=None,
        project_id=found.project_id,
        team=None if found.team_id is None else str(found.team_id),
        invitation=str(found.id),
        email=found.email,
        role=found.role,
        **({} if found.episode_id is None else {"episode": str(found.episode_id)}),
    )
