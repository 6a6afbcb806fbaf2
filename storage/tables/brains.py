"""Rows of `brains` and `brain_versions`: looks that teams have made. The presets of every studio are no rows.

A record is JSON whose form `services/brains` knows.
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

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class BrainRow:
    """One version of a brain. `created_by` and `created_at` are the version's."""

    id: UUID
    team_id: UUID
    version: int
    record: dict[str, Any]
    created_by: UUID
    created_at: datetime
    deleted_at: datetime | None


async def add_brain(executor: Executor, brain_id: UUID, team_id: UUID, creator: UUID) -> None:
    """The row only; its first version comes in the same transaction."""
    await executor.execute(_QUERIES["add"], brain_id, team_id, creator)


async def add_version(
    executor: Executor, brain_id: UUID, version: int, record: Mapping[str, Any], creator: UUID
) -> None:
    """Whoever adds one holds the brain's row."""
    await executor.execute(_QUERIES["add_version"], brain_id, version, json.dumps(dict(record)), creator)


async def lock_brain(executor: Executor, brain_id: UUID) -> None:
    """Until the end of the transaction; nothing happens when there is no such brain."""
    await executor.execute(_QUERIES["lock"], brain_id)


async def count_of_team(executor: Executor, team_id: UUID) -> int:
    """Deleted ones included."""
    return int(await executor.fetchval(_QUERIES["count"], team_id))


async def brain_of_id(executor: Executor, brain_id: UUID, version: int | None = None) -> BrainRow | None:
    """The newest version or this one; of a deleted brain only a version that is named."""
    return _brain_or_none(await executor.fetchrow(_QUERIES["of_id"], brain_id, version))


async def brain_of_project(
    executor: Executor, project_id: UUID, brain_id: UUID, version: int | None = None
) -> BrainRow | None:
    """As `brain_of_id`, if a team that has a role in the project made it."""
    return _brain_or_none(await executor.fetchrow(_QUERIES["of_project"], project_id, brain_id, version))


async def versions(executor: Executor, brain_id: UUID, below: int | None, limit_rows: int) -> list[BrainRow]:
    """The newest first."""
    return [_brain(row) for row in await executor.fetch(_QUERIES["versions"], brain_id, below, limit_rows)]


async def brains_of_user(executor: Executor, user_id: UUID, team_id: UUID | None, limit_rows: int) -> list[BrainRow]:
    """The newest version of each, the oldest brain first; of all of somebody's teams, or of one."""
    return [_brain(row) for row in await executor.fetch(_QUERIES["of_user"], user_id, team_id, limit_rows)]


async def delete_brain(executor: Executor, brain_id: UUID) -> None:
    """Out of the lists; its versions stay for the scenes that name them."""
    await executor.execute(_QUERIES["delete"], brain_id)


def _brain_or_none(row: asyncpg.Record | None) -> BrainRow | None:
    return None if row is None else _brain(row)


def _brain(row: asyncpg.Record) -> BrainRow:
    return BrainRow(
        id=row["id"],
        team_id=row["team_id"],
        version=row["version"],
        record=json.loads(row["record"]),
        created_by=row["created_by"],
        created_at=row["created_at"],
        deleted_at=row["deleted_at"],
    )
