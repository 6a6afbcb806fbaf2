"""How a connection gets to the hub: whoever asks for one of the hub's paths is handed to picows, byte for byte.

uvicorn owns the port and makes a protocol for each connection (`Entrance`). The first bytes tell whose it is: `/sync/`
and `/collab` are read by picows alone, everything else by uvicorn's own HTTP (decision 7). What a client sends right
behind its upgrade request, before the answer, is kept on either way.
"""

import asyncio
import importlib
import logging
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote, unquote_plus

import h11
from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from realtime.collab_dialects import offered
from realtime.collab_door import COLLAB_PATH, CollabDoor
from realtime.fast_wire import FastWire
from realtime.hub import Hub
from realtime.origin import is_allowed
from realtime.sync_door import PATH as SYNC_PATH
from realtime.sync_door import SyncDoor
from realtime.wire import Door, Handshake, Wire
from sync.dialects.native import SUBPROTOCOL

STATE_KEY = "hub"
"""Under which the lifespan tells the server of its hub."""
OPENINGS = (f"GET {SYNC_PATH}".encode(), f"GET {COLLAB_PATH} ".encode(), f"GET {COLLAB_PATH}?".encode())
"""How a request for the hub begins."""
Http = Callable[[], asyncio.Protocol]
END_OF_REQUEST = b"\r\n\r\n"
REQUEST_BYTES_MAX = 16 * 1024
"""As picows has it, which refuses what is larger with 400."""
READ_BUFFER_BYTES = 2048
"""A connection starts with this much; picows doubles it when a message needs more."""


class HttpProtocol(H11Protocol):
    """uvicorn's `http` class: as its own, but it keeps the bytes behind an upgrade request, which uvicorn drops."""

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        early, _ = self.conn.trailing_data
        super().handle_websocket_upgrade(event)
        if early and not self.transport.is_closing():
            cast(asyncio.Protocol, self.transport.get_protocol()).data_received(early)


class Entrance:
    """uvicorn's `http` class, as far as uvicorn can tell; one for a server."""

    def __init__(self) -> None:
        self._admission: Admission | None = None

    def __call__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> asyncio.BaseProtocol:
        hub = app_state.get(STATE_KEY)
        if hub is None:
            return HttpProtocol(config, server_state, app_state, _loop)
        if self._admission is None or self._admission.hub is not hub:
            http = partial(HttpProtocol, config, server_state, app_state, _loop)
            self._admission = self.admission(hub, server_state, http)
        return _Arrival(self._admission)

    def admission(self, hub: Hub, server_state: ServerState, http: "Http") -> "Admission":
        """What becomes of connections."""
        return Admission(hub, server_state, http)


class _Arrival(asyncio.Protocol):
    """A connection of which nobody knows yet what it wants; it says so in its first line.

    uvloop keeps it as long as the connection, so it ends up empty.
    """

    __slots__ = ("_admission", "_deadline", "_first", "_transport")

    def __init__(self, admission: "Admission") -> None:
        self._admission = admission
        self._first = b""
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but its class
        self._admission.connections.add(cast(Any, self))
        timeout_s = self._admission.hub.settings.limits.authentication_timeout_s
        self._deadline = asyncio.get_running_loop().call_later(timeout_s, transport.close)

    def data_received(self, data: bytes) -> None:
        first = self._first = self._first + data
        is_hubs = first.startswith(OPENINGS)
        if is_hubs and END_OF_REQUEST not in first and len(first) < REQUEST_BYTES_MAX:
            return  # picows would wait for the rest, each connection with a timer of its own
        if not is_hubs and any(opening.startswith(first) for opening in OPENINGS):
            return  # too little to tell, and at most a few bytes
        self._leave()
        self._first = b""
        transport, self._transport = self._transport, None
        assert transport is not None, "it speaks after it was made, and is handed over once"
        if is_hubs:
            hubs = self._admission.protocol()
            hubs.connection_made(_Prepared(transport))
            transport.set_protocol(hubs)
            _feed(hubs, first)
        else:
            http = self._admission.http()
            http.connection_made(transport)
            transport.set_protocol(http)
            http.data_received(first)

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()

    def _leave(self) -> None:
        self._admission.connections.discard(cast(Any, self))
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def shutdown(self) -> None:
        """The server goes away."""
        assert self._transport is not None, "it is told only until it has handed over"
        self._transport.close()


class _Prepared:
    """uvloop's transport as picows gets it: with a socket that needs no more options.

    picows sets two and asks for four, and uvloop makes a socket for each: twenty system calls a connection. TCP_NODELAY
    is what uvloop itself begins with.
    """

    __slots__ = ("_transport", "get_write_buffer_size", "write")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.write = transport.write
        self.get_write_buffer_size = transport.get_write_buffer_size

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def get_extra_info(self, name: str) -> Any:
        if name in ("peername", "sockname"):
            return None  # for picows' log, which nobody reads
        found = self._transport.get_extra_info(name)
        return _Socket(found.fileno()) if name == "socket" else found


class _Socket:
    """All that picows needs of one is its number."""

    __slots__ = ("_number",)

    def __init__(self, number: int) -> None:
        self._number = number

    def fileno(self) -> int:
        return self._number

    def setsockopt(self, level: int, option: int, value: int) -> None:
        """It is set up already."""

    def getsockopt(self, level: int, option: int) -> int:
        """For the log too."""
        return 0


class _Accepted(WSUpgradeResponse):
    """The answer to who may come in: the same bytes for everybody but for the header that picows adds."""

    __slots__ = ("_same",)

    def __init__(self, same: WSUpgradeResponse) -> None:
        self.version, self.status, self.headers, self.body = same.version, same.status, same.headers, same.body
        self._same = bytes(same.to_bytes()).removesuffix(b"\r\n")

    def to_bytes(self) -> bytearray:
        key = self.headers["Sec-WebSocket-Accept"]
        return bytearray(b"%bSec-WebSocket-Accept: %b\r\n\r\n" % (self._same, key.encode()))


class Admission:
    """Makes the hub's wires, and with `http` the others; the server shuts down whatever is in `connections`.

    What is the same for all connections is made once and shared by thousands.
    """

    def __init__(self, hub: Hub, server_state: ServerState, http: Http) -> None:
        self.hub = hub
        self.http = http
        self.connections = server_state.connections
        self._accepted = _Accepted(WSUpgradeResponse.create_101_response())
        native = WSUpgradeResponse.create_101_response({"Sec-WebSocket-Protocol": SUBPROTOCOL})
        self._accepted_native = _Accepted(native)
        self.protocol = self._protocols()
        """picows' server side of one connection."""

    def _protocols(self) -> Callable[[], Any]:
        """Pings are the hub's: a task a connection would cost more than the rest. So are pongs: reserved bits are
        looked at first, and who does not read has them in the outbox. There is no timeout of the handshake because
        picows gets a whole request."""
        core = importlib.import_module("picows.picows")
        return partial(
            core.WSProtocol,
            None,
            None,
            False,
            self._accept,
            _quiet_logger(),
            True,
            None,
            False,
            10.0,
            10.0,
            core.WSAutoPingStrategy.PING_WHEN_IDLE,
            False,
            self.hub.settings.limits.frame_bytes_max,
            None,
            READ_BUFFER_BYTES,
        )

    def _accept(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        handshake = handshake_of(request)
        if not is_allowed(handshake, self.hub.settings.allowed_origins):
            refused = WSUpgradeResponse.create_error_response(HTTPStatus.FORBIDDEN, b"origin")
            return WSUpgradeResponseWithListener(refused, None)
        if handshake.path != COLLAB_PATH and not handshake.path.startswith(SYNC_PATH):
            refused = WSUpgradeResponse.create_error_response(HTTPStatus.NOT_FOUND, b"no such path")
            return WSUpgradeResponseWithListener(refused, None)
        is_native = handshake.path == COLLAB_PATH and offered(handshake.subprotocols).mark == SUBPROTOCOL
        accepted = self._accepted_native if is_native else self._accepted
        return WSUpgradeResponseWithListener(accepted, self.wire(handshake))

    def wire(self, handshake: Handshake) -> FastWire:
        """One connection, before its upgrade is answered."""
        hub = self.hub

        def open_door(wire: Wire) -> Door:
            if handshake.path == COLLAB_PATH:
                return CollabDoor(hub, handshake, wire)
            return SyncDoor(hub, handshake, wire)

        return FastWire(open_door, hub.spawn, hub.settings.limits, hub.tick_writer, self._opened, self._closed)

    def _opened(self, wire: FastWire) -> None:
        self.connections.add(cast(Any, wire))
        self.hub.wire_opened(wire)

    def _closed(self, wire: FastWire) -> None:
        self.connections.discard(cast(Any, wire))
        self.hub.wire_closed(wire)


def handshake_of(request: WSUpgradeRequest) -> Handshake:
    """What doors look at, of the request as picows read it."""
    path, _, query = request.path.decode("ascii", "replace").partition("?")
    headers = request.headers
    return Handshake(
        path=unquote(path),
        token=_token_in(query),
        host=headers.get("Host"),
        origin=headers.get("Origin"),
        authorization=headers.get("Authorization"),
        subprotocols=",".join(headers.getall("Sec-WebSocket-Protocol", ())),
    )


def _token_in(query: str) -> str | None:
    """Of several the last, as everywhere else."""
    for field in reversed(query.split("&")):
        name, _, value = field.partition("=")
        if name == "token":
            return unquote_plus(value)
    return None


class _QuietLogger(logging.LoggerAdapter[logging.Logger]):
    """An adapter, because picows makes a child logger for each connection out of a plain one."""

    def info(self, msg: object, *args: object, **more: Any) -> None:
        """Each coming and going: to find out that nobody listens costs more than the rest of it."""


def _quiet_logger() -> _QuietLogger:
    logger = logging.getLogger("storyforge.picows")
    logger.setLevel(logging.CRITICAL)  # peers that break the protocol are counted, not logged
    return _QuietLogger(logger)


def _feed(protocol: Any, data: bytes) -> None:
    """The replayed request may be larger than the first read buffer."""
    rest = memoryview(data)
    while len(rest):
        buffer = protocol.get_buffer(-1)
        size = min(len(buffer), len(rest))
        buffer[:size] = rest[:size]
        protocol.buffer_updated(size)
        rest = rest[size:]
