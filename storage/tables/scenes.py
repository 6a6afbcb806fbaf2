"""Rows of `scenes`: what the storyboard showed at `seq`, and what a reviewer's phone needs beside it.

Written by the projector only; readers never open a document (documents.md A10).
"""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from storage.postgres import Connection, Executor
from storage.sql import load
from storage.tables.episodes import Episodes

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class SceneRow:
    """One scene as the document showed it at `seq`."""

    document_id: UUID
    id: str
    seq: int
    position: int
    number: str
    title: str
    slug: dict[str, Any]
    prompt: str
    status: str
    current_take: UUID | None
    est_frames: int | None
    episode_id: UUID


@dataclass(frozen=True, slots=True)
class RunBrief:
    """The newest run of a scene."""

    id: UUID
    state: str
    stage: str
    pct: int


@dataclass(frozen=True, slots=True)
class TakeBrief:
    """The newest take of a scene. `rate`: frames per second as a fraction."""

    id: UUID
    number: int
    media: str
    thumb: str
    frames: int
    rate: tuple[int, int]


@dataclass(frozen=True, slots=True)
class ScenePlace:
    """Where a scene stands in its project, as a list was read."""

    episode_id: UUID
    position: int
    scene_id: str


@dataclass(frozen=True, slots=True)
class SceneOverview:
    """A scene with its newest run, take and preview event."""

    id: str
    episode_id: UUID
    number: str
    title: str
    slug: dict[str, Any]
    prompt: str
    status: str
    run: RunBrief | None
    take: TakeBrief | None
    preview: dict[str, Any] | None


async def scenes_of_project(
    executor: Executor,
    project_id: UUID,
    episode_id: UUID | None,
    behind: ScenePlace | None,
    limit_rows: int,
    seen: Episodes = None,
) -> list[SceneRow]:
    """In story order, of one episode or of all; None: from the beginning."""
    place = (None, None, None) if behind is None else (behind.episode_id, behind.position, behind.scene_id)
    rows = await executor.fetch(_QUERIES["scenes_of_project"], project_id, episode_id, *place, limit_rows, seen)
    return [_scene(row) for row in rows]


async def scene_of_project(
    executor: Executor, project_id: UUID, scene_id: str, seen: Episodes = None
) -> SceneRow | None:
    """None when the projection has no such scene."""
    row = await executor.fetchrow(_QUERIES["scene_of_project"], project_id, scene_id, seen)
    return None if row is None else _scene(row)


async def is_in_document(executor: Executor, document_id: UUID, scene_id: str) -> bool:
    """As far as the rows know."""
    return bool(await executor.fetchval(_QUERIES["is_in_document"], document_id, scene_id))


async def overview(
    connection: Connection, project_id: UUID, episode_id: UUID | None = None, seen: Episodes = None
) -> tuple[int, list[SceneOverview]]:
    """The event cursor and all scenes in story order, at one moment: needs a repeatable-read transaction."""
    cursor = await connection.fetchval(_QUERIES["event_cursor"], project_id)
    rows = await connection.fetch(_QUERIES["overview"], project_id, episode_id, seen)
    return int(cursor or 0), [_overview(row) for row in rows]


def _scene(row: asyncpg.Record) -> SceneRow:
    return SceneRow(
        document_id=row["document_id"],
        id=row["id"],
        seq=row["seq"],
        position=row["position"],
        number=row["number"],
        title=row["title"],
        slug=_object(row["slug"]),
        prompt=row["prompt"],
        status=row["status"],
        current_take=row["current_take"],
        est_frames=row["est_frames"],
        episode_id=row["episode_id"],
    )


def _overview(row: asyncpg.Record) -> SceneOverview:
    run = take = None
    if row["run_id"] is not None:
        run = RunBrief(row["run_id"], row["run_state"], row["run_stage"], row["run_pct"])
    if row["take_id"] is not None:
        rate = (row["rate_num"], row["rate_den"])
        take = TakeBrief(row["take_id"], row["take_number"], row["media_hash"], row["thumb_hash"], row["frames"], rate)
    return SceneOverview(
        id=row["id"],
        episode_id=row["episode_id"],
        number=row["number"],
        title=row["title"],
        slug=_object(row["slug"]),
        prompt=row["prompt"],
        status=row["status"],
        run=run,
        take=take,
        preview=None if row["preview"] is None else _object(row["preview"]),
    )


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    return value if isinstance(value, dict) else {}
