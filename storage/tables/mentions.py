"""Rows of `media_mentions`: which hashes stand anywhere in the log of which document, and how far it was searched.

They only become more: history can bring back whatever the log holds.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from storage.postgres import Connection, Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Scan:
    """The log was searched to this row, and all epochs before. (1, 0): not at all."""

    epoch: int
    seq: int


async def scan_of(executor: Executor, document_id: UUID) -> Scan:
    """How far it was searched."""
    row = await executor.fetchrow(_QUERIES["scan"], document_id)
    return Scan(1, 0) if row is None else Scan(row["epoch"], row["seq"])


async def add_mentions(connection: Connection, document_id: UUID, hashes: Collection[str], scan: Scan) -> None:
    """What was found on the way to `scan`. Two that search at once write the same, and a scan never goes back."""
    await add_hashes(connection, document_id, hashes)
    await connection.execute(_QUERIES["reach"], document_id, scan.epoch, scan.seq)


async def documents_that_mention(executor: Executor, project_id: UUID, hash: str) -> list[tuple[UUID, str]]:
    """(id, kind) of those of the project."""
    rows = await executor.fetch(_QUERIES["documents_that_mention"], project_id, hash)
    return [(row["id"], row["kind"]) for row in rows]


async def unsearched_documents(executor: Executor, project_ids: Collection[UUID]) -> list[UUID]:
    """Those of the projects whose log is longer than what was searched."""
    return [row["id"] for row in await executor.fetch(_QUERIES["unsearched"], list(project_ids))]


async def add_hashes(executor: Executor, document_id: UUID, hashes: Collection[str]) -> None:
    """The document mentions them; again does nothing."""
    await executor.execute(_QUERIES["add"], document_id, list(hashes))


async def open_proposals(executor: Executor, project_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """(id, document) of refused edits that may still be accepted."""
    rows = await executor.fetch(_QUERIES["open_proposals"], list(project_ids))
    return [(row["id"], row["document_id"]) for row in rows]


async def bytes_of_proposal(executor: Executor, proposal_id: UUID) -> bytes:
    """Empty: it is gone."""
    return await executor.fetchval(_QUERIES["bytes_of_proposal"], proposal_id) or b""
