"""Makes the room of a document from what the stores hold: newest snapshot, the rows behind it, owners, quarantine."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from uuid import UUID

from services.inquest.service import Inquest
from storage.announcements import Announcement, Announcements
from storage.errors import EpochChanged
from storage.log import DocumentKey, DocumentLog
from storage.quarantine import Quarantine
from storage.snapshots import Snapshots
from sync.limits import Limits
from sync.names import DocumentName
from sync.room import Loaded, Room

BUILD_ON_LOOP_BYTES_MAX = 64 * 1024
"""A larger document is built in a thread: parsing it would hold up everybody else for too long."""


@dataclass(frozen=True, slots=True)
class LoadedRoom:
    """`snapshot_seq`: where the newest snapshot stands, 0 without one. `is_read_only`: it ended processes (C5)."""

    room: Room
    snapshot_seq: int
    is_read_only: bool
    beside: Callable[[], AbstractContextManager[None]]
    """Round work on the room in another thread."""


@dataclass(frozen=True, slots=True)
class Loader:
    """`new_id`: where batch ids come from. `inquest`: into what processes died of before this one."""

    log: DocumentLog
    snapshots: Snapshots
    quarantine: Quarantine
    limits: Limits
    node: UUID
    new_id: Callable[[], UUID]
    announcements: Announcements
    inquest: Inquest

    async def load(self, name: DocumentName) -> LoadedRoom:
        """Raises `DocumentMissing`, `EpochChanged`, `StoreAway`."""
        head = await self.log.head(name.id)
        if head.epoch != name.epoch or head.kind != name.kind.value:
            raise EpochChanged(name.id, head.epoch)
        key = DocumentKey(name.id, name.epoch)
        await self.inquest.over(name.id)
        quarantined = await self.quarantine.digests(key.document_id)
        snapshot = await self.snapshots.latest(name.id, name.epoch)
        states = [] if snapshot is None else [snapshot.bytes]
        seq = snapshot_seq = 0 if snapshot is None else snapshot.seq
        async for row in self.log.tail(key.document_id, key.epoch, seq):
            seq = row.seq
            if not quarantined or sha256(row.bytes).digest() not in quarantined:
                states.append(row.bytes)
        loaded = Loaded(
            name=name,
            server_client=head.server_client,
            seq=seq,
            states=states,
            owners=await self.log.clients(key.document_id, key.epoch),
            quarantined=quarantined,
        )
        is_read_only = await self.quarantine.is_read_only(name.id)
        announcement = self.announcements.of(name.id)
        beside = partial(self.announcements.apart, announcement)
        return LoadedRoom(await self._build(loaded, announcement), snapshot_seq, is_read_only, beside)

    async def _build(self, loaded: Loaded, announcement: Announcement) -> Room:
        now_s = asyncio.get_running_loop().time()

        def build() -> Room:
            return Room(
                loaded,
                limits=self.limits,
                node=self.node,
                new_id=self.new_id,
                # any node's clock is ahead of what another showed before, so clients believe whoever serves them
                server_clock=int(time.time() * 10),
                now_s=now_s,
                announcer=announcement,
            )

        def build_apart() -> Room:
            with self.announcements.apart(announcement):
                return build()

        if sum(len(state) for state in loaded.states) <= BUILD_ON_LOOP_BYTES_MAX:
            return build()
        return await asyncio.to_thread(build_apart)
