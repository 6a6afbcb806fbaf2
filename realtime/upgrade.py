"""How a socket gets from uvicorn to the hub: uvicorn parses the upgrade request, then the right protocol takes over.

uvicorn asks its `ws` class for a protocol, gives it the transport and replays the request. For the hub's paths picows
takes the transport; everything else goes to uvicorn's own implementation. One port, one server (decision 7). What a
client sends right behind its request, before the answer, is passed on too.
"""

import asyncio
import importlib
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import h11
from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener
from starlette.datastructures import Headers, QueryParams
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from realtime.collab_door import CollabDoor
from realtime.fast_wire import FastWire
from realtime.hub import Hub
from realtime.origin import is_allowed
from realtime.sync_door import PATH as SYNC_PATH
from realtime.sync_door import SyncDoor
from realtime.wire import Door, Handshake, Wire

COLLAB_PATH = "/collab"
STATE_KEY = "hub"
"""Under which the lifespan tells the server of its hub."""
READ_BUFFER_BYTES = 2048
"""A connection starts with this much; picows doubles it when a message needs more."""


class HttpProtocol(H11Protocol):
    """uvicorn's `http` class: as its own, but it keeps the bytes behind an upgrade request, which uvicorn drops."""

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        early, _ = self.conn.trailing_data
        super().handle_websocket_upgrade(event)
        if early and not self.transport.is_closing():
            cast(asyncio.Protocol, self.transport.get_protocol()).data_received(early)


class HubProtocol(asyncio.Protocol):
    """uvicorn's `ws` class."""

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        self._config = config
        self._server_state = server_state
        self._app_state = app_state
        self._transport: asyncio.Transport | None = None
        self._inner: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but its class

    def data_received(self, data: bytes) -> None:
        """The upgrade request, whole and in one piece; then, until the hand-over, what follows it."""
        assert self._transport is not None
        if self._inner is not None:
            self._pass_on(data)
            return
        hub = self._app_state.get(STATE_KEY)
        target = data.split(b" ", 2)[1].decode("ascii", "replace")
        path = unquote(urlsplit(target).path)
        if hub is None or not (path == COLLAB_PATH or path.startswith(SYNC_PATH)):
            self._inner = WebSocketsSansIOProtocol(self._config, self._server_state, self._app_state)
        else:
            self._inner = self._hub_protocol(hub)
        self._inner.connection_made(self._transport)
        self._pass_on(data)
        # uvicorn sets us as the transport's protocol when we return; ours is next
        asyncio.get_running_loop().call_soon(self._hand_over)

    def _hand_over(self) -> None:
        assert self._transport is not None
        if not self._transport.is_closing():
            self._transport.set_protocol(self._inner)

    def _pass_on(self, data: bytes) -> None:
        if isinstance(self._inner, asyncio.BufferedProtocol):
            _feed(self._inner, data)
        else:
            self._inner.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._inner.connection_lost(exc)

    def eof_received(self) -> bool | None:
        answer: bool | None = self._inner.eof_received()
        return answer

    def _hub_protocol(self, hub: Hub) -> Any:
        connections = self._server_state.connections

        def opened(wire: FastWire) -> None:
            connections.add(cast(Any, wire))  # the server shuts down whatever is in there
            hub.wire_opened(wire)

        def closed(wire: FastWire) -> None:
            connections.discard(cast(Any, wire))
            hub.wire_closed(wire)

        def accept(request: WSUpgradeRequest) -> FastWire | WSUpgradeResponseWithListener:
            handshake = handshake_of(request)
            if not is_allowed(handshake.headers, hub.settings.allowed_origins):
                refused = WSUpgradeResponse.create_error_response(HTTPStatus.FORBIDDEN, b"origin")
                return WSUpgradeResponseWithListener(refused, None)

            return self._wire(hub, handshake, opened, closed)

        return _picows_protocol(accept, hub.settings.limits.frame_bytes_max)

    def _wire(
        self,
        hub: Hub,
        handshake: Handshake,
        opened: Callable[[FastWire], None],
        closed: Callable[[FastWire], None],
    ) -> FastWire:
        def open_door(wire: Wire) -> Door:
            if handshake.path == COLLAB_PATH:
                return CollabDoor(hub, handshake, wire)
            return SyncDoor(hub, handshake, wire)

        return FastWire(open_door, hub.spawn, hub.settings.limits, hub.tick_writer, opened, closed)


def handshake_of(request: WSUpgradeRequest) -> Handshake:
    """What doors look at, of the request as picows read it."""
    parts = urlsplit(request.path.decode("ascii", "replace"))
    headers = Headers(raw=[(name.lower().encode(), value.encode()) for name, value in request.headers.items()])
    return Handshake(unquote(parts.path), QueryParams(parts.query), headers)


def _picows_protocol(accept: Any, frame_bytes_max: int) -> Any:
    """picows' server side of one connection. Pings are the hub's: a task a connection would cost more than the rest.
    So are pongs: reserved bits are looked at first, and who does not read has them in the outbox."""
    core = importlib.import_module("picows.picows")
    return core.WSProtocol(
        None,
        None,
        False,
        accept,
        _quiet_logger(),
        True,
        5.0,
        False,
        10.0,
        10.0,
        core.WSAutoPingStrategy.PING_WHEN_IDLE,
        False,
        frame_bytes_max,
        None,
        READ_BUFFER_BYTES,
    )


def _quiet_logger() -> logging.LoggerAdapter[logging.Logger]:
    """An adapter, because picows makes a child logger for each connection out of a plain one."""
    logger = logging.getLogger("storyforge.picows")
    logger.setLevel(logging.CRITICAL)  # peers that break the protocol are counted, not logged
    return logging.LoggerAdapter(logger)


def _feed(protocol: Any, data: bytes) -> None:
    """The replayed request may be larger than the first read buffer."""
    rest = memoryview(data)
    while len(rest):
        buffer = protocol.get_buffer(-1)
        size = min(len(buffer), len(rest))
        buffer[:size] = rest[:size]
        protocol.buffer_updated(size)
        rest = rest[size:]
