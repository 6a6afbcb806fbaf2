"""Who belongs to a project, and as what: single people, and whole teams. Every change is told to open sockets (P7).

Invitations by mail are in `services/invitations`, links for guests in `services/shares`.
"""

from dataclasses import replace
from uuid import UUID

import asyncpg

from services.projects.errors import LastOwner, NoSuchMember, NoSuchPerson, NotAPerson, TooManyMembers, TooManyTeams
from services.projects.model import MEMBERS_MAX, TEAMS_MAX, Member
from services.users import audit
from services.users.access import access_project, access_team
from services.users.audit import Action
from services.users.model import Actor, Need, Role, TeamRole
from storage.postgres import Connection, Executor
from storage.tables import projects as rows
from storage.tables import teams, users
from storage.tables.teams import ProjectTeamRow


class Members:
    """Every method takes the actor and checks their role itself."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of_project(self, actor: Actor, project_id: UUID) -> list[Member]:
        """By name."""
        await access_project(self._pool, actor, project_id, Need.VIEW)
        found = await _members(self._pool, project_id)
        return [replace(member, email=None) for member in found] if actor.kind == "guest" else found

    async def add(self, actor: Actor, project_id: UUID, email: str, role: Role) -> list[Member]:
        """Or changes the role of one who is. Raises `NoSuchPerson`, `TooManyMembers`, `LastOwner`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _locked(connection, actor, project_id)
            person = await users.user_of_email(connection, email.strip().lower())
            if person is None:
                raise NoSuchPerson(NoSuchPerson.__doc__)
            await set_member(connection, actor, project_id, person.id, role)
            return await _members(connection, project_id)

    async def change(self, actor: Actor, project_id: UUID, user_id: UUID, role: Role) -> list[Member]:
        """Raises `NoSuchMember`, `LastOwner`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _locked(connection, actor, project_id)
            await _member(connection, project_id, user_id)
            await set_member(connection, actor, project_id, user_id, role)
            return await _members(connection, project_id)

    async def remove(self, actor: Actor, project_id: UUID, user_id: UUID) -> None:
        """Members may leave; owners may remove others. Raises `NoSuchMember`, `LastOwner`, `Forbidden`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _locked(connection, actor, project_id, Need.VIEW if user_id == actor.user_id else Need.ADMIN)
            if not await rows.remove_member(connection, project_id, user_id):
                raise NoSuchMember(NoSuchMember.__doc__)
            await _settle(connection, project_id)
            await audit.record(
                connection, Action.MEMBER_REMOVED, actor_id=actor.user_id, user_id=user_id, project_id=project_id
            )

    async def transfer(self, actor: Actor, project_id: UUID, user_id: UUID) -> list[Member]:
        """Makes a member the owner and the asker, if they are a member themselves, an editor.

        Raises `NoSuchMember`, `NotAPerson`.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await _locked(connection, actor, project_id)
            heir = await _member(connection, project_id, user_id)
            if heir.kind != "person":
                raise NotAPerson(NotAPerson.__doc__)
            await rows.set_member(connection, project_id, user_id, Role.OWNER.value)
            if user_id != actor.user_id and any(
                member.user_id == actor.user_id for member in await _members(connection, project_id)
            ):
                await rows.set_member(connection, project_id, actor.user_id, Role.EDITOR.value)
            await rows.set_owner(connection, project_id, user_id)
            await _settle(connection, project_id)
            await audit.record(
                connection, Action.PROJECT_TRANSFERRED, actor_id=actor.user_id, user_id=user_id, project_id=project_id
            )
            return await _members(connection, project_id)

    # Teams -------------------------------------------------------------------------------------------------

    async def teams(self, actor: Actor, project_id: UUID) -> list[ProjectTeamRow]:
        """By name."""
        await access_project(self._pool, actor, project_id, Need.VIEW)
        return await teams.teams_of_project(self._pool, project_id)

    async def set_team(self, actor: Actor, project_id: UUID, team_id: UUID, role: Role) -> list[ProjectTeamRow]:
        """Every member of the team gets at least this role; the asker is in it. Raises `NoSuchTeam`, `TooManyTeams`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _locked(connection, actor, project_id)
            await access_team(connection, actor, team_id, TeamRole.MEMBER)
            await teams.set_project_team(connection, project_id, team_id, role.value)
            found = await teams.teams_of_project(connection, project_id)
            if len(found) > TEAMS_MAX:
                raise TooManyTeams(TooManyTeams.__doc__)
            await rows.bump_access(connection, project_id)
            await audit.record(
                connection,
                Action.PROJECT_TEAM_SET,
                actor_id=actor.user_id,
                project_id=project_id,
                team=str(team_id),
                role=role.value,
            )
            return found

    async def remove_team(self, actor: Actor, project_id: UUID, team_id: UUID) -> None:
        """Raises `NoSuchMember` when the team has no role here."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _locked(connection, actor, project_id)
            if not await teams.remove_project_team(connection, project_id, team_id):
                raise NoSuchMember("That team has no role in this project.")
            await rows.bump_access(connection, project_id)
            await audit.record(
                connection,
                Action.PROJECT_TEAM_REMOVED,
                actor_id=actor.user_id,
                project_id=project_id,
                team=str(team_id),
            )


async def set_member(connection: Connection, actor: Actor, project_id: UUID, user_id: UUID, role: Role) -> None:
    """The caller holds the project's row and has checked the right. Raises `LastOwner`, `TooManyMembers`."""
    await rows.set_member(connection, project_id, user_id, role.value)
    await _settle(connection, project_id)
    await audit.record(
        connection,
        Action.MEMBER_SET,
        actor_id=actor.user_id,
        user_id=user_id,
        project_id=project_id,
        role=role.value,
    )


async def _locked(connection: Connection, actor: Actor, project_id: UUID, need: Need = Need.ADMIN) -> None:
    """Two owners who remove each other at once must not both succeed."""
    await rows.lock_project(connection, project_id)
    await access_project(connection, actor, project_id, need)


async def _settle(connection: Connection, project_id: UUID) -> None:
    """Looks at the outcome, inside the transaction that made it, and makes open sockets look too."""
    members = await _members(connection, project_id)
    owners = [member.user_id for member in members if member.role is Role.OWNER]
    if not owners:
        raise LastOwner(LastOwner.__doc__)
    if len(members) > MEMBERS_MAX:
        raise TooManyMembers(TooManyMembers.__doc__)
    await rows.keep_owner(connection, project_id, owners)
    await rows.bump_access(connection, project_id)


async def _member(executor: Executor, project_id: UUID, user_id: UUID) -> Member:
    """Raises `NoSuchMember`."""
    for member in await _members(executor, project_id):
        if member.user_id == user_id:
            return member
    raise NoSuchMember(NoSuchMember.__doc__)


async def _members(executor: Executor, project_id: UUID) -> list[Member]:
    found = await rows.members(executor, project_id)
    return [Member(row.user_id, row.name, row.email, row.colour, Role(row.role), row.kind) for row in found]
