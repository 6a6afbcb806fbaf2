"""Rows of `takes`: immutable results of generations.

Their bytes are objects; their names in the document are written by `services.generation`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load
from storage.tables.episodes import Episodes

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewTake:
    """What `add_take` writes. `rate`: frames per second as a fraction."""

    id: UUID
    project_id: UUID
    document_id: UUID
    scene_id: str
    run_id: UUID
    number: int
    media: str
    thumb: str
    frames: int
    width: int
    height: int
    rate: tuple[int, int]
    provenance: Mapping[str, Any]
    cost_microcredits: int


@dataclass(frozen=True, slots=True)
class TakeRow:
    """One take. `media` and `thumb` are sha256 in lower-case hex. `run_id` None: it was copied from another project.

    `cost_microcredits`: what its run cost; None where nobody counted it, or somebody else paid.
    """

    id: UUID
    project_id: UUID
    document_id: UUID
    scene_id: str
    run_id: UUID | None
    number: int
    media: str
    thumb: str
    frames: int
    width: int
    height: int
    rate: tuple[int, int]
    provenance: dict[str, Any]
    created_at: datetime
    cost_microcredits: int | None


async def add_take(executor: Executor, take: NewTake) -> None:
    """Raises `asyncpg.UniqueViolationError` when the run has one already or the number is taken."""
    await executor.execute(
        _QUERIES["add_take"],
        take.id,
        take.project_id,
        take.document_id,
        take.scene_id,
        take.run_id,
        take.number,
        take.media,
        take.thumb,
        take.frames,
        take.width,
        take.height,
        take.rate[0],
        take.rate[1],
        json.dumps(take.provenance),
        take.cost_microcredits,
    )


async def next_number(executor: Executor, document_id: UUID, scene_id: str) -> int:
    """1 for the first take of a scene."""
    return int(await executor.fetchval(_QUERIES["next_number"], document_id, scene_id))


async def take_of_id(executor: Executor, take_id: UUID) -> TakeRow | None:
    """None when there is none."""
    return _maybe(await executor.fetchrow(_QUERIES["take_of_id"], take_id))


async def take_of_run(executor: Executor, run_id: UUID) -> TakeRow | None:
    """A run makes at most one."""
    return _maybe(await executor.fetchrow(_QUERIES["take_of_run"], run_id))


async def takes_of_project(
    executor: Executor, project_id: UUID, before: UUID | None, limit_rows: int, seen: Episodes = None
) -> list[TakeRow]:
    """Newest first, older than the take `before`."""
    rows = await executor.fetch(_QUERIES["takes_of_project"], project_id, before, limit_rows, seen)
    return [_take(row) for row in rows]


async def takes_of_scene(
    executor: Executor, document_id: UUID, scene_id: str, below: int | None = None, limit_rows: int | None = None
) -> list[TakeRow]:
    """Newest first, with numbers below `below`; None: all."""
    rows = await executor.fetch(_QUERIES["takes_of_scene"], document_id, scene_id, below, limit_rows)
    return [_take(row) for row in rows]


def _maybe(row: asyncpg.Record | None) -> TakeRow | None:
    return None if row is None else _take(row)


def _take(row: asyncpg.Record) -> TakeRow:
    return TakeRow(
        id=row["id"],
        project_id=row["project_id"],
        document_id=row["document_id"],
        scene_id=row["scene_id"],
        run_id=row["run_id"],
        number=row["number"],
        media=row["media_hash"],
        thumb=row["thumb_hash"],
        frames=row["frames"],
        width=row["width"],
        height=row["height"],
        rate=(row["rate_num"], row["rate_den"]),
        provenance=json.loads(row["provenance"]),
        created_at=row["created_at"],
        cost_microcredits=row["cost_microcredits"],
    )
