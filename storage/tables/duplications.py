"""Rows of `duplications`, and the statements that copy a project's rows under new ids. Each may be repeated.

Which id becomes which is said by the caller; what the documents hold is copied in `services.projects`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from storage.postgres import Connection, Executor
from storage.sql import load

_QUERIES = load(__file__)
FIRST = UUID(int=0)

Renamed = Mapping[UUID, UUID]
"""Old id -> new id."""


@dataclass(frozen=True, slots=True)
class DuplicationRow:
    """One copy under way or ended. `done` and `total`: things copied and to be copied."""

    id: UUID
    source_id: UUID
    target_id: UUID
    asked_by: UUID
    with_media: bool
    state: str
    done: int
    total: int
    epoch: int
    attempt: int
    error: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document to copy. `scenes`: how many its rows show."""

    id: UUID
    episode_id: UUID
    kind: str
    scenes: int


@dataclass(frozen=True, slots=True)
class NamedTake:
    """What a take becomes."""

    old: UUID
    new: UUID
    document_id: UUID
    scene_id: str


async def add_target(
    connection: Connection, source_id: UUID, target_id: UUID, owner_id: UUID, title: str, *, is_template: bool
) -> None:
    """A project as the source is, and deleted until it is whole."""
    await connection.execute(_QUERIES["add_target"], source_id, target_id, owner_id, title, is_template)


async def add_duplication(
    connection: Connection, id: UUID, source_id: UUID, target_id: UUID, asked_by: UUID, *, with_media: bool
) -> None:
    """Queued."""
    await connection.execute(_QUERIES["add"], id, source_id, target_id, asked_by, with_media)


async def unfinished_of(executor: Executor, user_id: UUID) -> int:
    """How many this user has asked for that have not ended."""
    return int(await executor.fetchval(_QUERIES["unfinished_of"], user_id))


async def duplication(executor: Executor, id: UUID) -> DuplicationRow | None:
    """None when there is none."""
    return _maybe(await executor.fetchrow(_QUERIES["of_id"], id))


async def lease(executor: Executor, owner: str, for_: timedelta) -> DuplicationRow | None:
    """The oldest that nobody holds; None when there is nothing to do."""
    return _maybe(await executor.fetchrow(_QUERIES["lease"], owner, for_))


async def renew(executor: Executor, id: UUID, epoch: int, for_: timedelta) -> bool:
    """False when it is no longer this worker's."""
    return await executor.fetchval(_QUERIES["renew"], id, epoch, for_) is not None


async def set_total(executor: Executor, id: UUID, epoch: int, total: int) -> bool:
    """False when it is no longer this worker's."""
    return await executor.fetchrow(_QUERIES["set_total"], id, epoch, total) is not None


async def advance(connection: Connection, id: UUID, epoch: int, by: int) -> tuple[int, int] | None:
    """(done, total), the row locked until the commit; None when it is no longer this worker's."""
    row = await connection.fetchrow(_QUERIES["advance"], id, epoch, by)
    return None if row is None else (row["done"], row["total"])


async def hand_back(executor: Executor, id: UUID, epoch: int) -> None:
    """Free for another worker at once, without an attempt used."""
    await executor.execute(_QUERIES["hand_back"], id, epoch)


async def finish(
    executor: Executor, id: UUID, epoch: int, state: str, error: Mapping[str, Any] | None = None
) -> DuplicationRow | None:
    """None when it is no longer this worker's."""
    told = None if error is None else json.dumps(error)
    return _maybe(await executor.fetchrow(_QUERIES["finish"], id, epoch, state, told))


async def cancel(executor: Executor, id: UUID) -> DuplicationRow | None:
    """None when it has ended already."""
    return _maybe(await executor.fetchrow(_QUERIES["cancel"], id))


async def reveal(connection: Connection, target_id: UUID) -> None:
    """The copy is whole: there it is."""
    await connection.execute(_QUERIES["reveal"], target_id)


async def size(executor: Executor, source_id: UUID, *, with_media: bool) -> int:
    """How many things there are to copy."""
    return int(await executor.fetchval(_QUERIES["sizes"], source_id, with_media))


# Copying -----------------------------------------------------------------------------------------


async def copy_structure(
    connection: Connection, source_id: UUID, target_id: UUID, seasons: Renamed, episodes: Renamed
) -> None:
    """Seasons and episodes."""
    await connection.execute(_QUERIES["copy_seasons"], source_id, target_id, *_pairs(seasons))
    await connection.execute(_QUERIES["copy_episodes"], source_id, target_id, *_pairs(episodes), *_pairs(seasons))


async def documents(executor: Executor, source_id: UUID) -> list[SourceDocument]:
    """Those of its episodes that were not deleted."""
    return [SourceDocument(*row) for row in await executor.fetch(_QUERIES["documents"], source_id)]


async def document_is_there(executor: Executor, document_id: UUID) -> bool:
    """Whether it was copied before."""
    return bool(await executor.fetchval(_QUERIES["document_is_there"], document_id))


async def copy_media(connection: Connection, source_id: UUID, target_id: UUID) -> None:
    """The right to it; the objects themselves are there once for all."""
    await connection.execute(_QUERIES["copy_media"], source_id, target_id)


async def takes(executor: Executor, source_id: UUID, after: UUID, limit_rows: int) -> list[tuple[UUID, UUID, str]]:
    """(id, document, scene), by id, behind `after`."""
    rows = await executor.fetch(_QUERIES["takes"], source_id, after, limit_rows)
    return [(row["id"], row["document_id"], row["scene_id"]) for row in rows]


async def copy_takes(connection: Connection, target_id: UUID, named: Sequence[NamedTake]) -> int:
    """With their parts; how many were not there before."""
    columns = [
        [take.old for take in named],
        [take.new for take in named],
        [take.document_id for take in named],
        [take.scene_id for take in named],
    ]
    added = _count(await connection.execute(_QUERIES["copy_takes"], target_id, *columns))
    await connection.execute(_QUERIES["copy_take_parts"], target_id, *columns[:2])
    return added


async def characters(executor: Executor, source_id: UUID) -> list[UUID]:
    """Those that were not deleted."""
    return [row["id"] for row in await executor.fetch(_QUERIES["characters"], source_id)]


async def copy_characters(connection: Connection, target_id: UUID, named: Renamed, *, with_media: bool) -> int:
    """How many were not there before. The target has the media already."""
    count = _count(await connection.execute(_QUERIES["copy_characters"], target_id, *_pairs(named), with_media))
    if with_media:
        await connection.execute(_QUERIES["copy_images"], target_id, *_pairs(named))
    return count


async def assets(executor: Executor, source_id: UUID) -> list[UUID]:
    """Those that are ready and were not deleted."""
    return [row["id"] for row in await executor.fetch(_QUERIES["assets"], source_id)]


async def copy_assets(connection: Connection, target_id: UUID, named: Renamed, created_by: UUID) -> int:
    """How many were not there before."""
    return _count(await connection.execute(_QUERIES["copy_assets"], target_id, *_pairs(named), created_by))


def _pairs(named: Renamed) -> Iterable[list[UUID]]:
    return list(named.keys()), list(named.values())


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])


def _maybe(row: asyncpg.Record | None) -> DuplicationRow | None:
    if row is None:
        return None
    return DuplicationRow(
        id=row["id"],
        source_id=row["source_id"],
        target_id=row["target_id"],
        asked_by=row["asked_by"],
        with_media=row["with_media"],
        state=row["state"],
        done=row["done"],
        total=row["total"],
        epoch=row["epoch"],
        attempt=row["attempt"],
        error=None if row["error"] is None else json.loads(row["error"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        finished_at=row["finished_at"],
    )
