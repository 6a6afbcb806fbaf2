"""One room in this process: performs the effects that it decides, in their order.

Sockets are behind `Outlet`, stores behind `RoomStores`; what the effects mean is decided in `sync.room`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, assert_never
from uuid import UUID

from realtime.fanout import Fanout
from realtime.frames import Frames
from realtime.loader import LoadedRoom
from realtime.metrics import HubMetrics
from realtime.outlet import Outlet
from realtime.refusals import EPOCH, OVERLOAD, RESTART, STORE_AWAY, Refusal
from realtime.residence import Residence
from realtime.rows import relayed, to_log
from services.documents.errors import DocumentUnreadable
from services.locks.overtaken import Settled
from services.users.model import Need
from storage.bus import Message, document_channel
from storage.committer import GroupCommitter
from storage.errors import BacklogFull, EpochChanged, LockedMeanwhile, StorageError
from storage.log import Batch, Committed, DocumentKey, DocumentLog
from sync import relay
from sync.effects import Batch as Edit
from sync.effects import Broken, Commit, Effect, End, Keep, Publish, ReadLog, Relay, Send
from sync.errors import ContentFailed, ContentLost, MalformedFrame
from sync.messages import Ack, DocumentMessage, Nack, Step1, Step2, SyncStatus
from sync.presence import Person
from sync.room import Room
from sync.session import Session


@dataclass(frozen=True, slots=True)
class RoomStores:
    """What every room of a hub works with. `publish` never blocks; `spawn` starts a task that the hub owns.

    `deliver_soon`: calls `deliver` at the end of this loop tick, before what is on the wires is written.
    """

    log: DocumentLog
    committer: GroupCommitter
    publish: Callable[[str, bytes], None]
    quarantine: Callable[[Room, bytes, str], Coroutine[Any, Any, None]]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    presence_changed: Callable[["RoomHost"], None]
    deliver_soon: Callable[["RoomHost"], None]
    keep: Callable[[DocumentKey, Keep], None]
    overtaken: Callable[[DocumentKey, Sequence[Batch]], Awaitable[list[Settled]]]
    refused: Callable[[Refusal, str, UUID | None], None]
    metrics: HubMetrics


class RoomHost:
    """`access_version`: the project's rights as of the last check. `is_over`: nothing may join any more.

    `is_read_only`: whoever may edit otherwise is a viewer here (C5).
    """

    def __init__(self, loaded: LoadedRoom, key: DocumentKey, stores: RoomStores, *, access_version: int) -> None:
        self.room = loaded.room
        self.is_read_only = loaded.is_read_only
        self.key = key
        self.channel = document_channel(key.document_id)
        self.access_version = access_version
        self.snapshot_seq = loaded.snapshot_seq
        self.opened_seq = loaded.room.order.seq
        self.outlets: dict[int, Outlet] = {}
        self._told: dict[int, Outlet] = {}
        """Whose Step1 was answered. Only they hear edits: who holds one without what it rests on brings that back after
        a crash, and would be refused for it."""
        self.is_over = False
        self.empty_since_s: float | None = None
        self._stores = stores
        self._loop = asyncio.get_running_loop()
        self._now_s = self._loop.time
        self.is_being_put_away = False
        """A snapshot of it is written, or it leaves memory."""
        self.residence = Residence(loaded, stores.spawn, self._content_gone, self.said_so_far, stores.metrics.moves.inc)
        self._edits: list[Edit] = []  # of this tick, on their way to the committer
        self._joiners_update: bytes | None = None
        self._joiners_frames: dict[str, Frames] = {}
        self._fanout = Fanout()
        self._is_overtaken = False
        """Whether a lock has overtaken edits: until they are settled nothing may slip in before them."""
        self._settled: dict[UUID, int] = {}
        """Committed, with their sequences; the room hears of a whole commit at once."""

    # Sessions --------------------------------------------------------------------------------------------

    def join(self, session_id: int, outlet: Outlet) -> None:
        """The first messages, the server's Step1 among them, are in the outlet when this returns."""
        actor = outlet.identity.actor
        person = Person(actor.user_id, actor.name, actor.colour)
        self.deliver()
        self.outlets[session_id] = outlet
        self.empty_since_s = None
        may_write = self._may_write(outlet)
        if may_write != outlet.identity.role.may(Need.EDIT):
            outlet.tell_scope(read_only=not may_write)
        session = Session(session_id, person, may_write, outlet.acknowledges, resets=outlet.resets)
        self.residence.take(lambda: self._perform(self.room.join(session)))

    def leave(self, session_id: int) -> None:
        self._told.pop(session_id, None)
        if self.outlets.pop(session_id, None) is not None:
            self.residence.take(lambda: self._leave(session_id))
            if not self.outlets:
                self.empty_since_s = self._now_s()

    def _leave(self, session_id: int) -> None:
        self._perform(self.room.leave(session_id, self._now_s()))
        self._note_presence()

    def receive(self, session_id: int, message: DocumentMessage) -> None:
        if self.residence.takes_at_once(message):
            self._received(session_id, message, self.room.receive(session_id, message, self._now_s()))
        else:
            receive = partial(self.room.receive, session_id, message, self._now_s())
            self.residence.receive(message, receive, partial(self._received, session_id, message))

    def _received(self, session_id: int, message: DocumentMessage, effects: Sequence[Effect]) -> None:
        self._perform(effects)
        if isinstance(message, Step1) and session_id in self.outlets:
            self._told[session_id] = self.outlets[session_id]
        self._note_presence()
        if self.room.order.uncommitted_bytes > self.room.limits.uncommitted_bytes_max:
            self.end_all(STORE_AWAY)

    def deliver(self) -> None:
        """Puts on the wires what the room has told everybody in this tick so far."""
        if self._fanout:
            self._fanout.deliver(self.outlets, self._told)

    def said_so_far(self) -> bytes:
        """The state vector of the edits that are on the wires, all of them."""
        if self.residence.is_away:
            return self.residence.said
        self.deliver()
        return self.room.state_vector()

    def resynchronise(self, session_id: int, since: bytes) -> None:
        """A slow reader missed edits and presence behind the state vector `since`."""
        self._stores.metrics.resyncs.inc()
        self._take(lambda: self.room.resynchronise(session_id, since), self.residence.is_remote)

    def rights_changed(self, session_id: int) -> None:
        """The outlet's identity is new; the room and the client are told if that means another scope."""
        self.residence.take(lambda: self._rights_changed(session_id))

    def _rights_changed(self, session_id: int) -> None:
        outlet = self.outlets.get(session_id)
        if outlet is None:
            return
        may_write = self._may_write(outlet)
        if self.room.sessions[session_id].may_write != may_write:
            outlet.tell_scope(read_only=not may_write)
            self._perform(self.room.set_may_write(session_id, may_write))

    def _may_write(self, outlet: Outlet) -> bool:
        return outlet.identity.role.may(Need.EDIT) and not self.is_read_only

    def end(self, session_id: int, refusal: Refusal) -> None:
        outlet = self.outlets.get(session_id)
        if outlet is not None:
            self.leave(session_id)
            self._tell_end(outlet, refusal)

    def end_all(self, refusal: Refusal) -> None:
        """Nobody can go on here; who comes back finds the document loaded anew."""
        self.is_over = True
        for session_id in list(self.outlets):
            self.end(session_id, refusal)

    # Facts -------------------------------------------------------------------------------------------------

    def bus_message(self, message: Message) -> None:
        try:
            news = relay.decode(message.payload)
        except MalformedFrame:
            return  # only a foreign writer on the channel could send that; the head poll finds what it may stand for
        rows = news.rows if isinstance(news, relay.Rows) else ()
        self._take(lambda: self.room.remote(news, self._now_s()), lambda: self.residence.are_long(rows))

    def head(self, epoch: int, seq: int) -> None:
        if epoch != self.key.epoch:
            self.end_all(EPOCH)
        else:
            self.residence.take(lambda: self._perform(self.room.head(seq)))

    def tick(self) -> None:
        """Once a second."""
        self._joiners_update, self._joiners_frames = None, {}  # of those who came together
        if self.is_away:
            return
        if self.residence.is_lost:
            self.end_all(RESTART)
        elif self.residence.outgrows(0):
            self.residence.move(0, self.tick)
        else:
            self._take(lambda: self.room.tick(self._now_s()), self._retries_remotely)

    def _retries_remotely(self) -> bool:
        return self.room.parked_count > 0 and self.residence.is_remote()

    def flush_presence(self) -> None:
        self.residence.take(lambda: self._perform(self.room.flush_presence()))

    @property
    def is_away(self) -> bool:
        """The room is in another thread: what it holds cannot be read now."""
        return self.residence.is_away

    @property
    def parked_count(self) -> int:
        """Updates that wait for what they rest on; 0 while nobody can count them."""
        return 0 if self.is_away else self.room.parked_count

    def _take(self, work: Callable[[], Sequence[Effect]], is_long: Callable[[], bool]) -> None:
        self.residence.do(work, self._taken, is_long)

    def _taken(self, effects: Sequence[Effect]) -> None:
        self._perform(effects)
        self._note_presence()

    def _content_gone(self, error: ContentLost | ContentFailed) -> None:
        """Nothing is wrong with what was on its way to the log; everybody starts again from there."""
        if isinstance(error, ContentFailed):
            self._stores.metrics.broken.inc()
        self.end_all(RESTART)

    def _note_presence(self) -> None:
        if self.room.presence.has_changes:
            self._stores.presence_changed(self)

    # Effects -----------------------------------------------------------------------------------------------

    def _perform(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if type(effect) is Relay:  # what each edit leads to is asked for first, in the cheapest way
                if not self._fanout:
                    self._stores.deliver_soon(self)
                self._fanout.add(effect.message, effect.author)
            elif type(effect) is Commit:
                if not self._edits:
                    self._loop.call_soon(self._commit)
                self._edits.append(effect.batch)
            else:
                self._perform_rarer(effect)

    def _perform_rarer(self, effect: Effect) -> None:
        match effect:
            case Relay() | Commit():
                raise AssertionError("performed by the caller")
            case Send(session, message):
                self._send(session, message)
            case Publish(payload):
                self._stores.publish(self.channel, payload)
            case ReadLog(after):
                self._stores.metrics.gaps.inc()
                self._stores.spawn(self._read_log(after))
            case Keep():
                self._stores.keep(self.key, effect)
            case End(session, code, reason):
                self._end(session, Refusal(code, reason))
            case Broken(reason, poison):
                self._break(reason, poison)
            case _:
                assert_never(effect)

    def _send(self, session: int, message: DocumentMessage) -> None:
        outlet = self.outlets.get(session)
        if outlet is None:
            return
        if isinstance(message, (SyncStatus, Ack)):
            is_denial = isinstance(message, SyncStatus) and not message.applied
            (self._stores.metrics.denials if is_denial else self._stores.metrics.acks).inc()
        else:  # an acknowledgement says nothing about what others did
            self.deliver()
        if isinstance(message, Nack):
            refusal = Refusal(message.status, message.reason)
            self._stores.refused(refusal, str(self.room.name), outlet.identity.actor.user_id)
        outlet.send(message, self._frames_of(message))

    def _frames_of(self, message: DocumentMessage) -> dict[str, Frames]:
        """The whole document is the same for everybody who joins, so its frames are built once."""
        if not isinstance(message, Step2):
            return {}
        if message.update is not self._joiners_update:
            self._joiners_update, self._joiners_frames = message.update, {}
        return self._joiners_frames

    def _end(self, session: int, refusal: Refusal) -> None:
        """The room has let the session go already."""
        self._told.pop(session, None)
        outlet = self.outlets.pop(session, None)
        if outlet is not None:
            self._tell_end(outlet, refusal)
        if not self.outlets:
            self.empty_since_s = self._now_s()

    def _tell_end(self, outlet: Outlet, refusal: Refusal) -> None:
        self._stores.refused(refusal, str(self.room.name), outlet.identity.actor.user_id)
        outlet.end(refusal.code, refusal.reason)

    def _break(self, reason: str, poison: bytes | None) -> None:
        """The half-changed replica goes, with everybody in it; edits on their way to the log are whole and go on."""
        self._stores.metrics.broken.inc()
        if poison is not None:
            self._stores.spawn(self._stores.quarantine(self.room, poison, reason))
        self.end_all(RESTART)

    # The log -------------------------------------------------------------------------------------------------

    def _commit(self) -> None:
        edits, self._edits = self._edits, []
        if self._is_overtaken or not edits:
            return  # the room holds what is overtaken; it follows
        self._stores.metrics.edits.inc(len(edits))
        started_s = self._now_s()
        try:
            done = self._stores.committer.submit(self.key, edits)
        except BacklogFull:
            self.end_all(OVERLOAD)
            return
        except StorageError:
            self.end_all(RESTART)
            return
        done.add_done_callback(lambda future: self._committed(future, started_s))

    def _committed(self, future: "asyncio.Future[Committed]", started_s: float) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            self._stores.metrics.commits.observe(self._now_s() - started_s)
            if not self._settled:
                self._loop.call_soon(self._settle)
            self._settled.update(future.result().seqs)
        elif isinstance(error, LockedMeanwhile):
            if not self._is_overtaken:
                self._is_overtaken = True
                self.residence.take(self._overtake)
        elif not self.is_over:
            # what was shown cannot be committed: everybody starts again from what can
            self.end_all(EPOCH if isinstance(error, EpochChanged) else RESTART)

    def _settle(self) -> None:
        settled, self._settled = self._settled, {}
        self._take(lambda: self.room.committed(settled, self._now_s()), self._applies_rows_remotely)

    def _applies_rows_remotely(self) -> bool:
        return self.room.order.has_gap and self.residence.is_remote()

    def _overtake(self) -> None:
        """Nobody can be made to forget what a lock has overtaken, so it is committed with what takes it back (C17)."""
        self._settle()  # what came before
        self.residence.take(self._commit_again)

    def _commit_again(self) -> None:
        edits, self._edits = self.room.order.uncommitted, []
        self._stores.metrics.overtaken.inc(len(edits))
        self._stores.spawn(self._commit_overtaken([to_log(edit) for edit in edits]))

    async def _commit_overtaken(self, batches: Sequence[Batch]) -> None:
        try:
            settled = await self._stores.overtaken(self.key, batches)
        except (StorageError, DocumentUnreadable) as error:
            if not self.is_over:
                self.end_all(EPOCH if isinstance(error, EpochChanged) else RESTART)
            return
        self.residence.take(lambda: self._settle_overtaken(settled))

    def _settle_overtaken(self, settled: Sequence[Settled]) -> None:
        rewritten = {each.batch_id: each.row for each in settled if each.row is not None}
        seqs = {each.batch_id: each.seq for each in settled}
        self._take(lambda: self.room.committed(seqs, self._now_s(), rewritten), self.residence.is_remote)
        self.residence.take(self._commit_the_rest)

    def _commit_the_rest(self) -> None:
        self._is_overtaken = False
        self._edits = self.room.order.uncommitted
        self._commit()

    async def _read_log(self, after: int) -> None:
        try:
            page = await self._stores.log.read(self.key.document_id, self.key.epoch, after)
        except StorageError:
            self.room.read_failed()
            return
        rows = relayed(page)
        self._take(lambda: self.room.rows_read(rows, self._now_s()), lambda: self._is_long_reading(rows))

    def _is_long_reading(self, rows: Sequence[relay.CommittedRow]) -> bool:
        return self._retries_remotely() or self.residence.are_long(rows)
