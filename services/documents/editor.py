"""Server edits (consistency.md C12): milestones, gestures over REST, repairs. Their replica stands at the head.

Never on a live room, which holds edits that may not be committed; the hub learns of these rows like of any others.
"""

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic
from uuid import UUID

import asyncpg
from pycrdt import Doc

from services.documents.errors import DocumentUnreadable, EditTooBig
from services.documents.replica import Change, Replica, Result, apart, apply_change, apply_rows, new_replica
from storage.announcements import Announcement, Announcements
from storage.bus import Bus, document_channel
from storage.errors import EpochChanged, StoreAway
from storage.log import Batch, DocumentKey, DocumentLog, Head
from storage.postgres import Connection, store_away
from storage.quarantine import Quarantine
from storage.snapshots import Snapshots
from sync.ids import DocumentId
from sync.names import DocumentName, Kind
from sync.relay import CommittedRow, encode_rows

log = logging.getLogger("storyforge.documents")

EDIT_BYTES_MAX = 1024 * 1024
ATTEMPTS_MAX = 5
BACK_OFF_S = 0.05
REPLICAS_MAX = 16
REPLICA_BYTES_MAX = 32 * 1024 * 1024
"""Of all replicas kept together, counted in bytes of updates."""
SNAPSHOT_ROWS_MIN = 1_000
"""Whoever had to read a longer tail writes a snapshot for the next."""

Fence = Callable[[Connection], Awaitable[None]]
Within = Callable[[Connection, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class LoadedDocument:
    """A copy to read. `head` is the row as it was before loading; `seq`, what the copy shows, may be newer."""

    head: Head
    doc: Doc[Any]
    seq: int
    announcement: Announcement
    """For `guarded`, round reading it."""


@dataclass(frozen=True, slots=True)
class Looked(Generic[Result]):
    """What was found in the document as it was at `seq` of `epoch`."""

    epoch: int
    seq: int
    found: Result


@dataclass(frozen=True, slots=True)
class EditResult:
    """`seq`: the row of the edit, or the head where nothing was changed. `changed`: a row was added by this call."""

    seq: int
    changed: bool
    bytes: bytes


class _Moved(Exception):
    """The replica does not belong to this head any more; internal."""


@dataclass(slots=True)
class _Turn:
    """One process makes one edit of a document at a time: the next finds the replica where it must be."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class DocumentEditor:
    """Keeps a few replicas at known sequences; all of them may be dropped at any time."""

    def __init__(
        self,
        log: DocumentLog,
        snapshots: Snapshots,
        bus: Bus,
        pool: asyncpg.Pool,
        rng: random.Random | None = None,
        announcements: Announcements | None = None,
    ) -> None:
        self.announcements = announcements or Announcements.nowhere()
        self._log = log
        self._snapshots = snapshots
        self._bus = bus
        self._pool = pool
        self._quarantine = Quarantine(pool)
        self._rng = rng or random.Random()
        self._replicas: OrderedDict[UUID, Replica] = OrderedDict()
        self._turns: dict[UUID, _Turn] = {}

    @property
    def replicas(self) -> int:
        """How many are kept now."""
        return len(self._replicas)

    async def load(self, document_id: UUID, epoch: int | None = None) -> LoadedDocument:
        """A copy of its own, at the head or later. Raises `DocumentMissing`, `EpochChanged`, `DocumentUnreadable`."""
        head = await self._log.head(document_id)
        if epoch is not None and epoch != head.epoch:
            raise EpochChanged(document_id, head.epoch)
        replica = await self._open(head, None)
        return LoadedDocument(head, replica.doc, replica.seq, replica.announcement)

    async def look(self, document_id: UUID, look: Callable[[Replica], Result]) -> Looked[Result]:
        """What `look` returns of the document at its head or later, in a thread. `look` changes nothing and keeps
        nothing of the replica, which stays here: the next look, or edit, reads only what has come since.

        Raises `StoreAway`, `DocumentMissing`, `DocumentUnreadable`, and what `look` raises.
        """
        async with self._turn(document_id):
            replica = await self._prepare(document_id)
            self._replicas.pop(document_id, None)  # whoever is cancelled leaves a thread behind that still reads it
            found = await apart(self.announcements, document_id, lambda announcement: look(replica))
            self._keep(replica)
            return Looked(replica.head.epoch, replica.seq, found)

    async def head(self, document_id: UUID) -> Head:
        """Raises `DocumentMissing`."""
        return await self._log.head(document_id)

    async def open(self, head: Head) -> Replica:
        """One to read and to `follow`. Raises `DocumentUnreadable`."""
        return await self._open(head, None)

    @asynccontextmanager
    async def at_head(self, key: DocumentKey) -> AsyncIterator[tuple[Connection, Head, Replica]]:
        """In a transaction, a replica that stands exactly at the head, which is locked until the commit (C12).

        Whoever appends rows applies them to the replica and says up to where it came. Raises `StoreAway`,
        `EpochChanged`, `DocumentMissing`, `DocumentUnreadable`.
        """
        document_id = key.document_id
        async with self._turn(document_id):
            replica = await self._prepare(document_id)
            with store_away():
                async with self._pool.acquire() as connection, connection.transaction():
                    head = await self._log.lock_head(connection, document_id)
                    if head.epoch != key.epoch:
                        raise EpochChanged(document_id, head.epoch)
                    self._replicas.pop(document_id, None)
                    try:
                        await self._catch_up(connection, replica, head)
                    except _Moved as error:
                        raise StoreAway(f"{document_id}: {error}") from error
                    yield connection, head, replica
            self._keep(replica)

    async def edit(
        self,
        document_id: UUID,
        change: Change,
        *,
        origin: str,
        batch_id: UUID,
        fence: Fence | None = None,
        within: Within | None = None,
        actor: UUID | None = None,
        epoch: int | None = None,
        apart: bool = False,
        keeps_locks: bool = True,
    ) -> EditResult:
        """Commits what `change` does, with `within`'s statements, or nothing of it.

        `fence` comes first in the transaction and locks what it checks (`... for update` of the run), so that it still
        holds at the commit and locks are taken in the order of C9; what it or `change` raises comes out and nothing is
        left. `within` gets the sequence; it runs also when `change` changed nothing. A `batch_id` that is in the log
        already gives its old sequence, and neither `change` nor `within` counts again. `epoch`: nothing in another one.
        `apart`: `change` takes long, so it runs in a thread; the document's head stays locked meanwhile.
        `keeps_locks`: false for what a lock does not hold up, which is the server's own (C17).
        Raises `StoreAway` (repeat with the same `batch_id`), `DocumentMissing`, `DocumentUnreadable`, `EditTooBig`,
        `SceneLocked`.
        """
        async with self._turn(document_id):
            for attempt in range(1, ATTEMPTS_MAX + 1):
                try:
                    return await self._attempt(
                        document_id, change, origin, batch_id, fence, within, actor, epoch, apart, keeps_locks
                    )
                except (StoreAway, _Moved) as error:
                    if attempt == ATTEMPTS_MAX:
                        raise StoreAway(f"{document_id}: {error}") from error
                    await asyncio.sleep(BACK_OFF_S * attempt * self._rng.uniform(0.5, 1.0))
                except Exception:
                    # A fence may say no because this very batch was committed before and only its answer was lost.
                    located = await self._log.find(document_id, batch_id)
                    if located is None:
                        raise
                    return EditResult(located.seq, False, b"")
        raise AssertionError("unreachable")

    async def _attempt(
        self,
        document_id: UUID,
        change: Change,
        origin: str,
        batch_id: UUID,
        fence: Fence | None,
        within: Within | None,
        actor: UUID | None,
        epoch: int | None,
        apart: bool,
        keeps_locks: bool,
    ) -> EditResult:
        replica = await self._prepare(document_id)
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                if fence is not None:
                    await fence(connection)
                head = await self._log.lock_head(connection, document_id)
                if epoch is not None and head.epoch != epoch:
                    raise EpochChanged(document_id, head.epoch)
                located = await self._log.find(document_id, batch_id, connection)
                if located is not None:
                    return EditResult(located.seq, False, b"")
                self._replicas.pop(document_id, None)  # from here on an error leaves it in a state that nobody knows
                await self._catch_up(connection, replica, head)
                work = partial(apply_change, replica, change, keeps_locks=keeps_locks)
                update = await self._in_thread(replica, work) if apart else work()
                if len(update) > EDIT_BYTES_MAX:
                    raise EditTooBig(f"{len(update)} bytes of {EDIT_BYTES_MAX}")
                if update:
                    batch = Batch(batch_id, actor, origin, update)
                    replica.seq = (await self._log.append_locked(connection, head, [batch])).head_seq
                if within is not None:
                    await within(connection, replica.seq)
        self._keep(replica)
        if update:
            document = DocumentName(Kind(head.kind), DocumentId(head.document_id), head.epoch)
            edited = {"document": str(document), "seq": replica.seq, "origin": origin, "bytes": len(update)}
            log.info("document.edited", extra=edited)
            await self._publish(head, CommittedRow(replica.seq, origin, update))
        return EditResult(replica.seq, bool(update), update)

    async def _in_thread(self, replica: Replica, work: Callable[[], Result]) -> Result:
        def contained() -> Result:
            with self.announcements.apart(replica.announcement):
                return work()

        return await asyncio.to_thread(contained)

    # Replicas --------------------------------------------------------------------------------------

    async def _prepare(self, document_id: UUID) -> Replica:
        """A replica close to the head, so that little is left to do under the head's lock."""
        head = await self._log.head(document_id)
        replica = self._replicas.pop(document_id, None)
        if replica is None or not replica.belongs(head):
            replica = await self._open(head, head.server_client)
        else:
            await self.follow(replica)
        self._keep(replica)
        return replica

    async def _open(self, head: Head, client_id: int | None) -> Replica:
        quarantined = await self._quarantine.digests(head.document_id)
        snapshot = await self._snapshots.latest(head.document_id, head.epoch)
        replica = new_replica(head, client_id, quarantined, snapshot, self.announcements.of(head.document_id))
        if await self.follow(replica) >= SNAPSHOT_ROWS_MIN:
            with suppress(StoreAway, OSError):  # a cache; the edit does not depend on it
                await self._snapshots.put(head.document_id, head.epoch, replica.seq, replica.doc.get_update())
        return replica

    async def follow(self, replica: Replica) -> int:
        """Applies what the log has after the replica; returns how many rows that was. Raises `DocumentUnreadable`."""
        first, head = replica.seq, replica.head
        while page := await self._log.read(head.document_id, head.epoch, replica.seq):
            apply_rows(replica, page)
        return replica.seq - first

    async def _catch_up(self, connection: Connection, replica: Replica, head: Head) -> None:
        """Under the lock: exactly to the head."""
        if not replica.belongs(head):
            raise _Moved("another epoch or server client")
        while replica.seq < head.seq:
            page = await self._log.read(head.document_id, head.epoch, replica.seq, connection=connection)
            if not page:
                raise DocumentUnreadable(f"{head.document_id}: the head is {head.seq}, the log ends at {replica.seq}")
            apply_rows(replica, page)

    def _keep(self, replica: Replica) -> None:
        self._replicas[replica.head.document_id] = replica
        total = sum(kept.bytes for kept in self._replicas.values())
        while len(self._replicas) > REPLICAS_MAX or total > REPLICA_BYTES_MAX:
            _, dropped = self._replicas.popitem(last=False)
            total -= dropped.bytes

    # Others ----------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _turn(self, document_id: UUID) -> AsyncIterator[None]:
        turn = self._turns.setdefault(document_id, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[document_id]

    async def _publish(self, head: Head, row: CommittedRow) -> None:
        with suppress(StoreAway):  # only speed: nodes poll their heads (C14)
            await self._bus.publish(document_channel(head.document_id), encode_rows(head.epoch, [row]))
