"""Rows of `assets` as people see them: the files of a project, and what was made of each.

The same rows as jobs are in `ingests.py`; the bytes are media.
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
class NewAsset:
    """What `add_asset` writes."""

    id: UUID
    project_id: UUID
    created_by: UUID
    name: str
    kind: str
    content_type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Part:
    """Something found out, and the hash of what was made, if anything was."""

    made: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AssetRow:
    """One asset. `hash`: None until it was read; `parts`: by their names, as far as they are made."""

    id: UUID
    project_id: UUID
    created_by: UUID
    name: str
    kind: str
    content_type: str
    bytes: int
    hash: str | None
    state: str
    stage: str
    pct: int
    error: dict[str, Any] | None
    parts: Mapping[str, Part]
    created_at: datetime
    updated_at: datetime


async def add_asset(executor: Executor, asset: NewAsset) -> None:
    """A new one, waiting for a worker."""
    await executor.execute(
        _QUERIES["add_asset"],
        asset.id,
        asset.project_id,
        asset.created_by,
        asset.name,
        asset.kind,
        asset.content_type,
        asset.bytes,
    )


async def asset_of_id(executor: Executor, asset_id: UUID) -> AssetRow | None:
    """None when there is none, or it was deleted."""
    row = await executor.fetchrow(_QUERIES["asset"], asset_id)
    return None if row is None else _asset(row)


async def assets_of_project(
    executor: Executor, project_id: UUID, before: UUID | None, kind: str | None, limit_rows: int
) -> list[AssetRow]:
    """Newest first, older than `before`."""
    found = await executor.fetch(_QUERIES["assets_of_project"], project_id, before, kind, limit_rows)
    return [_asset(row) for row in found]


async def rename(executor: Executor, asset_id: UUID, name: str) -> bool:
    """False: there is none."""
    return await executor.fetchval(_QUERIES["rename"], asset_id, name) is not None


async def delete(executor: Executor, asset_id: UUID) -> bool:
    """False: there is none. Its row and its media stay for a while."""
    return await executor.fetchval(_QUERIES["delete"], asset_id) is not None


def _asset(row: asyncpg.Record) -> AssetRow:
    parts = json.loads(row["parts"] or "{}")
    return AssetRow(
        id=row["id"],
        project_id=row["project_id"],
        created_by=row["created_by"],
        name=row["name"],
        kind=row["kind"],
        content_type=row["content_type"],
        bytes=row["bytes"],
        hash=row["hash"],
        state=row["state"],
        stage=row["stage"],
        pct=row["pct"],
        error=None if row["error"] is None else json.loads(row["error"]),
        parts={name: Part(part["made"], part["facts"]) for name, part in parts.items()},
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
