"""Rows of `episode_members` and `episode_teams`: roles of one episode.

What they come to, beside roles in the whole project, says the function `standing_at` of the schema.
"""

from dataclasses import dataclass
from uuid import UUID

from storage.postgres import Executor
from storage.sql import load
from storage.tables.users import UserKind

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class EpisodeMemberRow:
    """Somebody with a role of their own in an episode. `project_role`: as a member of the project; None: no member."""

    user_id: UUID
    name: str
    email: str | None
    colour: str
    kind: UserKind
    role: str
    project_role: str | None


@dataclass(frozen=True, slots=True)
class EpisodeTeamRow:
    """A team with a role of its own in an episode. `project_role`: in the whole project; None: none."""

    team_id: UUID
    name: str
    role: str
    project_role: str | None
    members: int


async def people(executor: Executor, project_id: UUID, episode_id: UUID) -> list[EpisodeMemberRow]:
    """By name."""
    return [EpisodeMemberRow(*row) for row in await executor.fetch(_QUERIES["people"], project_id, episode_id)]


async def teams(executor: Executor, project_id: UUID, episode_id: UUID) -> list[EpisodeTeamRow]:
    """By name."""
    return [EpisodeTeamRow(*row) for row in await executor.fetch(_QUERIES["teams"], project_id, episode_id)]


async def role_of_person(executor: Executor, project_id: UUID, user_id: UUID) -> str | None:
    """In the whole project; empty for who has one in single episodes only, None for who has none at all."""
    found: str | None = await executor.fetchval(_QUERIES["role_of_person"], project_id, user_id)
    return found


async def set_person(executor: Executor, project_id: UUID, episode_id: UUID, user_id: UUID, role: str) -> None:
    """Gives somebody a role in the episode, or another."""
    await executor.execute(_QUERIES["set_person"], project_id, episode_id, user_id, role)


async def remove_person(executor: Executor, project_id: UUID, episode_id: UUID, user_id: UUID) -> bool:
    """False when that user had none."""
    return await executor.fetchrow(_QUERIES["remove_person"], project_id, episode_id, user_id) is not None


async def role_of_team(executor: Executor, project_id: UUID, team_id: UUID) -> str | None:
    """In the whole project."""
    found: str | None = await executor.fetchval(_QUERIES["role_of_team"], project_id, team_id)
    return found


async def set_team(executor: Executor, project_id: UUID, episode_id: UUID, team_id: UUID, role: str) -> None:
    """Gives a team a role in the episode, or another."""
    await executor.execute(_QUERIES["set_team"], project_id, episode_id, team_id, role)


async def remove_team(executor: Executor, project_id: UUID, episode_id: UUID, team_id: UUID) -> bool:
    """False when that team had none."""
    return await executor.fetchrow(_QUERIES["remove_team"], project_id, episode_id, team_id) is not None
