"""A document in memory at a known sequence, built from a snapshot and the rows after it.

Native code is kept behind `guarded`, which announces it (C5): a panic there is no `Exception`, and what it touched is
worth nothing any more.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from pycrdt import Doc, TransactionEvent, merge_updates

from services.documents.errors import DocumentUnreadable
from services.documents.locked import keeping_locks
from storage.announcements import Announcement, Announcements
from storage.log import Head, Row
from storage.snapshots import Snapshot

Change = Callable[[Doc[Any]], None]
"""Edits inside one transaction. It may run again on another replica, so it only looks at the document it is given."""

Result = TypeVar("Result")
_EMPTY = b"\x00\x00"


@dataclass(slots=True)
class Replica:
    """`head`: the document's row when the replica was made; its epoch and server client must still be the same."""

    head: Head
    doc: Doc[Any]
    announcement: Announcement
    quarantined: frozenset[bytes]
    """sha256 of rows that are not applied (consistency.md C5)."""
    seq: int = 0
    bytes: int = 0
    """Of all updates applied: what it costs, roughly."""

    def belongs(self, head: Head) -> bool:
        """Not after a restore, a re-base, or a failover that lost rows which the replica holds."""
        ours = (self.head.epoch, self.head.server_client)
        return ours == (head.epoch, head.server_client) and self.seq <= head.seq


@contextmanager
def guarded(announcement: Announcement) -> Iterator[None]:
    """A Rust panic is a `BaseException` that no handler expects: it becomes `DocumentUnreadable`."""
    try:
        with announcement.reading():
            yield
    except (Exception, asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise DocumentUnreadable(f"{announcement.document_id}: native code failed: {type(error).__name__}") from error


def new_replica(
    head: Head,
    client_id: int | None,
    quarantined: frozenset[bytes],
    snapshot: Snapshot | None,
    announcement: Announcement,
) -> Replica:
    """`client_id`: whose edits are to be made on it; None for one that is only read."""
    replica = Replica(head, Doc() if client_id is None else Doc(client_id=client_id), announcement, quarantined)
    if snapshot is not None:
        _apply(replica, [snapshot.bytes])
        replica.seq = snapshot.seq
    return replica


def apply_rows(replica: Replica, rows: Sequence[Row]) -> None:
    """Brings the replica to the last of `rows`. Raises `DocumentUnreadable`; the replica is worthless then."""
    expected = range(replica.seq + 1, replica.seq + len(rows) + 1)
    if [row.seq for row in rows] != list(expected):
        raise DocumentUnreadable(f"{replica.head.document_id}: rows after {replica.seq} are missing")
    updates = [row.bytes for row in rows]
    if replica.quarantined:
        updates = [data for data in updates if sha256(data).digest() not in replica.quarantined]
    _apply(replica, updates)
    replica.seq += len(rows)


def apply_change(replica: Replica, change: Change, *, keeps_locks: bool = True) -> bytes:
    """The update that `change` makes, empty if it changed nothing. What `change` raises comes out.

    `keeps_locks`: raises `SceneLocked` or `ClipLocked` if it touches what is locked; the replica is worthless then.
    """
    updates: list[bytes] = []

    def note(event: TransactionEvent) -> None:
        updates.append(event.update)

    with guarded(replica.announcement):
        subscription = replica.doc.observe(note)
        try:
            with keeping_locks(replica.doc) if keeps_locks else nullcontext(), replica.doc.transaction():
                change(replica.doc)
        finally:
            replica.doc.unobserve(subscription)
    made = [update for update in updates if update != _EMPTY]
    update = merge_updates(*made) if len(made) > 1 else b"".join(made)
    replica.bytes += len(update)
    return update


def _apply(replica: Replica, updates: Sequence[bytes]) -> None:
    try:
        with guarded(replica.announcement), replica.doc.transaction():
            for update in updates:
                replica.doc.apply_update(update)
    except DocumentUnreadable:
        raise
    except Exception as error:
        raise DocumentUnreadable(f"{replica.head.document_id}: {error}") from error
    replica.bytes += sum(map(len, updates))


async def apart(announcements: Announcements, document_id: UUID, work: Callable[[Announcement], Result]) -> Result:
    """In a thread, announced and with panics of native code contained."""
    announcement = announcements.of(document_id)

    def contained() -> Result:
        with announcements.apart(announcement), guarded(announcement):
            return work(announcement)

    return await asyncio.to_thread(contained)
