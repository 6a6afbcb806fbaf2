"""Reads the past: a snapshot at or before a sequence and the rows behind it, within the limits of one request.

The work on what was read runs in a thread: documents are built there and end there.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from pycrdt import Doc

from services.documents.errors import DocumentUnreadable
from services.documents.replica import Replica, apart, apply_rows, new_replica
from services.history import content
from services.history.blame import Register, Walk, Walked
from services.history.content import Content
from services.history.errors import HistoryTooLong
from services.history.undo import Trace, trace
from storage.announcements import Announcement, Announcements
from storage.errors import StoreAway
from storage.log import READ_ROWS_MAX, DocumentLog, Head, Row
from storage.quarantine import Quarantine
from storage.snapshots import Snapshot, Snapshots
from sync.names import Kind
from sync.schema import OWNERSHIP

ROWS_MAX = 10_000
"""Of the log, read behind a snapshot in one request."""
BYTES_MAX = 32 * 1024 * 1024
JSON_BYTES_MAX = 32 * 1024 * 1024
"""Documents have at most 10 MiB, but JSON escapes what they hold plainly."""
SNAPSHOT_ROWS_MIN = 1_000
"""Whoever had to read more leaves a snapshot there for the next."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one request. `rows` and `bytes`: of the log. `json_bytes`: of the answer."""

    rows: int = ROWS_MAX
    bytes: int = BYTES_MAX
    json_bytes: int = JSON_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Past:
    """What is needed to build the document at `seq` of `head.epoch`."""

    head: Head
    seq: int
    snapshot: Snapshot | None
    rows: Sequence[Row]
    quarantined: frozenset[bytes]

    def build(self, announcement: Announcement) -> Replica:
        """Native code: not on the loop, and what it made must not leave the thread. Raises `DocumentUnreadable`."""
        replica = new_replica(self.head, None, self.quarantined, self.snapshot, announcement)
        apply_rows(replica, self.rows)
        return replica

    @property
    def states(self) -> list[bytes]:
        before = [] if self.snapshot is None else [self.snapshot.bytes]
        return [*before, *(row.bytes for row in self.rows)]


class Reader:
    """Of all documents; keeps nothing."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        log: DocumentLog,
        snapshots: Snapshots,
        announcements: Announcements,
        limits: Limits | None = None,
    ) -> None:
        self._announcements = announcements
        self._log = log
        self._snapshots = snapshots
        self._quarantine = Quarantine(pool)
        self.limits = limits or Limits()

    async def past(self, head: Head, seq: int) -> Past:
        """Raises `HistoryTooLong`, `DocumentUnreadable`, `StoreAway`. `head.epoch` is the epoch to read."""
        quarantined = await self._quarantine.digests(head.document_id)
        snapshot = await self._snapshots.latest(head.document_id, head.epoch, seq)
        reached = 0 if snapshot is None else snapshot.seq
        rows: list[Row] = []
        size = 0
        while reached < seq:
            left = min(self.limits.rows - len(rows), READ_ROWS_MAX, seq - reached)
            if left <= 0 or size >= self.limits.bytes:
                await self._leave_snapshot(Past(head, reached, snapshot, rows, quarantined))
                raise HistoryTooLong(f"sequence {seq} is more than {len(rows)} rows away", self.limits.rows)
            page = await self._log.read(head.document_id, head.epoch, reached, left)
            if not page:
                raise DocumentUnreadable(f"{head.document_id}: rows after {reached} are missing")
            rows += page
            size += sum(len(row.bytes) for row in page)
            reached = page[-1].seq
        past = Past(head, seq, snapshot, rows, quarantined)
        if len(rows) >= SNAPSHOT_ROWS_MIN:
            await self._leave_snapshot(past)
        return past

    async def content(self, head: Head, seq: int) -> Content:
        """Everything in the document at that sequence. Raises as `past`."""
        past = await self.past(head, seq)

        def read(announcement: Announcement) -> Content:
            return read_content(past.build(announcement).doc, head)

        return await apart(self._announcements, head.document_id, read)

    async def rows(self, head: Head, after: int, through: int, rows_max: int) -> list[Row]:
        """Rows behind `after`, as many as the limits allow: fewer than asked for are no error."""
        found: list[Row] = []
        size = 0
        while after < through and len(found) < rows_max and size < self.limits.bytes:
            left = min(rows_max - len(found), READ_ROWS_MAX, through - after)
            page = await self._log.read(head.document_id, head.epoch, after, left, self.limits.bytes - size)
            if not page:
                break
            found += page
            size += sum(len(row.bytes) for row in page)
            after = page[-1].seq
        return found

    async def walked(self, head: Head, after: int, through: int, rows_max: int) -> list[Walked]:
        """Those rows and what they touched. Raises as `past`."""
        past = await self.past(head, after)
        rows = await self.rows(head, after, through, rows_max)
        owners = await self._log.clients(head.document_id, head.epoch)

        def step(announcement: Announcement) -> list[Walked]:
            walk = Walk(owners, past.quarantined)
            walk.load(past.states)
            return [walk.step(row) for row in rows]

        return await apart(self._announcements, head.document_id, step)

    async def traced(self, head: Head, after: int, author: UUID) -> dict[Register, Trace]:
        """What has become of every register since. Raises as `past`, also when the rows since are too many."""
        past = await self.past(head, after)
        rows = await self.rows(head, after, head.seq, self.limits.rows)
        if after + len(rows) < head.seq:
            raise HistoryTooLong(f"more than {len(rows)} rows since {after}", self.limits.rows)
        owners = await self._log.clients(head.document_id, head.epoch)

        def look(announcement: Announcement) -> dict[Register, Trace]:
            walk = Walk(owners, past.quarantined)
            walk.load(past.states)
            return trace(past.build(announcement), walk, rows, author)

        return await apart(self._announcements, head.document_id, look)

    async def _leave_snapshot(self, past: Past) -> None:
        def encode(announcement: Announcement) -> bytes:
            return bytes(past.build(announcement).doc.get_update())

        state = await apart(self._announcements, past.head.document_id, encode)
        with suppress(StoreAway, OSError):  # a cache; the answer does not depend on it
            await self._snapshots.put(past.head.document_id, past.head.epoch, past.seq, state)


def read_content(doc: Doc[Any], head: Head) -> Content:
    """Of every root that documents of this kind have."""
    return content.read(doc, OWNERSHIP[Kind(head.kind)].roots)
