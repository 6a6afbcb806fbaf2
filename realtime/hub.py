"""The documents that are open in this process: loaded once, fed by the bus, unloaded when empty.

What happens inside a room is `host` and `sync.room`; what happens by the clock is `upkeep`; who comes in is the doors'.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Any
from uuid import UUID

from realtime.fast_wire import FastWire
from realtime.host import RoomHost, RoomStores
from realtime.kept_edits import KeptEdits
from realtime.loader import Loader
from realtime.metrics import HubMetrics
from realtime.neighbours import CHANNEL as HUBS_CHANNEL
from realtime.neighbours import Neighbours
from realtime.project_events import ProjectEvents
from realtime.recent import RecentRefusals
from realtime.refusals import OVERLOAD, RESTART, Refusal, TooManyEnter
from realtime.settings import HubSettings
from realtime.tasks import OwnedTasks
from realtime.tick_writer import TickWriter
from services import trace
from services.locks.overtaken import OvertakenEdits
from services.users.api_keys import is_api_key
from services.users.operators import authenticate_operator
from services.users.sockets import SocketIdentity, authenticate_key_socket, authenticate_socket, recheck_socket
from services.users.standings import Standings
from services.users.tickets import Tickets
from services.users.tokens import Tokens
from storage.bus import Bus, Gap, Message, Subscription, document_channel
from storage.committer import GroupCommitter
from storage.errors import EpochChanged, StorageError, StoreAway
from storage.log import DocumentKey, DocumentLog
from storage.postgres import store_away
from storage.quarantine import Quarantine
from storage.snapshots import Snapshots
from storage.stores import Stores
from sync import ids, relay
from sync.errors import ContentFailed, ContentLost
from sync.names import DocumentName
from sync.room import Room

PUBLISH_BACKLOG_MAX = 10_000
"""Messages to other nodes that may wait for Redis; what does not fit is dropped, the head poll makes up for it."""
EARLY_MESSAGES_MAX = 1_000
"""Messages for a document that is being loaded; what does not fit is read from the log."""

log = logging.getLogger("storyforge.hub")


@dataclass(frozen=True, slots=True)
class HubParts:
    """What a hub is made of; `realtime.main` composes it and owns the tasks."""

    settings: HubSettings
    stores: Stores
    tokens: Tokens
    tickets: Tickets
    metrics: HubMetrics
    committer: GroupCommitter
    loader: Loader
    kept_edits: KeptEdits
    overtaken: OvertakenEdits
    subscription: Subscription
    tasks: OwnedTasks
    events: ProjectEvents


class Entering:
    """How many are being let in; no more than so many at once, because a storm must not become a longer one."""

    def __init__(self, count_max: int) -> None:
        self.count = 0
        self._count_max = count_max

    def __enter__(self) -> None:
        if self.count >= self._count_max:
            raise TooManyEnter(TooManyEnter.__doc__)
        self.count += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.count -= 1


class Hub:
    """`hosts`: the open documents by id."""

    def __init__(self, parts: HubParts) -> None:
        self.settings = parts.settings
        self.metrics = parts.metrics
        self.hosts: dict[UUID, RoomHost] = {}
        self.presence_changed: set[RoomHost] = set()
        """Where presence has changed since the last flush."""
        self.is_draining = False
        self.now_s = asyncio.get_running_loop().time
        """The loop's clock. To ask for the running loop again costs a system call."""
        self.tick_writer = TickWriter(parts.metrics.fanout.observe)
        self.recent_refusals = RecentRefusals()
        self.neighbours = Neighbours(parts.settings.node)
        self.wires: set[FastWire] = set()
        self.events = parts.events
        self.new_session_id = count(1).__next__
        self._parts = parts
        self._entering = Entering(parts.settings.limits.entering_max)
        self._standings = Standings(parts.stores.pool, self.spawn)
        self._loading: dict[UUID, asyncio.Future[RoomHost]] = {}
        self._early: dict[str, list[Message]] = {}
        self._by_channel: dict[str, RoomHost] = {}
        self._publications: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(PUBLISH_BACKLOG_MAX)
        self._room_stores = RoomStores(
            log=parts.loader.log,
            committer=parts.committer,
            publish=self.publish,
            quarantine=self._put_into_quarantine,
            spawn=self.spawn,
            presence_changed=self.presence_changed.add,
            deliver_soon=self.tick_writer.deliver_soon,
            keep=parts.kept_edits.put,
            overtaken=parts.overtaken.commit,
            refused=self.refused,
            metrics=parts.metrics,
        )
        self._answer_scrapes(parts.metrics)

    def _answer_scrapes(self, metrics: HubMetrics) -> None:
        ask = metrics.ask
        ask("storyforge_sessions", "Participants in all rooms", self.session_count)
        ask("storyforge_entering", "Participants who wait to be let in", self.entering_count)
        ask("storyforge_outbox_bytes", "Bytes that wait for peers who do not read", self.outbox_bytes)
        ask("storyforge_uncommitted_bytes", "Edits in rooms that are not in the log yet", self.uncommitted_bytes)
        ask("storyforge_parked_updates", "Updates that wait for what they rest on", self.parked_updates)
        ask("storyforge_read_only_documents", "Open documents that ended processes (C5)", self.read_only_count)
        ask("storyforge_doc_at_rest", "Open documents that are kept as their bytes", self.resting_count)
        ask("storyforge_publications_waiting", "Messages to other nodes not sent yet", self.publications_waiting)

    def entering_count(self) -> int:
        return self._entering.count

    def session_count(self) -> int:
        return sum(len(host.outlets) for host in self.hosts.values())

    def outbox_bytes(self) -> int:
        return sum(wire.waiting_bytes for wire in self.wires)

    def uncommitted_bytes(self) -> int:
        return sum(host.room.order.uncommitted_bytes for host in self.hosts.values())

    def read_only_count(self) -> int:
        return sum(host.is_read_only for host in self.hosts.values())

    def resting_count(self) -> int:
        return sum(host.residence.is_at_rest for host in self.hosts.values())

    def publications_waiting(self) -> int:
        return self._publications.qsize()

    def parked_updates(self) -> int:
        return sum(host.parked_count for host in self.hosts.values())

    @property
    def document_log(self) -> DocumentLog:
        return self._parts.loader.log

    @property
    def quarantine(self) -> Quarantine:
        return self._parts.loader.quarantine

    @property
    def snapshots(self) -> Snapshots:
        return self._parts.loader.snapshots

    # Who ---------------------------------------------------------------------------------------------------

    def entering(self) -> "Entering":
        """Around all that it takes to let somebody in. Raises `TooManyEnter`."""
        return self._entering

    async def authenticate(self, credential: str, document_id: UUID, wall_s: float) -> SocketIdentity:
        """Raises `UsersError` and `StoreAway`. `wall_s`: seconds since 1970."""
        parts = self._parts
        with store_away():
            if is_api_key(credential):
                return await authenticate_key_socket(
                    self._standings.ask, parts.stores.pool, credential, document_id, wall_s
                )
            return await authenticate_socket(
                self._standings.ask, parts.tokens, parts.tickets, credential, document_id, wall_s
            )

    async def admit_operator(self, credential: str, wall_s: float) -> None:
        """Returns for an operator's session token. Raises `UsersError` and `StoreAway`."""
        parts = self._parts
        with store_away():
            await authenticate_operator(parts.stores.pool, parts.tokens, self.settings.operators, credential, wall_s)

    async def recheck(self, identity: SocketIdentity, wall_s: float) -> SocketIdentity:
        """Today's rights of somebody who is in. Raises as `authenticate`."""
        with store_away():
            return await recheck_socket(self._standings.ask, identity, wall_s)

    def refused(self, refusal: Refusal, document: str = "", actor: UUID | None = None) -> None:
        """Counts, remembers and logs that somebody was sent away. `document`: as the client named it."""
        self.metrics.refusals.labels(str(int(refusal.code)), refusal.reason).inc()
        refused = self.recent_refusals.add(refusal, document, actor, time.time())
        if refusal != RESTART:  # that concerns everybody, and is said by whoever restarts
            user = None if actor is None else ids.to_text("usr", actor)
            said = {"code": refused.code, "reason": refused.reason, "document": refused.document, "user": user}
            log.info("session.refused", extra=said)

    # Documents -----------------------------------------------------------------------------------------------

    async def open(self, name: DocumentName, access_version: int) -> RoomHost:
        """The room of a document; however many ask at once, it is loaded once. Raises `StorageError`."""
        if self.is_draining:
            raise StoreAway("the hub is going away")
        host = self.hosts.get(name.id)
        if host is None or host.is_over:
            loading = self._loading.get(name.id)
            if loading is None:  # nothing is awaited since the look-up, so there is one load
                loading = self._loading[name.id] = asyncio.get_running_loop().create_future()
                self.spawn(self._load(name, access_version, loading))
            host = await asyncio.shield(loading)
        if host.key.epoch != name.epoch or host.room.name.kind != name.kind:
            raise EpochChanged(name.id, host.key.epoch)
        return host

    async def _load(self, name: DocumentName, access_version: int, loading: "asyncio.Future[RoomHost]") -> None:
        try:
            with trace.binding(document=str(name)), self.metrics.loads.time():
                loading.set_result(await self._load_host(name, access_version))
        except StorageError as error:
            _fail(loading, error)
        except ContentLost as error:
            _fail(loading, StoreAway(f"{name}: {error}"))
        except Exception as error:
            if isinstance(error, ContentFailed):
                self.metrics.broken.inc()
            log.exception("document.unreadable", extra={"document": str(name)})
            _fail(loading, StoreAway(f"{name} cannot be read: {error}"))
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError | KeyboardInterrupt | SystemExit):
                raise
            self.metrics.broken.inc()
            log.error(
                "document.panicked", extra={"document": str(name), "error": str(error)}
            )  # pycrdt's PanicException
            _fail(loading, StoreAway(f"{name} cannot be read"))
        finally:
            del self._loading[name.id]
            loading.cancel()  # no effect on a future that is done

    async def _load_host(self, name: DocumentName, access_version: int) -> RoomHost:
        key = DocumentKey(name.id, name.epoch)
        channel = document_channel(name.id)
        early = self._early[channel] = []
        try:
            await self._parts.subscription.add(channel)  # before reading, so that nothing falls between the two
            loaded = await self._parts.loader.load(name)
        except BaseException:
            del self._early[channel]
            await self._parts.subscription.remove(channel)
            raise
        host = RoomHost(loaded, key, self._room_stores, access_version=access_version)
        del self._early[channel]
        self.hosts[name.id] = self._by_channel[channel] = host
        self.metrics.rooms.set(len(self.hosts))
        for message in early:
            host.bus_message(message)
        self.publish(channel, relay.encode_presence_query(self.settings.node))
        log.info("document.loaded", extra={"document": str(name), "seq": loaded.room.order.seq})
        if loaded.is_read_only:
            log.warning("document.read_only", extra={"document": str(name)})
        return host

    async def close(self, host: RoomHost) -> None:
        """The document leaves memory. The caller has seen that it is over, or empty and quiet."""
        host.is_over = True
        self.spawn(host.residence.leave())
        if self.hosts.get(host.key.document_id) is host:
            del self.hosts[host.key.document_id]
            del self._by_channel[host.channel]
            self.metrics.rooms.set(len(self.hosts))
            if host.channel not in self._early:
                await self._parts.subscription.remove(host.channel)

    # Tasks ---------------------------------------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """The hub owns the task; a store that is away is logged, anything else ends the hub."""
        self._parts.tasks.start(self._run(work))

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except StorageError as error:
            log.warning("hub.store_away", extra={"error": str(error)})

    def publish(self, channel: str, payload: bytes) -> None:
        if self._publications.full():
            self.metrics.dropped.inc()
        else:
            self._publications.put_nowait((channel, payload))

    def beat(self) -> None:
        """Tells the other hubs, and ourselves over the bus, that we are here."""
        self.publish(HUBS_CHANNEL, self.neighbours.beat(len(self.hosts), self.session_count(), self.now_s()))

    async def publish_forever(self) -> None:
        """To the other nodes, in order. What Redis does not take is dropped (consistency.md C14)."""
        bus: Bus = self._parts.stores.bus
        while True:
            publications = [await self._publications.get()]
            while not self._publications.empty():
                publications.append(self._publications.get_nowait())
            try:
                await bus.publish_all(publications)
            except StorageError as error:
                log.warning("bus.publish_failed", extra={"error": str(error)})

    async def listen_forever(self) -> None:
        """Gives every message of the bus to the room it is for."""
        await self._parts.subscription.add(HUBS_CHANNEL)
        while True:
            message = await self._parts.subscription.next()
            if isinstance(message, Gap):
                self.metrics.breaks.inc()
                continue  # the poll of the heads reads what was missed within half a second
            if message.channel == HUBS_CHANNEL:
                self._heard_hub(message.payload)
            else:
                self._heard(message)

    def _heard(self, message: Message) -> None:
        host = self._by_channel.get(message.channel)
        early = self._early.get(message.channel)
        if early is not None:
            if len(early) < EARLY_MESSAGES_MAX:
                early.append(message)
        elif host is not None and not host.is_over:
            host.bus_message(message)

    def _heard_hub(self, payload: bytes) -> None:
        lag_s = self.neighbours.heard(payload, self.now_s())
        if lag_s is not None:
            self.metrics.bus_lag.observe(lag_s)

    async def _put_into_quarantine(self, room: Room, poison: bytes, reason: str) -> None:
        await self.quarantine.add(room.name.id, poison, reason)
        log.error("document.poisoned", extra={"document": str(room.name), "reason": reason, "bytes": len(poison)})

    def wire_opened(self, wire: FastWire) -> None:
        self.wires.add(wire)
        self.metrics.sockets.inc()

    def wire_closed(self, wire: FastWire) -> None:
        self.wires.discard(wire)
        if wire.is_overloaded:
            self.refused(OVERLOAD)
        self.metrics.sockets.dec()

    def drain(self) -> None:
        """Nobody new comes in; the server closes its connections one after another."""
        self.is_draining = True

    def end(self) -> None:
        """Who is still here is told to come back elsewhere."""
        self.drain()
        for host in list(self.hosts.values()):
            host.end_all(RESTART)


def _fail(loading: "asyncio.Future[RoomHost]", error: StorageError) -> None:
    loading.set_exception(error)
    loading.exception()  # whoever asked may have gone
