"""Rows of `documents`: for those who go round all of them by the clock, and the newest lock in each.

What is in a document, and its order, is in `storage/log.py`.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from storage.postgres import Executor
from storage.sql import load

DOCUMENTS_MAX = 200
"""Looked at in one go."""

_QUERIES = load(__file__)
_FIRST = UUID(int=0)


class Round:
    """Goes round all documents in the order of their ids."""

    def __init__(self) -> None:
        self._reached = _FIRST

    async def next(self, executor: Executor) -> list[UUID]:
        """The next ones; behind the last the first again."""
        found = [row["id"] for row in await executor.fetch(_QUERIES["next"], self._reached, DOCUMENTS_MAX)]
        self._reached = found[-1] if len(found) == DOCUMENTS_MAX else _FIRST
        return found


async def note_lock(executor: Executor, document_id: UUID, seq: int) -> None:
    """Row `seq` locks something: no commit passes any more that was judged without it. The head is locked."""
    await executor.execute(_QUERIES["note_lock"], document_id, seq)


async def fat(
    executor: Executor, ids: Collection[UUID], bytes_min: int, clients_min: int, quiet: timedelta
) -> list[tuple[UUID, int]]:
    """(id, sequence) of those with so large a snapshot or so many client ids that nobody wrote in for that long."""
    found = await executor.fetch(_QUERIES["fat"], list(ids), bytes_min, clients_min, quiet)
    return [(row["id"], row["seq"]) for row in found]
