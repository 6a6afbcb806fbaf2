"""Rows of `document_versions`: labels on sequences of a document's log.

They hold no content: what a version shows is read from the log (consistency.md C15).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What `add_version` writes."""

    id: UUID
    document_id: UUID
    epoch: int
    seq: int
    label: str
    author: UUID


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One named version."""

    id: UUID
    document_id: UUID
    epoch: int
    seq: int
    label: str
    author: UUID
    created_at: datetime


async def add_version(executor: Executor, version: NewVersion, versions_max: int) -> VersionRow | None:
    """The row of this id, made now or before; None: the document has `versions_max` others."""
    await executor.execute(
        _QUERIES["add_version"],
        version.id,
        version.document_id,
        version.epoch,
        version.seq,
        version.label,
        version.author,
        versions_max,
    )
    return await version_of(executor, version.document_id, version.id)


async def version_of(executor: Executor, document_id: UUID, version_id: UUID) -> VersionRow | None:
    """None when the document has no such version."""
    row = await executor.fetchrow(_QUERIES["version"], document_id, version_id)
    return None if row is None else _version(row)


async def versions_of_document(
    executor: Executor, document_id: UUID, before: UUID | None, limit_rows: int
) -> list[VersionRow]:
    """Newest first, older than the version `before`."""
    return [_version(row) for row in await executor.fetch(_QUERIES["versions"], document_id, before, limit_rows)]


async def delete_version(executor: Executor, document_id: UUID, version_id: UUID) -> bool:
    """False: there was none."""
    return await executor.fetchval(_QUERIES["delete_version"], document_id, version_id) is not None


def _version(row: asyncpg.Record) -> VersionRow:
    return VersionRow(
        row["id"], row["document_id"], row["epoch"], row["seq"], row["label"], row["author"], row["created_at"]
    )
