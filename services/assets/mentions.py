"""Finds the hashes that a document's log mentions, by looking at its bytes: all that history may ever bring back.

A Yjs update holds a string as its length and its UTF-8, so a hash stands there as it is, behind the byte 64; also
what was deleted since, and what an editor wrote before the file was there.
"""

import re
from collections.abc import Iterable
from uuid import UUID

import asyncpg

from storage.log import DocumentLog
from storage.postgres import store_away
from storage.tables import mentions
from storage.tables.mentions import Scan

_HASH = re.compile(rb'(?<=[@"])[0-9a-f]{64}')
"""`@` is 64, the length; a quote is before one inside JSON text."""


def hashes_in(updates: Iterable[bytes]) -> set[str]:
    """All that may be one; a few that are none do no harm."""
    return {found.decode() for update in updates for found in _HASH.findall(update)}


class Mentions:
    """Of all documents. Each row of a log is looked at once."""

    def __init__(self, pool: asyncpg.Pool, log: DocumentLog) -> None:
        self._pool = pool
        self._log = log

    async def search(self, project_ids: Iterable[UUID]) -> None:
        """Every document of the projects, to its head, and edits that may still be accepted.

        Raises `StoreAway`, `SegmentLost`.
        """
        wanted = list(project_ids)
        with store_away():
            behind = await mentions.unsearched_documents(self._pool, wanted)
        for document_id in behind:
            await self._search(document_id)
        with store_away():
            for proposal_id, document_id in await mentions.open_proposals(self._pool, wanted):
                found = hashes_in([await mentions.bytes_of_proposal(self._pool, proposal_id)])
                await mentions.add_hashes(self._pool, document_id, found)

    async def _search(self, document_id: UUID) -> None:
        """Page by page: what was searched stays so when this ends early."""
        head = await self._log.head(document_id)
        with store_away():
            scan = await mentions.scan_of(self._pool, document_id)
        while (scan.epoch, scan.seq) < (head.epoch, head.seq):
            page = await self._log.read(document_id, scan.epoch, scan.seq)
            if page:
                scan = Scan(scan.epoch, page[-1].seq)
            elif scan.epoch < head.epoch:
                scan = Scan(scan.epoch + 1, 0)
            else:
                return  # it has begun another epoch since; the next search goes on there
            found = hashes_in(row.bytes for row in page)
            with store_away():
                async with self._pool.acquire() as connection, connection.transaction():
                    await mentions.add_mentions(connection, document_id, found, scan)
