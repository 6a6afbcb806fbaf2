"""The document log as history: rows with who and when beside the bytes.

For readers of the past; rooms and server edits read `storage/log.py`, which carries less.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One committed row. `actor`: whose edit it is; `relayed_by`: who brought it, when that was another."""

    seq: int
    batch_id: UUID
    actor: UUID | None
    origin: str
    relayed_by: UUID | None
    created_at: datetime
    bytes: bytes


async def rows(
    executor: Executor, document_id: UUID, epoch: int, after: int, through: int, limit_rows: int, limit_bytes: int
) -> list[HistoryRow]:
    """One page with `after < seq <= through`. Only an empty page is the end: bytes may fill one before rows do."""
    found = await executor.fetch(_QUERIES["rows"], document_id, epoch, after, through, limit_rows, limit_bytes)
    return [
        HistoryRow(
            row["seq"],
            row["batch_id"],
            row["actor"],
            row["origin"],
            row["relayed_by"],
            row["created_at"],
            row["bytes"],
        )
        for row in found
    ]


async def seq_at(executor: Executor, document_id: UUID, epoch: int, head_seq: int, moment: datetime) -> int:
    """The last row that was written by `moment`; 0 before the first.

    A binary search, because sequences have no gaps and rise with time: no index has to be kept for it on every append.
    """
    low, high = 0, head_seq
    while low < high:
        middle = (low + high + 1) // 2
        written: datetime | None = await executor.fetchval(_QUERIES["time_of"], document_id, epoch, middle)
        if written is not None and written <= moment:
            low = middle
        else:
            high = middle - 1
    return low


async def names(executor: Executor, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Of those that exist."""
    return {row["id"]: row["name"] for row in await executor.fetch(_QUERIES["names"], list(user_ids))}
