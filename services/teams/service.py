"""What people do with teams: make, rename and delete one, and choose its members and their roles.

Who comes by invitation is in `services/invitations`, a team's projects in `services/projects/members.py`.
"""

import secrets
from uuid import UUID

import asyncpg

from services.projects.model import Entropy, time_ordered
from services.teams.errors import LastTeamOwner, NoSuchTeamMember, TooManyTeamMembers, TooManyTeams
from services.teams.model import TEAM_MEMBERS_MAX, TEAMS_LISTED_MAX, TEAMS_MADE_MAX, checked_name
from services.users import audit
from services.users.access import access_team, require_account
from services.users.audit import Action
from services.users.model import Actor, TeamRole
from storage.postgres import Connection, Within
from storage.tables import teams as rows
from storage.tables.teams import TeamMemberRow, TeamRow


class Teams:
    """Every method takes the actor and checks their role itself. `entropy(n)` gives n random bytes."""

    def __init__(self, pool: asyncpg.Pool, entropy: Entropy = secrets.token_bytes) -> None:
        self._pool = pool
        self._entropy = entropy

    async def create(self, actor: Actor, name: str, now: float, within: Within[TeamRow] | None = None) -> TeamRow:
        """The maker is its owner. `now`: seconds since 1970. `within` runs in the transaction that makes it.

        Raises `NameUnfit`, `TooManyTeams`, `NoAccount`.
        """
        require_account(actor)
        team_id = time_ordered(now, self._entropy)
        async with self._pool.acquire() as connection, connection.transaction():
            if await rows.count_of_creator(connection, actor.user_id) >= TEAMS_MADE_MAX:
                raise TooManyTeams(TooManyTeams.__doc__)
            await rows.add_team(connection, team_id, checked_name(name), actor.user_id)
            await rows.set_team_member(connection, team_id, actor.user_id, TeamRole.OWNER.value)
            await audit.record(connection, Action.TEAM_CREATED, actor_id=actor.user_id, team=str(team_id))
            made = await access_team(connection, actor, team_id, TeamRole.MEMBER)
            if within is not None:
                await within(connection, made)
            return made

    async def of_actor(self, actor: Actor) -> list[TeamRow]:
        """By name."""
        require_account(actor)
        return await rows.teams_of_user(self._pool, actor.user_id, TEAMS_LISTED_MAX)

    async def get(self, actor: Actor, team_id: UUID) -> TeamRow:
        """Raises `NoSuchTeam`."""
        return await access_team(self._pool, actor, team_id, TeamRole.MEMBER)

    async def rename(self, actor: Actor, team_id: UUID, name: str) -> TeamRow:
        """Raises `NameUnfit`, `Forbidden`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await access_team(connection, actor, team_id, TeamRole.ADMIN)
            await rows.rename_team(connection, team_id, checked_name(name))
            return await access_team(connection, actor, team_id, TeamRole.MEMBER)

    async def delete(self, actor: Actor, team_id: UUID) -> None:
        """What its members were by it is over; its service accounts and keys go. Raises `Forbidden`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _locked(connection, actor, team_id, TeamRole.OWNER)
            await rows.bump_access_of_team(connection, team_id)
            await rows.delete_team(connection, team_id)
            await audit.record(connection, Action.TEAM_DELETED, actor_id=actor.user_id, team=str(team_id))

    # Members -----------------------------------------------------------------------------------------------

    async def members(self, actor: Actor, team_id: UUID) -> list[TeamMemberRow]:
        """By name. Raises `NoSuchTeam`."""
        await access_team(self._pool, actor, team_id, TeamRole.MEMBER)
        return await rows.team_members(self._pool, team_id)

    async def change_member(self, actor: Actor, team_id: UUID, user_id: UUID, role: TeamRole) -> list[TeamMemberRow]:
        """Raises `NoSuchTeamMember`, `LastTeamOwner`, `Forbidden`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _locked(connection, actor, team_id, TeamRole.OWNER)
            await _member(connection, team_id, user_id)
            await set_team_member(connection, actor, team_id, user_id, role)
            return await rows.team_members(connection, team_id)

    async def remove_member(self, actor: Actor, team_id: UUID, user_id: UUID) -> None:
        """Members may leave, admins may remove members, owners anybody.

        Raises `NoSuchTeamMember`, `LastTeamOwner`, `Forbidden`.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await _locked(connection, actor, team_id, TeamRole.MEMBER)
            leaving = await _member(connection, team_id, user_id)
            if user_id != actor.user_id:
                plain = leaving.role == TeamRole.MEMBER.value
                await access_team(connection, actor, team_id, TeamRole.ADMIN if plain else TeamRole.OWNER)
            await rows.remove_team_member(connection, team_id, user_id)
            await _settle(connection, team_id)
            await audit.record(
                connection, Action.TEAM_MEMBER_REMOVED, actor_id=actor.user_id, user_id=user_id, team=str(team_id)
            )


async def set_team_member(connection: Connection, actor: Actor, team_id: UUID, user_id: UUID, role: TeamRole) -> None:
    """The caller holds the team's row and has checked the right. Raises `LastTeamOwner`, `TooManyTeamMembers`."""
    await rows.set_team_member(connection, team_id, user_id, role.value)
    await _settle(connection, team_id)
    await audit.record(
        connection,
        Action.TEAM_MEMBER_SET,
        actor_id=actor.user_id,
        user_id=user_id,
        team=str(team_id),
        role=role.value,
    )


async def _locked(connection: Connection, actor: Actor, team_id: UUID, needed: TeamRole) -> None:
    """Two owners who remove each other at once must not both succeed."""
    await rows.lock_team(connection, team_id)
    await access_team(connection, actor, team_id, needed)


async def _member(connection: Connection, team_id: UUID, user_id: UUID) -> TeamMemberRow:
    """Raises `NoSuchTeamMember`."""
    for member in await rows.team_members(connection, team_id):
        if member.user_id == user_id:
            return member
    raise NoSuchTeamMember(NoSuchTeamMember.__doc__)


async def _settle(connection: Connection, team_id: UUID) -> None:
    """Looks at the outcome, inside the transaction that made it, and makes open sockets look too (P7)."""
    members = await rows.team_members(connection, team_id)
    if all(member.role != TeamRole.OWNER.value for member in members):
        raise LastTeamOwner(LastTeamOwner.__doc__)
    if len(members) > TEAM_MEMBERS_MAX:
        raise TooManyTeamMembers(TooManyTeamMembers.__doc__)
    await rows.bump_access_of_team(connection, team_id)
