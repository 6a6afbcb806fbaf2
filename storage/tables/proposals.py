"""Rows of `proposals`: refused edits that somebody may still take in.

What is in their bytes and who may decide is `services/proposals`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewProposal:
    """What `add_proposal` writes."""

    id: UUID
    document_id: UUID
    epoch: int
    author: UUID
    reason: str
    bytes: bytes
    detail: str


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """`state`: open, accepted or dismissed. `seq`: the row that took it in. `bytes`: empty in lists.

    `detail`: the refusal in words.
    """

    id: UUID
    document_id: UUID
    epoch: int
    author: UUID
    reason: str
    bytes: bytes
    state: str
    created_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    seq: int | None
    detail: str


async def add_proposal(
    executor: Executor, proposal: NewProposal, open_in_document_max: int, open_of_author_max: int
) -> bool:
    """False: it was there before, or there is no room for it."""
    row = await executor.fetchrow(
        _QUERIES["add_proposal"],
        proposal.id,
        proposal.document_id,
        proposal.epoch,
        proposal.author,
        proposal.reason,
        proposal.bytes,
        proposal.detail,
        open_in_document_max,
        open_of_author_max,
    )
    return row is not None


async def proposal_of(
    executor: Executor, document_id: UUID, proposal_id: UUID, *, lock: bool = False
) -> ProposalRow | None:
    """`lock`: nobody else decides on it until the transaction is over."""
    row = await executor.fetchrow(_QUERIES["locked_proposal" if lock else "proposal"], document_id, proposal_id)
    return None if row is None else _proposal(row)


async def proposals_of(
    executor: Executor, document_id: UUID, before: UUID | None, author: UUID | None, state: str | None, limit_rows: int
) -> list[ProposalRow]:
    """Newest first, older than the proposal `before`."""
    found = await executor.fetch(_QUERIES["proposals"], document_id, before, author, state, limit_rows)
    return [_proposal(row) for row in found]


async def decide(executor: Executor, proposal_id: UUID, state: str, by: UUID, seq: int | None) -> bool:
    """False: it is decided already."""
    return await executor.fetchval(_QUERIES["decide"], proposal_id, state, by, seq) is not None


def _proposal(row: asyncpg.Record) -> ProposalRow:
    return ProposalRow(
        row["id"],
        row["document_id"],
        row["epoch"],
        row["author"],
        row["reason"],
        row["bytes"] or b"",
        row["state"],
        row["created_at"],
        row["decided_by"],
        row["decided_at"],
        row["seq"],
        row["detail"],
    )
