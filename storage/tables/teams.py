"""Rows of `teams`, `team_members` and `project_teams`.

What a team's members may do in a project says the function `standing_in` of the schema.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load
from storage.tables.users import UserKind

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team as one of its members sees it: `role` is that member's, owner, admin or member."""

    id: UUID
    name: str
    created_at: datetime
    role: str
    members: int


@dataclass(frozen=True, slots=True)
class TeamMemberRow:
    """Somebody in a team. `kind`: person or service; only people have an address."""

    user_id: UUID
    role: str
    kind: UserKind
    name: str
    email: str | None
    colour: str


@dataclass(frozen=True, slots=True)
class ProjectTeamRow:
    """A team whose members have a role in a project."""

    team_id: UUID
    name: str
    role: str
    members: int


async def add_team(executor: Executor, team_id: UUID, name: str, creator: UUID) -> None:
    """The row only; its first owner comes in the same transaction."""
    await executor.execute(_QUERIES["add_team"], team_id, name, creator)


async def count_of_creator(executor: Executor, creator: UUID) -> int:
    """How many teams somebody made."""
    return int(await executor.fetchval(_QUERIES["count_of_creator"], creator))


async def rename_team(executor: Executor, team_id: UUID, name: str) -> None:
    await executor.execute(_QUERIES["rename_team"], team_id, name)


async def delete_team(executor: Executor, team_id: UUID) -> None:
    """With its members, grants, invitations, service accounts and their keys; the users stay."""
    await executor.execute(_QUERIES["delete_team"], team_id)


async def lock_team(executor: Executor, team_id: UUID) -> None:
    """Until the end of the transaction; nothing happens when there is no such team."""
    await executor.execute(_QUERIES["lock_team"], team_id)


async def teams_of_user(executor: Executor, user_id: UUID, limit_rows: int) -> list[TeamRow]:
    """By name."""
    return [_team(row) for row in await executor.fetch(_QUERIES["teams_of_user"], user_id, limit_rows)]


async def team_of_user(executor: Executor, team_id: UUID, user_id: UUID) -> TeamRow | None:
    """None when there is no such team, or the user is not in it."""
    row = await executor.fetchrow(_QUERIES["team_of_user"], team_id, user_id)
    return None if row is None else _team(row)


async def team_members(executor: Executor, team_id: UUID) -> list[TeamMemberRow]:
    """By name."""
    return [
        TeamMemberRow(row["user_id"], row["role"], row["kind"], row["name"], row["email"], row["colour"])
        for row in await executor.fetch(_QUERIES["team_members"], team_id)
    ]


async def set_team_member(executor: Executor, team_id: UUID, user_id: UUID, role: str) -> None:
    """Adds the member or changes the role."""
    await executor.execute(_QUERIES["set_team_member"], team_id, user_id, role)


async def remove_team_member(executor: Executor, team_id: UUID, user_id: UUID) -> bool:
    """False when that user was not in it."""
    return await executor.fetchrow(_QUERIES["remove_team_member"], team_id, user_id) is not None


async def bump_access_of_team(executor: Executor, team_id: UUID) -> None:
    """Open sockets in every project of this team check their rights again (P7)."""
    await executor.execute(_QUERIES["bump_access_of_team"], team_id)


async def teams_of_project(executor: Executor, project_id: UUID) -> list[ProjectTeamRow]:
    """By name."""
    return [
        ProjectTeamRow(row["team_id"], row["name"], row["role"], row["members"])
        for row in await executor.fetch(_QUERIES["teams_of_project"], project_id)
    ]


async def set_project_team(executor: Executor, project_id: UUID, team_id: UUID, role: str) -> None:
    """Gives the team a role in the project, or another."""
    await executor.execute(_QUERIES["set_project_team"], project_id, team_id, role)


async def remove_project_team(executor: Executor, project_id: UUID, team_id: UUID) -> bool:
    """False when that team had none."""
    return await executor.fetchrow(_QUERIES["remove_project_team"], project_id, team_id) is not None


def _team(row: asyncpg.Record) -> TeamRow:
    return TeamRow(row["id"], row["name"], row["created_at"], row["role"], row["members"])
