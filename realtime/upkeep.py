"""What the hub does by the clock: polls heads and rights, expires, keeps stock clients alive, projects, unloads.

Each round is a function of its own: what waits for the next one holds no document that has left.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable
from uuid import UUID

from realtime.host import RoomHost
from realtime.hub import Hub
from realtime.neighbours import BEAT_INTERVAL_S
from realtime.refusals import EXPECTED, EXPIRED, NO_SUCH_DOCUMENT, refusal_of
from services.documents.errors import DocumentsError
from services.documents.projector import Projector
from services.gestures.service import Gestures
from storage.errors import StorageError, StoreAway
from storage.log import HeadVersion
from sync.names import Kind

TICK_INTERVAL_S = 1.0
PROJECT_QUIET_S = 1.0
PROJECT_WAIT_MAX_S = 5.0
REPAIR_QUIET_S = 0.25
REST_INTERVAL_S = 1.0

log = logging.getLogger("storyforge.hub")


async def poll_heads_forever(hub: Hub) -> None:
    """Redis is only speed: the heads show what a lost message hid, the rights' versions who must be asked again."""
    while True:
        await asyncio.sleep(hub.settings.poll_interval_s)
        if hub.hosts:
            await _poll_heads(hub)


async def _poll_heads(hub: Hub) -> None:
    asked = dict(hub.hosts)  # a document that is opened meanwhile is in no answer to this question
    try:
        heads = await hub.document_log.heads(list(asked))
    except StoreAway:
        return  # edits stay unacknowledged meanwhile, and the committer says so in the log
    found = {head.document_id: head for head in heads}
    for document_id, host in asked.items():
        if hub.hosts.get(document_id) is host:
            await _compare(hub, host, found.get(document_id))


async def _compare(hub: Hub, host: RoomHost, head: HeadVersion | None) -> None:
    if head is None:
        host.end_all(NO_SUCH_DOCUMENT)
        return
    host.head(head.epoch, head.seq)
    if head.access_version != host.access_version:
        if host.is_read_only:  # an operator may have forgiven it
            host.is_read_only = await hub.quarantine.is_read_only(host.key.document_id)
        answers = await asyncio.gather(*(_recheck(hub, host, session_id) for session_id in list(host.outlets)))
        if all(answers):
            host.access_version = head.access_version


async def _recheck(hub: Hub, host: RoomHost, session_id: int) -> bool:
    """Rights have changed somewhere in the project: this session's may have (P7). False: nobody could say."""
    outlet = host.outlets.get(session_id)
    if outlet is None:
        return True
    try:
        identity = await hub.recheck(outlet.identity, time.time())
    except StoreAway:
        return False  # the version stays old, so the next poll asks again
    except EXPECTED as error:
        host.end(session_id, refusal_of(error))
        return True
    if session_id in host.outlets:
        outlet.identity = identity
        host.rights_changed(session_id)
    return True


async def tick_forever(hub: Hub) -> None:
    while True:
        await asyncio.sleep(TICK_INTERVAL_S)
        await _tick(hub)


async def _tick(hub: Hub) -> None:
    now_s, wall_s = asyncio.get_running_loop().time(), time.time()
    for host in list(hub.hosts.values()):
        host.tick()
        _expire_tokens(host, now_s, wall_s)
        if host.is_over and not host.outlets and not host.is_away:
            await hub.close(host)
        else:
            _rest(hub, host)


def _expire_tokens(host: RoomHost, now_s: float, wall_s: float) -> None:
    for session_id, outlet in list(host.outlets.items()):
        expires_at = outlet.identity.expires_at
        if expires_at is not None and expires_at <= wall_s and not outlet.ask_token(now_s):
            host.end(session_id, EXPIRED)


def _rest(hub: Hub, host: RoomHost) -> None:
    """Snapshots where it pays, and when the room is empty for a while; an empty document then leaves memory."""
    order = host.room.order
    if host.is_away or host.is_being_put_away or not order.is_quiet:
        return
    empty = _is_deserted(hub, host)
    due = order.seq - host.snapshot_seq >= hub.settings.snapshot_rows or (empty and order.seq > host.snapshot_seq)
    if due or empty:
        host.is_being_put_away = True
        hub.spawn(_put_away(hub, host, due))


async def _put_away(hub: Hub, host: RoomHost, due: bool) -> None:
    """Beside the round of the others: a large document takes its time."""
    try:
        if due:
            await snapshot(hub, host)
        if _is_deserted(hub, host) and not host.is_away and host.room.order.is_quiet:
            await hub.close(host)
            log.info("document.unloaded", extra={"document": str(host.room.name), "seq": host.room.order.seq})
    finally:
        host.is_being_put_away = False


def _is_deserted(hub: Hub, host: RoomHost) -> bool:
    since_s = host.empty_since_s
    return since_s is not None and not host.outlets and hub.now_s() - since_s >= hub.settings.unload_after_s


async def rest_forever(hub: Hub) -> None:
    """What nobody has edited for a while is kept as its bytes."""
    while True:
        await asyncio.sleep(REST_INTERVAL_S)
        await _rest_quiet(hub)


async def _rest_quiet(hub: Hub) -> None:
    """One document after another, with everybody's turn between two: each takes some milliseconds."""
    for host in list(hub.hosts.values()):
        if not host.is_over and host.residence.may_rest(hub.settings.rest_after_s, hub.now_s()):
            host.residence.rest()
            await asyncio.sleep(0)


async def snapshot(hub: Hub, host: RoomHost) -> None:
    state = await host.residence.quiet_state()
    if state is None:
        return
    seq, encoded = state
    try:
        await hub.snapshots.put(host.key.document_id, host.key.epoch, seq, encoded)
    except StorageError as error:  # a cache: the log has everything
        log.warning("snapshot.failed", extra={"document": str(host.room.name), "error": str(error)})
        return
    host.snapshot_seq = seq
    hub.metrics.snapshots.inc()


async def flush_presence_forever(hub: Hub) -> None:
    """Coalesced: everybody's newest presence at most 30 times a second."""
    while True:
        await asyncio.sleep(hub.settings.presence_interval_s)
        _flush_presence(hub)


def _flush_presence(hub: Hub) -> None:
    changed = list(hub.presence_changed)
    hub.presence_changed.clear()
    for host in changed:
        host.flush_presence()


async def ping_forever(hub: Hub) -> None:
    """So that proxies keep quiet connections and the hub learns of dead ones."""
    while True:
        await asyncio.sleep(hub.settings.ping_interval_s)
        for wire in list(hub.wires):
            wire.beat()


async def beat_forever(hub: Hub) -> None:
    while True:
        hub.beat()
        await asyncio.sleep(BEAT_INTERVAL_S)


async def project_forever(hub: Hub, projector: Projector, gestures: Gestures) -> None:
    """Keeps the projections of open documents: after a second of quiet, under load after five (documents.md A10).

    A storyboard that was edited is repaired in the same breath: one reading of it serves both.
    """
    quiet = _Quiet(hub, frozenset(Kind), PROJECT_QUIET_S, PROJECT_WAIT_MAX_S)
    while True:
        await asyncio.sleep(PROJECT_QUIET_S / 4)
        for document_id, seq in quiet.due():
            host = hub.hosts.get(document_id)
            if host is not None and host.room.name.kind is Kind.STORYBOARD and seq > host.opened_seq:
                await _behind("repair.failed", gestures.repair(document_id))
            if await _behind("projection.failed", projector.project(document_id)):
                quiet.done[document_id] = seq


async def repair_forever(hub: Hub, gestures: Gestures) -> None:
    """Writes back what open timelines need: after a quarter of a second of quiet, under load after five (A4)."""
    quiet = _Quiet(hub, frozenset({Kind.TIMELINE}), REPAIR_QUIET_S, PROJECT_WAIT_MAX_S)
    while True:
        await asyncio.sleep(REPAIR_QUIET_S / 4)
        for document_id, seq in quiet.due():
            if await _behind("repair.failed", gestures.repair(document_id)):
                quiet.done[document_id] = seq


class _Quiet:
    """Which open documents of these kinds have changed and are quiet now, or have been busy for too long."""

    def __init__(self, hub: Hub, kinds: frozenset[Kind], quiet_s: float, wait_max_s: float) -> None:
        self._hub = hub
        self._kinds = kinds
        self._quiet_s = quiet_s
        self._wait_max_s = wait_max_s
        self._pending: dict[UUID, tuple[int, float, float]] = {}
        """Sequence, when it was first behind, when it last moved."""
        self.done: dict[UUID, int] = {}
        """Up to which sequence the work is done."""

    def due(self) -> list[tuple[UUID, int]]:
        """Documents and their sequences. They are pending no more."""
        now_s = asyncio.get_running_loop().time()
        hosts = self._hub.hosts
        self.done = {document_id: seq for document_id, seq in self.done.items() if document_id in hosts}
        self._pending = {document_id: known for document_id, known in self._pending.items() if document_id in hosts}
        due = []
        for document_id, host in hosts.items():
            seq = host.room.order.seq
            if host.room.name.kind not in self._kinds or self.done.get(document_id) == seq:
                continue
            known = self._pending.get(document_id)
            if known is None or known[0] != seq:
                known = self._pending[document_id] = (seq, now_s if known is None else known[1], now_s)
            if now_s - known[2] >= self._quiet_s or now_s - known[1] >= self._wait_max_s:
                self._pending.pop(document_id)
                due.append((document_id, seq))
        return due


async def _behind(failure: str, work: Awaitable[bool]) -> bool:
    """Whether it was done: one unreadable document must not end the hub for all the others."""
    try:
        await work
    except (StorageError, DocumentsError) as error:
        log.warning(failure, extra={"error": str(error)})
        return False
    return True
