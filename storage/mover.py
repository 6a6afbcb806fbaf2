"""Moves old rows of the log out of PostgreSQL, a segment at a time (consistency.md C15). Nothing is lost by it, ever.

The object is written first, then one transaction puts the segment's row in the place of the log's rows: a crash leaves
an object that nobody names, and readers see either the rows or the segment.
"""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg

from storage.errors import RowsMissing
from storage.log import DocumentLog
from storage.objects import Objects, hash_of
from storage.postgres import Connection, store_away
from storage.segments import CONTENT_TYPE, pack
from storage.sql import load
from storage.tables.documents import Round

ROWS = 1_000
"""Of a segment: as many as a page of the log, so that reading a segment is reading a page."""
BYTES_MAX = 4 * 1024 * 1024
"""Of a segment's rows, unpacked; such a segment has fewer rows, and a single larger row still goes."""

_QUERIES = load(__file__)


class Mover:
    """Goes round all documents. `age`: of rows that may move, if a snapshot has them too.

    Several may run: a document is moved by one at a time, and what one has moved is nothing to do for the others.
    """

    def __init__(
        self, pool: asyncpg.Pool, objects: Objects, age: timedelta, *, rows: int = ROWS, bytes_max: int = BYTES_MAX
    ) -> None:
        self._pool = pool
        self._objects = objects
        self._log = DocumentLog(pool, objects)
        self._age = age
        self._rows = rows
        self._bytes_max = bytes_max
        self._round = Round()

    async def due(self) -> list[UUID]:
        """Those of the next documents that have a segment to move. Empty: not these; the next call looks further."""
        with store_away():
            due = await self._pool.fetch(_QUERIES["due"], await self._round.next(self._pool), self._rows, self._age)
        return list(dict.fromkeys(row["document_id"] for row in due))

    async def move(self, document_id: UUID) -> int:
        """One segment, if one is due and no other mover is at the document. Returns how many rows it has.

        Raises `RowsMissing`, `StoreAway`; whether it has moved then does not matter, the next call finds out.
        """
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                if not await connection.fetchval(_QUERIES["hold"], document_id):
                    return 0
                due = await connection.fetchrow(_QUERIES["due"], [document_id], self._rows, self._age)
                return 0 if due is None else await self._replace(connection, due)

    async def _replace(self, connection: Connection, due: asyncpg.Record) -> int:
        document_id, epoch, after = due
        rows = await self._log.read(document_id, epoch, after, self._rows, self._bytes_max, connection)
        packed = await asyncio.to_thread(pack, rows)
        name = hash_of(packed)
        await self._objects.put(name, packed, CONTENT_TYPE)
        first, last = after + 1, rows[-1].seq
        gone = await connection.fetchval(_QUERIES["replace"], document_id, epoch, first, last, name, len(packed))
        if not gone == len(rows) == last - after:
            raise RowsMissing(f"{document_id}: of the rows {first} to {last} there are {gone}")
        return len(rows)
