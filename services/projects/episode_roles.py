"""Roles of one episode, of people and of teams, given by the project's owners. Open sockets are told of changes (P7).

Beside a role in the whole project it narrows that one there; alone it gives the episode and nothing else.
"""

from dataclasses import replace
from uuid import UUID

import asyncpg

from services.projects.errors import (
    NoSuchEpisode,
    NoSuchMember,
    NoSuchPerson,
    RoleWider,
    TooManyMembers,
    TooManyTeams,
)
from services.projects.model import MEMBERS_MAX, TEAMS_MAX
from services.users import audit
from services.users.access import access_project, access_team
from services.users.audit import Action
from services.users.model import Actor, EpisodeRole, Need, Role, TeamRole
from storage.postgres import Connection, Executor
from storage.tables import episode_roles as rows
from storage.tables import episodes, projects, users
from storage.tables.episode_roles import EpisodeMemberRow, EpisodeTeamRow


class EpisodeRoles:
    """Every method takes the actor and checks their role itself."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def people(self, actor: Actor, project_id: UUID, episode_id: UUID) -> list[EpisodeMemberRow]:
        """Whose role is another there than in the project, by name. Raises `NoSuchEpisode`."""
        await _seen(self._pool, actor, project_id, episode_id)
        found = await rows.people(self._pool, project_id, episode_id)
        return [replace(row, email=None) for row in found] if actor.kind == "guest" else found

    async def add(
        self, actor: Actor, project_id: UUID, episode_id: UUID, email: str, role: EpisodeRole
    ) -> list[EpisodeMemberRow]:
        """Raises `NoSuchPerson`, and as `change`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _locked(connection, actor, project_id, episode_id)
            person = await users.user_of_email(connection, email.strip().lower())
            if person is None:
                raise NoSuchPerson(NoSuchPerson.__doc__)
            await set_episode_member(connection, actor, project_id, episode_id, person.id, role)
            return await rows.people(connection, project_id, episode_id)

    async def change(
        self, actor: Actor, project_id: UUID, episode_id: UUID, user_id: UUID, role: EpisodeRole
    ) -> list[EpisodeMemberRow]:
        """Of somebody who belongs to the project or to one of its episodes.

        Raises `NoSuchEpisode`, `NoSuchMember`, `RoleWider`, `TooManyMembers`, `Forbidden`.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await _locked(connection, actor, project_id, episode_id)
            if await rows.role_of_person(connection, project_id, user_id) is None:
                raise NoSuchMember(NoSuchMember.__doc__)
            await set_episode_member(connection, actor, project_id, episode_id, user_id, role)
            return await rows.people(connection, project_id, episode_id)

    async def remove(self, actor: Actor, project_id: UUID, episode_id: UUID, user_id: UUID) -> None:
        """What they are in the project counts there again; who was nothing there may also leave by themselves.

        Raises `NoSuchEpisode`, `NoSuchMember`, `Forbidden`.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            leaves = user_id == actor.user_id and not await rows.role_of_person(connection, project_id, user_id)
            await _locked(connection, actor, project_id, episode_id, Need.VIEW if leaves else Need.ADMIN)
            if not await rows.remove_person(connection, project_id, episode_id, user_id):
                raise NoSuchMember("Nobody of that id has a role of their own in this episode.")
            await _changed(
                connection, Action.EPISODE_MEMBER_REMOVED, actor, project_id, episode_id, user_id=user_id, team_id=None
            )

    # Teams -------------------------------------------------------------------------------------------------

    async def teams(self, actor: Actor, project_id: UUID, episode_id: UUID) -> list[EpisodeTeamRow]:
        """By name. Raises `NoSuchEpisode`."""
        await _seen(self._pool, actor, project_id, episode_id)
        return await rows.teams(self._pool, project_id, episode_id)

    async def set_team(
        self, actor: Actor, project_id: UUID, episode_id: UUID, team_id: UUID, role: EpisodeRole
    ) -> list[EpisodeTeamRow]:
        """The asker is in it. Raises `NoSuchEpisode`, `NoSuchTeam`, `RoleWider`, `TooManyTeams`, `Forbidden`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _locked(connection, actor, project_id, episode_id)
            await access_team(connection, actor, team_id, TeamRole.MEMBER)
            _check_narrower(role, await rows.role_of_team(connection, project_id, team_id))
            await rows.set_team(connection, project_id, episode_id, team_id, role.value)
            found = await rows.teams(connection, project_id, episode_id)
            if len(found) > TEAMS_MAX:
                raise TooManyTeams(TooManyTeams.__doc__)
            await _changed(
                connection, Action.EPISODE_TEAM_SET, actor, project_id, episode_id, team_id=team_id, role=role
            )
            return found

    async def remove_team(self, actor: Actor, project_id: UUID, episode_id: UUID, team_id: UUID) -> None:
        """Raises `NoSuchEpisode`, `NoSuchMember` when the team has no role there, `Forbidden`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _locked(connection, actor, project_id, episode_id)
            if not await rows.remove_team(connection, project_id, episode_id, team_id):
                raise NoSuchMember("That team has no role of its own in this episode.")
            await _changed(connection, Action.EPISODE_TEAM_REMOVED, actor, project_id, episode_id, team_id=team_id)


async def set_episode_member(
    connection: Connection, actor: Actor, project_id: UUID, episode_id: UUID, user_id: UUID, role: EpisodeRole
) -> None:
    """The caller holds the project's row and has checked the right. Raises `RoleWider`, `TooManyMembers`."""
    _check_narrower(role, await rows.role_of_person(connection, project_id, user_id))
    await rows.set_person(connection, project_id, episode_id, user_id, role.value)
    if len(await rows.people(connection, project_id, episode_id)) > MEMBERS_MAX:
        raise TooManyMembers(TooManyMembers.__doc__)
    await _changed(connection, Action.EPISODE_MEMBER_SET, actor, project_id, episode_id, user_id=user_id, role=role)


def _check_narrower(role: EpisodeRole, in_project: str | None) -> None:
    """Raises `RoleWider`."""
    if in_project and Role(role).capped(Role(in_project)) is not Role(role):
        raise RoleWider(f"In the whole project this is a {in_project}, and in one episode of it no more than that.")


async def _locked(
    connection: Connection, actor: Actor, project_id: UUID, episode_id: UUID, need: Need = Need.ADMIN
) -> None:
    await projects.lock_project(connection, project_id)
    await access_project(connection, actor, project_id, need)
    await _seen(connection, actor, project_id, episode_id)


async def _seen(executor: Executor, actor: Actor, project_id: UUID, episode_id: UUID) -> None:
    """Raises `NoSuchProject`, `NoSuchEpisode`."""
    seen = (await access_project(executor, actor, project_id, Need.VIEW)).standing.episodes
    if await episodes.storyboard(executor, project_id, episode_id, seen) is None:
        raise NoSuchEpisode(NoSuchEpisode.__doc__)


async def _changed(
    connection: Connection,
    action: Action,
    actor: Actor,
    project_id: UUID,
    episode_id: UUID,
    *,
    user_id: UUID | None = None,
    team_id: UUID | None = None,
    role: EpisodeRole | None = None,
) -> None:
    """Written down, and open sockets look again."""
    detail = {"episode": episode_id, "team": team_id, "role": role}
    await projects.bump_access(connection, project_id)
    await audit.record(
        connection,
        action,
        actor_id=actor.user_id,
        user_id=user_id,
        project_id=project_id,
        **{name: str(value) for name, value in detail.items() if value is not None},
    )
