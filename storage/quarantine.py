"""Bytes that ended a replica or a process (consistency.md C5), and the documents at which that happened.

The bytes are kept, and never applied again.
"""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import asyncpg

from storage.postgres import store_away
from storage.sql import load

FAULTS_MAX = 1
"""A document at which more processes failed within `FAULTS_WITHIN` is only read, until an operator forgives it."""
FAULTS_WITHIN = timedelta(days=1)

_QUERIES = load(__file__)


class Quarantine:
    """Of all documents."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @staticmethod
    def digest(data: bytes) -> bytes:
        """By which bytes are known again."""
        return sha256(data).digest()

    async def add(self, document_id: UUID, data: bytes, reason: str) -> None:
        """Adding the same bytes again changes nothing."""
        await self.add_digest(document_id, self.digest(data), data, reason)

    async def add_digest(self, document_id: UUID, digest: bytes, data: bytes, reason: str) -> None:
        """Of bytes that nobody has any more: `data` is empty then."""
        with store_away():
            await self._pool.execute(_QUERIES["add"], document_id, digest, data, reason)

    async def digests(self, document_id: UUID) -> frozenset[bytes]:
        """sha256 of everything of this document."""
        with store_away():
            records = await self._pool.fetch(_QUERIES["digests"], document_id)
        return frozenset(record["sha256"] for record in records)

    async def note_fault(self, document_id: UUID, what: str) -> None:
        """A process has ended by a native fault while it worked on this document."""
        with store_away():
            await self._pool.execute(_QUERIES["note_fault"], document_id, what)

    async def is_read_only(self, document_id: UUID) -> bool:
        """Whether it has ended too many processes to be edited."""
        with store_away():
            faults = await self._pool.fetchval(_QUERIES["faults"], document_id, FAULTS_WITHIN)
        return bool(faults > FAULTS_MAX)

    async def forgive(self, document_id: UUID) -> int:
        """An operator has looked: it may be edited again. How many faults that were."""
        with store_away():
            return int(await self._pool.fetchval(_QUERIES["forgive"], document_id))
