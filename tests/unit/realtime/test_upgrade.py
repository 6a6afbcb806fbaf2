"""What is read of an upgrade request, and when a connection is handed on."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from multidict import CIMultiDict
from picows import WSUpgradeRequest

from realtime.upgrade import REQUEST_BYTES_MAX, Admission, _Arrival, handshake_of
from realtime.wire import Handshake
from sync.limits import Limits

REQUEST = b"GET /sync/sb:x~1?token=t HTTP/1.1\r\nHost: a.test\r\n\r\n"


def request(path: bytes, *headers: tuple[str, str]) -> WSUpgradeRequest:
    made = WSUpgradeRequest()
    made.path = path
    made.headers = CIMultiDict(headers)
    return made


def test_a_handshake_is_what_doors_look_at() -> None:
    named = (("host", "a.test"), ("ORIGIN", "http://a.test"), ("Authorization", "Bearer b"))
    asked = request(b"/sync/sb%3Ax~1?a=1&token=t%2Bt+t", *named)
    assert handshake_of(asked) == Handshake("/sync/sb:x~1", "t+t t", "a.test", "http://a.test", "Bearer b", "")


@pytest.mark.parametrize(
    ("query", "token"), [(b"", None), (b"?tokens=a", None), (b"?token=", ""), (b"?token=a&token=b", "b")]
)
def test_of_several_tokens_the_last_counts(query: bytes, token: str | None) -> None:
    assert handshake_of(request(b"/collab" + query)).token == token


def test_subprotocols_may_come_in_several_headers() -> None:
    lines = (("Sec-WebSocket-Protocol", "a, b"), ("Sec-WebSocket-Protocol", "c"))
    assert handshake_of(request(b"/collab", *lines)).subprotocols == "a, b,c"


@dataclass
class Taker:
    """A protocol that takes connections over; as picows' where it is fed through its buffer."""

    transport: Any = None
    heard: bytes = b""
    buffer: bytearray = field(default_factory=lambda: bytearray(8))

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.heard += data

    def get_buffer(self, size: int) -> memoryview:
        return memoryview(self.buffer)

    def buffer_updated(self, size: int) -> None:
        self.heard += self.buffer[:size]


@dataclass
class Doorway:
    """What `_Arrival` asks of an admission, its hub and its transport."""

    hubs: Taker = field(default_factory=Taker)
    https: Taker = field(default_factory=Taker)
    connections: set[Any] = field(default_factory=set)
    limits: Limits = field(default_factory=Limits)

    @property
    def hub(self) -> "Doorway":
        return self

    @property
    def settings(self) -> "Doorway":
        return self

    def protocol(self) -> Taker:
        return self.hubs

    def http(self) -> Taker:
        return self.https

    def write(self, data: bytes) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0

    def set_protocol(self, protocol: Taker) -> None: ...

    def close(self) -> None: ...


def arrival() -> tuple[_Arrival, Doorway]:
    doorway = Doorway()
    arrived = _Arrival(cast(Admission, doorway))
    arrived.connection_made(cast(asyncio.Transport, doorway))
    return arrived, doorway


async def test_a_request_that_comes_in_pieces_is_handed_over_whole() -> None:
    arrived, doorway = arrival()
    for byte in REQUEST[:-1]:
        arrived.data_received(bytes([byte]))
    assert doorway.hubs.transport is None
    assert doorway.connections == {arrived}
    arrived.data_received(REQUEST[-1:])
    assert doorway.hubs.heard == REQUEST
    assert not doorway.connections


async def test_a_request_without_an_end_is_handed_over_to_be_refused() -> None:
    arrived, doorway = arrival()
    endless = REQUEST[:-2] + b"x-more: " + b"y" * REQUEST_BYTES_MAX
    arrived.data_received(endless)
    assert doorway.hubs.heard == endless


async def test_other_paths_are_handed_over_with_their_first_bytes() -> None:
    arrived, doorway = arrival()
    arrived.data_received(b"GET /syn")
    assert doorway.https.transport is None
    arrived.data_received(b"c")
    arrived.data_received(b"x")
    assert doorway.https.heard == b"GET /syncx"
