"""Composes the hub: its stores, its tasks and its two routes."""

import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from asyncpg.pgproto import pgproto
from prometheus_client import CollectorRegistry
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from realtime import operators_page, upkeep
from realtime.collab_dialects import offered
from realtime.collab_door import COLLAB_PATH, CollabDoor
from realtime.hub import Hub, HubParts
from realtime.kept_edits import KeptEdits
from realtime.loader import Loader
from realtime.metrics import HubMetrics
from realtime.origin import is_allowed
from realtime.project_events import ProjectEvents
from realtime.replica_processes import ReplicaProcesses, ReplicaSettings
from realtime.settings import HubSettings
from realtime.socket import Socket
from realtime.sync_door import SyncDoor
from realtime.tasks import OwnedTasks
from realtime.wire import Door, Handshake, Wire
from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from services.gestures.service import Gestures
from services.inquest.service import Inquest
from services.locks.overtaken import OvertakenEdits
from services.proposals.service import Proposals
from services.users.tickets import Tickets
from services.users.tokens import Tokens
from storage.committer import GroupCommitter
from storage.events import ProjectFeed
from storage.log import DocumentLog
from storage.quarantine import Quarantine
from storage.snapshots import Snapshots
from storage.stores import Stores


@asynccontextmanager
async def open_hub(
    settings: HubSettings,
    stores: Stores,
    inquest: Inquest,
    tokens: Tokens,
    tickets: Tickets,
    registry: CollectorRegistry,
    replica_program: Sequence[str],
) -> AsyncIterator[Hub]:
    """Leaving it ends every session with 1012 and commits what is on its way. It holds the inquest.

    `replica_program`: calls `replica_child.main`.
    """
    log = DocumentLog(stores.pool, stores.objects)
    snapshots = Snapshots(stores.pool, stores.objects)
    rng = random.Random()  # seeded by the system; batch ids must be unlike, not secret
    quarantine = Quarantine(stores.pool)
    editor = DocumentEditor(log, snapshots, stores.bus, stores.pool, announcements=stores.announcements)
    kept = KeptDocuments(editor)
    projector = Projector(kept, stores.pool, stores.bus)
    async with AsyncExitStack() as stack:
        committer = await stack.enter_async_context(GroupCommitter(log, rng))
        subscription = await stack.enter_async_context(stores.bus.subscription())
        feed = await stack.enter_async_context(ProjectFeed(stores.bus))
        tasks = await stack.enter_async_context(OwnedTasks())
        metrics = HubMetrics(registry)
        replicas = ReplicaProcesses(
            ReplicaSettings(replica_program, settings.replica_processes_max, settings.replica_answer_timeout_s),
            stores.announcements,
            inquest,
            metrics,
            tasks.start,
        )
        loader = Loader(
            pool=stores.pool,
            log=log,
            snapshots=snapshots,
            quarantine=quarantine,
            limits=settings.limits,
            node=settings.node,
            new_id=lambda: pgproto.UUID(rng.randbytes(16)),
            announcements=stores.announcements,
            inquest=inquest,
            replicas=await stack.enter_async_context(replicas),
            in_process_bytes_max=settings.in_process_bytes_max,
        )
        proposals = Proposals(stores.pool, log, stores.bus, editor, projector)
        kept_edits = KeptEdits(proposals, metrics)
        hub = Hub(
            HubParts(
                settings=settings,
                stores=stores,
                tokens=tokens,
                tickets=tickets,
                metrics=metrics,
                committer=committer,
                loader=loader,
                kept_edits=kept_edits,
                overtaken=OvertakenEdits(log, editor, proposals, rng),
                subscription=subscription,
                tasks=tasks,
                events=ProjectEvents(stores.pool, feed, tasks.start),
            )
        )
        gestures = Gestures(stores.pool, editor, projector, kept)
        for work in (
            inquest.hold(),
            hub.listen_forever(),
            hub.publish_forever(),
            kept_edits.run(),
            upkeep.poll_heads_forever(hub),
            upkeep.tick_forever(hub),
            upkeep.rest_forever(hub),
            upkeep.flush_presence_forever(hub),
            upkeep.ping_forever(hub),
            upkeep.beat_forever(hub),
            upkeep.project_forever(hub, projector, gestures),
            upkeep.repair_forever(hub, gestures),
        ):
            tasks.start(work)
        try:
            yield hub
        finally:
            hub.end()


def routes(hub: Hub) -> list[BaseRoute]:
    """`/sync/{document}` and `/collab`, for any ASGI server, and `/ops`."""

    async def sync_endpoint(websocket: WebSocket) -> None:
        await serve(hub, websocket, SyncDoor)

    async def collab_endpoint(websocket: WebSocket) -> None:
        await serve(hub, websocket, CollabDoor)

    return [
        WebSocketRoute("/sync/{document}", sync_endpoint),
        WebSocketRoute(COLLAB_PATH, collab_endpoint),
        *operators_page.routes(hub),
    ]


def handshake_of(websocket: WebSocket) -> Handshake:
    """What doors look at, of the request as the ASGI server read it."""
    headers = websocket.headers
    return Handshake(
        path=websocket.url.path,
        token=websocket.query_params.get("token"),
        host=headers.get("host"),
        origin=headers.get("origin"),
        authorization=headers.get("authorization"),
        subprotocols=",".join(headers.getlist("sec-websocket-protocol")),
    )


async def serve(hub: Hub, websocket: WebSocket, open_door: Callable[[Hub, Handshake, Wire], Door]) -> None:
    """One connection from its handshake to its end."""
    handshake = handshake_of(websocket)
    if not is_allowed(handshake, hub.settings.allowed_origins):
        await websocket.close()  # before accepting: HTTP 403
        return
    speech = offered(handshake.subprotocols if handshake.path == COLLAB_PATH else "")
    await websocket.accept(subprotocol=speech.mark or None)
    socket = Socket(websocket, hub.settings.limits)
    door = open_door(hub, handshake, socket)
    hub.metrics.sockets.inc()
    try:
        await door.enter()
        await socket.run(door)
    finally:
        hub.metrics.sockets.dec()
        door.leave()
