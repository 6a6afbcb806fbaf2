"""Whole documents at a sequence, so that loading need not read the whole log. Caches: any of them may be lost.

The bytes are objects named by their hash; the row is written after them, so a crash leaves an orphan and never a lie.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import asyncpg

from storage.errors import ObjectCorrupt, ObjectMissing
from storage.objects import Objects, hash_beside
from storage.postgres import store_away
from storage.sql import load

CANDIDATES_MAX = 3
"""How many are tried before the log is read from its beginning."""
CONTENT_TYPE = "application/vnd.yjs.update"

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A Yjs v1 update that holds everything up to `seq`."""

    seq: int
    bytes: bytes


class Candidate(NamedTuple):
    """A snapshot that was written once. `hash`: the object's name."""

    seq: int
    hash: str


class Snapshots:
    """Of all documents."""

    def __init__(self, pool: asyncpg.Pool, objects: Objects) -> None:
        self._pool = pool
        self._objects = objects

    async def latest(self, document_id: UUID, epoch: int, through: int | None = None) -> Snapshot | None:
        """The newest whose bytes are there and whole, none later than the sequence `through`."""
        with store_away():
            records = await self._pool.fetch(_QUERIES["newest"], document_id, epoch, CANDIDATES_MAX, through)
        return await self.first_whole([Candidate(record["seq"], record["hash"]) for record in records])

    async def first_whole(self, candidates: Iterable[Candidate]) -> Snapshot | None:
        """The first of them whose bytes are there and whole."""
        for candidate in candidates:
            try:
                return Snapshot(candidate.seq, await self._objects.get(candidate.hash))
            except (ObjectMissing, ObjectCorrupt):
                continue
        return None

    async def put(self, document_id: UUID, epoch: int, seq: int, data: bytes) -> bool:
        """False: there is one at this sequence already, or the epoch is over."""
        name = await hash_beside(data)
        await self._objects.put(name, data, CONTENT_TYPE)
        with store_away():
            stored = await self._pool.fetchval(_QUERIES["put"], document_id, epoch, seq, name, len(data))
        return stored is not None
