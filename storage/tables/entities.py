"""Rows of projects' things, many of different parents by one statement: what answers that cross entities are made of.

Nothing here asks who may see them; every row says of which project it is.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load
from storage.tables.users import UserKind

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class EpisodeEntity:
    """One episode. `season_id` None: of no season."""

    id: UUID
    project_id: UUID
    season_id: UUID | None
    title: str
    created_at: datetime
    updated_at: datetime
    storyboard: UUID

    @property
    def episode_id(self) -> UUID:
        return self.id


@dataclass(frozen=True, slots=True)
class SceneEntity:
    """One scene as its storyboard showed it last. Its id is chosen by clients and is one in its episode only."""

    id: str
    episode_id: UUID
    project_id: UUID
    document_id: UUID
    position: int
    number: str
    title: str
    slug: dict[str, Any]
    prompt: str
    status: str
    current_take: UUID | None
    est_frames: int | None


@dataclass(frozen=True, slots=True)
class CharacterEntity:
    """One character. `voice` and `images`: sha256 of media of the project. It is in every episode."""

    id: UUID
    project_id: UUID
    name: str
    appearance: dict[str, Any]
    voice: str | None
    images: tuple[str, ...]
    created_at: datetime
    updated_at: datetime

    @property
    def episode_id(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class TakeEntity:
    """One take. `media` and `thumb` are sha256; `rate`: frames per second as a fraction."""

    id: UUID
    project_id: UUID
    episode_id: UUID
    scene_id: str
    number: int
    media: str
    thumb: str
    frames: int
    width: int
    height: int
    rate: tuple[int, int]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class UserEntity:
    """Somebody as others see them: no address."""

    id: UUID
    name: str
    colour: str
    kind: UserKind


@dataclass(frozen=True, slots=True)
class MemberEntity:
    """That somebody is a member of a project, and as what."""

    user_id: UUID
    role: str


async def episodes(executor: Executor, ids: Collection[UUID]) -> list[EpisodeEntity]:
    """Of those that are there."""
    return [_episode(row) for row in await executor.fetch(_QUERIES["episodes"], list(ids))]


async def episodes_of(
    executor: Executor, asked: Sequence[tuple[UUID, UUID | None, int]], seen: Mapping[UUID, Collection[UUID] | None]
) -> Mapping[int, list[EpisodeEntity]]:
    """By the place in `asked`: (project, behind which episode, how many). `seen`: by project, the only ones that are;
    None: all."""
    partly = {project_id: own for project_id, own in seen.items() if own is not None}
    own = [episode for episodes in partly.values() for episode in episodes]
    found = await executor.fetch(_QUERIES["episodes_of"], *_columns(asked, 3), list(partly), own)
    return _by_place([(row["asked"], _episode(row)) for row in found])


async def scenes(executor: Executor, ids: Collection[tuple[UUID, str]]) -> list[SceneEntity]:
    """`ids`: (episode, scene)."""
    return [_scene(row) for row in await executor.fetch(_QUERIES["scenes"], *_columns(ids, 2))]


async def scenes_of(
    executor: Executor, asked: Sequence[tuple[UUID, int | None, str | None, int]]
) -> Mapping[int, list[SceneEntity]]:
    """By the place in `asked`: (episode, behind which position and scene, how many)."""
    found = await executor.fetch(_QUERIES["scenes_of"], *_columns(asked, 4))
    return _by_place([(row["asked"], _scene(row)) for row in found])


async def characters(executor: Executor, ids: Collection[UUID]) -> list[CharacterEntity]:
    """Of those that are there."""
    return [_character(row) for row in await executor.fetch(_QUERIES["characters"], list(ids))]


async def characters_of(
    executor: Executor, asked: Sequence[tuple[UUID, str | None, UUID | None, int]]
) -> Mapping[int, list[CharacterEntity]]:
    """By the place in `asked`: (project, behind which name and character, how many)."""
    found = await executor.fetch(_QUERIES["characters_of"], *_columns(asked, 4))
    return _by_place([(row["asked"], _character(row)) for row in found])


async def takes(executor: Executor, ids: Collection[UUID]) -> list[TakeEntity]:
    """Of those that are there."""
    return [_take(row) for row in await executor.fetch(_QUERIES["takes"], list(ids))]


async def takes_of(
    executor: Executor, asked: Sequence[tuple[UUID, str, int | None, int]]
) -> Mapping[int, list[TakeEntity]]:
    """By the place in `asked`: (storyboard, scene, below which number, how many)."""
    found = await executor.fetch(_QUERIES["takes_of"], *_columns(asked, 4))
    return _by_place([(row["asked"], _take(row)) for row in found])


async def members_of(executor: Executor, project_ids: Collection[UUID]) -> Mapping[UUID, list[MemberEntity]]:
    """By project, each by name."""
    found: defaultdict[UUID, list[MemberEntity]] = defaultdict(list)
    for row in await executor.fetch(_QUERIES["members_of"], list(project_ids)):
        found[row["project_id"]].append(MemberEntity(row["user_id"], row["role"]))
    return found


async def users(executor: Executor, ids: Collection[UUID]) -> list[UserEntity]:
    """Of those that are there."""
    return [UserEntity(*row) for row in await executor.fetch(_QUERIES["users"], list(ids))]


async def meeting_places(executor: Executor, ids: Collection[UUID], user_id: UUID) -> Mapping[UUID, set[UUID]]:
    """Of each of `ids`, the projects that they are a member of and where `user_id` may have a standing."""
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for row in await executor.fetch(_QUERIES["meeting_places"], list(ids), user_id):
        found[row["user_id"]].add(row["project_id"])
    return found


def _columns(asked: Collection[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[each[at] for each in asked] for at in range(width)]


def _by_place(found: Sequence[tuple[int, Any]]) -> Mapping[int, list[Any]]:
    """PostgreSQL counts places from 1."""
    lists: defaultdict[int, list[Any]] = defaultdict(list)
    for place, row in found:
        lists[place - 1].append(row)
    return lists


def _episode(row: asyncpg.Record) -> EpisodeEntity:
    return EpisodeEntity(
        row["id"],
        row["project_id"],
        row["season_id"],
        row["title"],
        row["created_at"],
        row["updated_at"],
        row["storyboard"],
    )


def _scene(row: asyncpg.Record) -> SceneEntity:
    return SceneEntity(
        id=row["id"],
        episode_id=row["episode_id"],
        project_id=row["project_id"],
        document_id=row["document_id"],
        position=row["position"],
        number=row["number"],
        title=row["title"],
        slug=json.loads(row["slug"]),
        prompt=row["prompt"],
        status=row["status"],
        current_take=row["current_take"],
        est_frames=row["est_frames"],
    )


def _character(row: asyncpg.Record) -> CharacterEntity:
    return CharacterEntity(
        id=row["id"],
        project_id=row["project_id"],
        name=row["name"],
        appearance=json.loads(row["appearance"]),
        voice=row["voice_hash"],
        images=tuple(row["images"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _take(row: asyncpg.Record) -> TakeEntity:
    return TakeEntity(
        id=row["id"],
        project_id=row["project_id"],
        episode_id=row["episode_id"],
        scene_id=row["scene_id"],
        number=row["number"],
        media=row["media_hash"],
        thumb=row["thumb_hash"],
        frames=row["frames"],
        width=row["width"],
        height=row["height"],
        rate=(row["rate_num"], row["rate_den"]),
        created_at=row["created_at"],
    )
