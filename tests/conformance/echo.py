"""Echo servers on the product's own transports: the suite of cases speaks to these.

`picows`: `FastWire` behind `Entrance`, with the hub's parser, assembler, tick writer and endings; only what becomes
of a message is another. `asgi`: uvicorn's implementation as the product configures it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast
from uuid import UUID

import uvicorn
from picows import WSMsgType
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.server import ServerState

import realtime.hub
from deploy.health import Readiness
from deploy.local import serve
from realtime.fast_wire import FastWire
from realtime.frames import Frames
from realtime.settings import HubSettings
from realtime.tasks import OwnedTasks
from realtime.tick_writer import TickWriter
from realtime.upgrade import STATE_KEY, Admission, Entrance, Http, HttpProtocol
from realtime.wire import Door, Handshake, Wire
from storage.tasks import beside
from sync.limits import MIB, Limits

PATH = "/sync/echo"
LIMITS = replace(Limits(), frame_bytes_max=17 * MIB, outbox_bytes_max=64 * MIB, messages_per_frame_max=1_000_000)
"""Cases send up to 16 MiB, in up to 262,144 fragments; the product's sizes are tested with its rules."""


class Quiet(uvicorn.Server):
    """The product's server without its signal handlers, which are a process's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class EchoDoor:
    """Says every message back."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def enter(self) -> None:
        """Everybody may come in."""

    def receive(self, frame: bytes | None) -> float:
        assert frame is not None, "texts are echoed by the wire"
        self._wire.put(Frames((frame,)))
        return 0.0

    def fall_behind(self) -> None:
        """Nothing here could be said again."""

    def resynchronise(self) -> None:
        """As above."""

    def leave(self) -> None:
        """Nobody is told."""


class EchoWire(FastWire):
    """A hub only refuses texts; here they come back."""

    __slots__ = ()

    def _text(self, message: bytes) -> float:
        assert self._transport is not None
        self._transport.send(WSMsgType.TEXT, message)
        return 0.0


class EchoAdmission(Admission):
    """The hub's, with another wire."""

    def wire(self, handshake: Handshake) -> FastWire:
        hub = self.hub
        return EchoWire(_door, hub.spawn, hub.settings.limits, hub.tick_writer, self._opened, self._closed)


class EchoEntrance(Entrance):
    """The hub's, with another admission."""

    def admission(self, hub: realtime.hub.Hub, server_state: ServerState, http: Http) -> Admission:
        return EchoAdmission(hub, server_state, http)


def _door(wire: Wire) -> Door:
    return EchoDoor(wire)


@dataclass(slots=True)
class EchoHub:
    """What `Admission` asks of a hub."""

    spawn: Callable[[Coroutine[Any, Any, None]], None]
    settings: HubSettings = field(default_factory=lambda: HubSettings(UUID(int=0), limits=LIMITS))
    tick_writer: TickWriter = field(default_factory=lambda: TickWriter(lambda seconds: None))
    wires: set[FastWire] = field(default_factory=set)

    def wire_opened(self, wire: FastWire) -> None:
        self.wires.add(wire)

    def wire_closed(self, wire: FastWire) -> None:
        self.wires.discard(wire)


async def _asgi_echo(websocket: WebSocket) -> None:
    await websocket.accept()
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await websocket.send({**message, "type": "websocket.send"})


@asynccontextmanager
async def echo_server(transport: str) -> AsyncIterator[tuple[str, int]]:
    """Host and port of one that speaks `picows` or `asgi` at `PATH`."""
    async with OwnedTasks() as tasks:
        hub = EchoHub(tasks.start)

        @asynccontextmanager
        async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
            yield {STATE_KEY: cast(realtime.hub.Hub, hub)}

        app = Starlette(routes=[WebSocketRoute(PATH, _asgi_echo)], lifespan=lifespan)
        http: serve.Http = EchoEntrance() if transport == "picows" else HttpProtocol
        config = serve.server(app, Readiness(), http).config
        config.ws_max_size = LIMITS.frame_bytes_max
        server = Quiet(config)
        taken = serve.listening("127.0.0.1", 0)
        taken.listen(64)
        host, port = taken.getsockname()
        async with beside(server.serve(sockets=[taken])) as serving:
            try:
                yield host, port
            finally:
                server.should_exit = True
                await asyncio.wait([serving])
        assert hub.wires == set()
