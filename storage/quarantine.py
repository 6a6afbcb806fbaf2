"""Bytes that ended a replica (consistency.md C5). They are kept, and never applied again."""

from hashlib import sha256
from uuid import UUID

import asyncpg

from storage.postgres import store_away
from storage.sql import load

_QUERIES = load(__file__)


class Quarantine:
    """Of all documents."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def add(self, document_id: UUID, data: bytes, reason: str) -> None:
        """Adding the same bytes again changes nothing."""
        with store_away():
            await self._pool.execute(_QUERIES["add"], document_id, sha256(data).digest(), data, reason)

    async def digests(self, document_id: UUID) -> frozenset[bytes]:
        """sha256 of everything of this document."""
        with store_away():
            records = await self._pool.fetch(_QUERIES["digests"], document_id)
        return frozenset(record["sha256"] for record in records)
