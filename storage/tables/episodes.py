"""Rows of `seasons` and `episodes`. Whoever writes them holds the lock of their project's row.

Their order keys are made in `services.projects`; here they only sort.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)

Episodes: TypeAlias = Collection[UUID] | None
"""The only ones of a project that whoever asks may see; None: all."""


@dataclass(frozen=True, slots=True)
class SeasonRow:
    """One season."""

    id: UUID
    ord: str
    title: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """One episode with its two documents. `season_id` None: of no season."""

    id: UUID
    project_id: UUID
    season_id: UUID | None
    ord: str
    title: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    storyboard: UUID
    storyboard_epoch: int
    timeline: UUID
    timeline_epoch: int


async def add_season(executor: Executor, season_id: UUID, project_id: UUID, ord: str, title: str) -> None:
    """`ord`: its order key among the seasons of the project."""
    await executor.execute(_QUERIES["add_season"], season_id, project_id, ord, title)


async def seasons(executor: Executor, project_id: UUID) -> list[SeasonRow]:
    """In order."""
    return [SeasonRow(*row) for row in await executor.fetch(_QUERIES["seasons"], project_id)]


async def change_season(
    executor: Executor, project_id: UUID, season_id: UUID, title: str | None, ord: str | None
) -> None:
    """None leaves a column as it is."""
    await executor.execute(_QUERIES["change_season"], project_id, season_id, title, ord)


async def remove_season(executor: Executor, project_id: UUID, season_id: UUID) -> None:
    """Raises `asyncpg.ForeignKeyViolationError` when it has episodes, deleted ones included."""
    await executor.execute(_QUERIES["remove_season"], project_id, season_id)


async def add_episode(
    executor: Executor, episode_id: UUID, project_id: UUID, season_id: UUID | None, ord: str, title: str
) -> None:
    """The row only; its documents come in the same transaction."""
    await executor.execute(_QUERIES["add_episode"], episode_id, project_id, season_id, ord, title)


async def episodes(executor: Executor, project_id: UUID, *, deleted: bool = False) -> list[EpisodeRow]:
    """In story order. `deleted`: those that were deleted, and no others."""
    return [EpisodeRow(*row) for row in await executor.fetch(_QUERIES["episodes"], project_id, deleted)]


async def count_episodes(executor: Executor, project_id: UUID) -> int:
    """Deleted ones included."""
    return int(await executor.fetchval(_QUERIES["count_episodes"], project_id))


async def change_episode(
    executor: Executor, project_id: UUID, episode_id: UUID, title: str | None, season_id: UUID | None, ord: str
) -> None:
    """`title` None leaves it as it is; the place is always given."""
    await executor.execute(_QUERIES["change_episode"], project_id, episode_id, title, season_id, ord)


async def delete_episode(executor: Executor, project_id: UUID, episode_id: UUID) -> None:
    """Marks it; nothing is removed."""
    await executor.execute(_QUERIES["delete_episode"], project_id, episode_id)


async def restore_episode(executor: Executor, project_id: UUID, episode_id: UUID) -> None:
    """Back where it was."""
    await executor.execute(_QUERIES["restore_episode"], project_id, episode_id)


async def storyboard(
    executor: Executor, project_id: UUID, episode_id: UUID | None, seen: Episodes = None
) -> UUID | None:
    """Of an episode, or with None of the first that is seen. None: there is no such episode, or it was deleted."""
    found: UUID | None = await executor.fetchval(_QUERIES["storyboard"], project_id, episode_id, seen)
    return found
