"""In which order a connection is written to, whether or not its peer reads."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

from picows import WSTransport

from realtime.fast_wire import FastWire
from realtime.frames import Frames, framed
from realtime.refusals import NO_TOKEN
from realtime.tick_writer import WIRES_A_TICK, TickWriter
from realtime.wire import Door, Wire
from sync.limits import Limits


@dataclass
class Stream:
    """A transport, and picows' face of it."""

    written: list[bytes] = field(default_factory=list)
    closed_with: int | None = None

    @property
    def underlying_transport(self) -> "Stream":
        return self

    @property
    def request(self) -> "Stream":
        return self

    @property
    def headers(self) -> dict[str, str]:
        return {}

    @property
    def is_close_frame_sent(self) -> bool:
        return self.closed_with is not None

    def send_close(self, code: int, reason: bytes) -> None:
        self.closed_with = code

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def set_write_buffer_limits(self, high: int) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None: ...


class Quiet:
    """A door behind which nothing happens."""

    async def enter(self) -> None: ...

    def receive(self, frame: bytes | None) -> float:
        return 0.0

    def fall_behind(self) -> None: ...

    def resynchronise(self) -> None: ...

    def leave(self) -> None: ...


def frames(*words: bytes) -> list[Frames]:
    return [Frames([word]) for word in words]


def wired(writer: TickWriter) -> tuple[FastWire, Stream]:
    """A connection that stands in the line as soon as something is relayed on it."""

    def spawn(work: Coroutine[Any, Any, None]) -> None:
        work.close()

    def open_door(wire: Wire) -> Door:
        return Quiet()

    stream = Stream()
    wire = FastWire(open_door, spawn, Limits(), writer, lambda wire: None, lambda wire: None)
    wire.on_ws_connected(cast(WSTransport, stream))
    writer.at_once = 0
    return wire, stream


async def test_what_stands_in_the_line_is_one_write_in_the_order_of_its_coming() -> None:
    wire, stream = wired(TickWriter(lambda seconds: None))
    first, answer, second = frames(b"edit", b"ack", b"another")
    wire.relay(first)
    wire.put(answer)
    wire.relay(second)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert stream.written == [b"".join(map(framed, (b"edit", b"ack", b"another")))]


async def test_a_peer_that_stops_reading_meanwhile_gets_the_same_order() -> None:
    wire, stream = wired(TickWriter(lambda seconds: None))
    first, second, third = frames(b"edit", b"another", b"third")
    wire.relay(first)
    wire.pause_writing()
    wire.relay(second)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    wire.relay(third)
    assert stream.written == []
    wire.resume_writing()
    assert b"".join(stream.written) == b"".join(map(framed, (b"edit", b"another", b"third")))


async def test_what_stands_in_the_line_goes_before_the_end() -> None:
    writer = TickWriter(lambda seconds: None)
    wires = [wired(writer) for _ in range(2 * WIRES_A_TICK)]
    for wire, _ in wires:
        wire.relay(Frames([b"edit"]))
    last, stream = wires[-1]
    last.close(NO_TOKEN)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert stream.written == [framed(b"edit")]
    assert stream.closed_with == NO_TOKEN.code
