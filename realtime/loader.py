"""Makes the room of a document from what the stores hold: newest snapshot, the rows behind it, owners, quarantine.

A large document's content is made in a replica process and stays there (consistency.md C21); one that grows moves.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg

from realtime.places import Here, Place
from realtime.replica_processes import ReplicaProcesses
from services.inquest.service import Inquest
from storage.announcements import Announcements
from storage.errors import EpochChanged
from storage.log import DocumentLog, Head
from storage.openings import opening
from storage.quarantine import Quarantine
from storage.snapshots import Snapshots
from sync.content import Content
from sync.limits import Limits
from sync.loaded import Loaded
from sync.names import DocumentName
from sync.room import Room

BUILD_ON_LOOP_BYTES_MAX = 64 * 1024
"""A larger document is built in a thread: parsing it would hold up everybody else for too long."""


@dataclass(frozen=True, slots=True)
class LoadedRoom:
    """`snapshot_seq`: where the newest snapshot stands, 0 without one. `is_read_only`: it ended processes (C5)."""

    room: Room
    snapshot_seq: int
    is_read_only: bool
    place: Place
    """Where the room's content lives."""
    in_process_bytes_max: int
    """With more, the content belongs into a replica process."""
    move: Callable[[int], Coroutine[Any, Any, tuple[Content, Place] | None]]
    """There, as so many bytes are about to be added; None: it is not that large. Raises `ContentLost`, `ContentFailed`.
    """


@dataclass(frozen=True, slots=True)
class Loader:
    """`new_id`: where batch ids come from. `inquest`: into what processes died of before this one.

    `in_process_bytes_max`: of a document whose content lives here.
    """

    pool: asyncpg.Pool
    log: DocumentLog
    snapshots: Snapshots
    quarantine: Quarantine
    limits: Limits
    node: UUID
    new_id: Callable[[], UUID]
    announcements: Announcements
    inquest: Inquest
    replicas: ReplicaProcesses
    in_process_bytes_max: int

    async def load(self, name: DocumentName) -> LoadedRoom:
        """Raises `DocumentMissing`, `EpochChanged`, `StoreAway`, `ContentLost`, `ContentFailed`."""
        await self.inquest.over(name.id)
        found = await opening(self.pool, name.id)
        head = found.head
        if head.epoch != name.epoch or head.kind != name.kind.value:
            raise EpochChanged(name.id, head.epoch)
        snapshot = await self.snapshots.first_whole(found.snapshots)
        snapshot_seq = 0 if snapshot is None else snapshot.seq
        states = [] if snapshot is None else [snapshot.bytes]
        seq = await self._read_behind(head, snapshot_seq, found.quarantined, states)
        loaded = Loaded(
            name=name,
            server_client=head.server_client,
            seq=seq,
            states=states,
            owners=found.clients,
            quarantined=found.quarantined,
            rests=snapshot is not None and len(states) == 1 and not found.quarantined,
        )
        room, place = await self._build(loaded)
        move = partial(self._move, room, head.server_client, place)
        return LoadedRoom(room, snapshot_seq, found.is_read_only, place, self.in_process_bytes_max, move)

    async def _read_behind(self, head: Head, seq: int, quarantined: frozenset[bytes], states: list[bytes]) -> int:
        """Adds the rows behind `seq` to `states`, as far as the head knew of them; the last row's sequence."""
        while seq < head.seq and (page := await self.log.read(head.document_id, head.epoch, seq)):
            for row in page:
                if not quarantined or sha256(row.bytes).digest() not in quarantined:
                    states.append(row.bytes)
            seq = page[-1].seq
        return seq

    async def _build(self, loaded: Loaded) -> tuple[Room, Place]:
        size = sum(len(state) for state in loaded.states)
        make = partial(self._room, loaded, asyncio.get_running_loop().time())
        if size > self.in_process_bytes_max:
            content, there = await self.replicas.open(
                loaded.name, loaded.server_client, self.limits, loaded.states, rests=loaded.rests
            )
            return make(content=content), there
        announcement = self.announcements.of(loaded.name.id)
        here = Here(self.announcements, announcement)
        build = partial(make, announcer=announcement)
        if loaded.rests or size <= BUILD_ON_LOOP_BYTES_MAX:
            return build(), here
        return await here.run(build), here

    def _room(self, loaded: Loaded, now_s: float, **where: Any) -> Room:
        return Room(
            loaded,
            limits=self.limits,
            node=self.node,
            new_id=self.new_id,
            # any node's clock is ahead of what another showed before, so clients believe whoever serves them
            server_clock=int(time.time() * 10),
            now_s=now_s,
            **where,
        )

    async def _move(
        self, room: Room, server_client: int, place: Place, coming_bytes: int
    ) -> tuple[Content, Place] | None:
        state = await place.run(room.encode)
        if len(state) + coming_bytes <= self.in_process_bytes_max:
            return None
        return await self.replicas.open(room.name, server_client, self.limits, [state], rests=False)
