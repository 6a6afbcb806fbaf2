"""The hub's own transport: picows parses, rooms' frames are built once and written once per connection and loop tick.

A `Wire` beside `socket.Socket`; what is said on it is the door's, how it got the connection is `upgrade`.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, cast

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from realtime.frames import Frames
from realtime.framing import VIOLATION, Assembler, Violated, answer_to_close, pong
from realtime.outbox import BEHIND_S_MAX, Outbox
from realtime.refusals import OVERLOAD, RESTART, Refusal
from realtime.tick_writer import TickWriter
from realtime.wire import Door, Wire
from sync.limits import Limits

CLOSE_TIMEOUT_S = 2.0
SHUTDOWN_SPREAD_S = 1.0
WRITE_HIGH_WATER_BYTES = 64 * 1024
"""In the kernel's queue and asyncio's; above it frames wait in the outbox, where they are counted."""
BINARY = WSMsgType.BINARY
JOINED_BYTES_MAX = 64 * 1024
"""What is larger is written piece by piece: copying a whole document for each joiner costs more than a system call."""


class _Gone:
    """The door of a connection that has ended."""

    async def enter(self) -> None: ...

    def receive(self, frame: bytes | None) -> float:
        return 0.0

    def fall_behind(self) -> None: ...

    def resynchronise(self) -> None: ...

    def leave(self) -> None: ...


GONE: Door = _Gone()


class FastWire(WSListener):
    """One connection from its upgrade to its end. `opened` and `closed` tell whoever keeps count of connections.

    There are thousands of them at rest, so nothing is made before it is needed.
    """

    __slots__ = (
        "_assembler",
        "_closed",
        "_closing",
        "_door",
        "_early",
        "_heard",
        "_is_blocked",
        "_is_holding",
        "_is_reading",
        "_limits",
        "_opened",
        "_outbox",
        "_pending",
        "_spawn",
        "_transport",
        "_write_now",
        "_writer",
    )

    def __init__(
        self,
        open_door: Callable[[Wire], Door],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        limits: Limits,
        writer: TickWriter,
        opened: Callable[["FastWire"], None],
        closed: Callable[["FastWire"], None],
    ) -> None:
        self._spawn = spawn
        self._limits = limits
        self._writer = writer
        self._opened = opened
        self._closed = closed
        self._assembler = Assembler(limits)
        self._pending: list[Frames] = []
        self._outbox: Outbox | None = None
        """Made when the peer does not read for the first time; it remembers when that was."""
        self._is_holding = False
        self._early: deque[tuple[bytes, bool]] | None = None
        """Messages that were in the read buffer already when reading was paused."""
        self._is_reading = False
        self._is_blocked = False
        self._closing: Refusal | None = None
        self._heard = True
        self._transport: WSTransport | None = None
        self._write_now: Callable[[bytes], object] | None = None
        """The transport's own, while what others have said may go out at once."""
        self._door = open_door(self)

    # Of the connection ---------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        transport.request.headers.clear()  # picows keeps the request; the door has taken what it needs
        transport.underlying_transport.set_write_buffer_limits(high=WRITE_HIGH_WATER_BYTES)
        self._write_now = transport.underlying_transport.write
        self._opened(self)
        transport.underlying_transport.pause_reading()
        self._spawn(self._enter())

    async def _enter(self) -> None:
        await self._door.enter()
        self._read_on()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._closed(self)
        self._transport = self._write_now = None
        door, self._door = self._door, GONE  # which holds us: two that hold each other wait for the collector
        door.leave()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self._heard = True
        try:
            if frame.rsv1 or frame.rsv2 or frame.rsv3:
                raise Violated(VIOLATION, "reserved bits")
            if frame.msg_type == BINARY and frame.fin and not self._assembler.is_waiting:
                self._message(frame.get_payload_as_bytes(), False)  # nearly all that comes
            else:
                self._frame(transport, frame)
        except Violated as violation:
            self._finish(violation.code, violation.reason)

    def _frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Raises `Violated`."""
        kind = frame.msg_type
        if kind == WSMsgType.PONG:
            return
        if kind == WSMsgType.PING:
            self._answer_ping(transport, frame.get_payload_as_bytes())
            return
        if kind == WSMsgType.CLOSE:
            code = answer_to_close(frame.get_payload_as_bytes())
            transport.send_close(cast(WSCloseCode, code))  # nothing is sent twice
            transport.disconnect()
            return
        message = self._assembler.add(
            frame.get_payload_as_bytes(),
            is_first=kind != WSMsgType.CONTINUATION,
            is_text=kind == WSMsgType.TEXT,
            is_last=frame.fin,
        )
        if message is not None:
            self._message(message, self._assembler.is_text)

    def _answer_ping(self, transport: WSTransport, payload: bytes) -> None:
        if self._is_holding:
            self._keep(pong(payload), unbounded=False, repeatable=False)
        else:
            transport.send_pong(payload)

    # Reading -------------------------------------------------------------------------------------------

    def _message(self, message: bytes, is_text: bool) -> None:
        if self._closing is not None:
            return
        if not self._is_reading:
            if self._early is None:
                self._early = deque()
            self._early.append((message, is_text))
            return
        pause_s = self._text(message) if is_text else self._door.receive(message)
        if pause_s > 0 and self._transport is not None:
            self._is_reading = False
            self._transport.underlying_transport.pause_reading()
            asyncio.get_running_loop().call_later(pause_s, self._read_on)

    def _text(self, message: bytes) -> float:
        """Doors speak in bytes only."""
        return self._door.receive(None)

    def _read_on(self) -> None:
        if self._transport is None or self._transport.underlying_transport.is_closing():
            return
        self._is_reading = True
        while self._early and self._is_reading:
            self._message(*self._early.popleft())
        if not self._early:
            self._early = None
        if self._is_reading:
            self._transport.underlying_transport.resume_reading()

    # Writing -------------------------------------------------------------------------------------------

    def relay(self, frames: Frames) -> None:
        writer, write = self._writer, self._write_now
        if write is None or self._pending:
            self.put(frames, repeatable=True)
        elif writer.at_once > 0:
            writer.at_once -= 1
            write(frames.framed())
        else:
            writer.line_up(self)
            self._pending.append(frames)

    def put(self, frames: Frames, *, unbounded: bool = False, repeatable: bool = False) -> None:
        if self._closing is not None or self._transport is None:
            return
        if self._pending:  # it is written soon, and in this order also to a peer that does not read
            self._pending.append(frames)
        elif self._is_holding:
            self._keep(frames.framed(), unbounded, repeatable)
        else:
            (self._writer.line_up if repeatable else self._writer.mark)(self)
            self._pending.append(frames)

    def write_pending(self) -> None:
        """What was put since the last time."""
        pending, self._pending = self._pending, []
        if len(pending) == 1:
            self._write(pending[0].framed())
            return
        pieces = [frames.framed() for frames in pending]
        if sum(map(len, pieces)) <= JOINED_BYTES_MAX:
            pieces = [b"".join(pieces)] if pieces else []
        for piece in pieces:
            self._write(piece)

    def _write(self, data: bytes) -> None:
        """Frames of a tick; nothing follows a close frame."""
        transport = self._transport
        if transport is None or transport.is_close_frame_sent:
            return
        if self._is_holding:  # the peer stopped reading between this tick's frames and their writing
            self._keep(data, unbounded=True, repeatable=False)
        else:
            transport.underlying_transport.write(data)

    def pause_writing(self) -> None:
        """The peer does not read. All that was put so far is written and will reach it."""
        self._is_blocked = True
        if not self._is_holding:
            self._door.fall_behind()  # first: what it puts now is among what will reach the peer
            self._is_holding = True
            self._write_now = None

    def _keep(self, data: bytes, unbounded: bool, repeatable: bool) -> None:
        if self._outbox is None:
            self._outbox = Outbox(self._limits)
        outbox = self._outbox
        loop, was_behind = asyncio.get_running_loop(), outbox.is_behind
        if not outbox.add(data, unbounded=unbounded, repeatable=repeatable, now_s=loop.time()):
            outbox.clear()
            self.close(OVERLOAD)
        elif outbox.is_behind and not was_behind:
            loop.call_later(BEHIND_S_MAX, self._give_up, outbox)

    def _give_up(self, outbox: Outbox) -> None:
        if outbox.is_behind:
            self.close(OVERLOAD)

    def resume_writing(self) -> None:
        self._is_blocked = False
        outbox = self._outbox
        while outbox and not self._is_blocked and self._transport is not None:
            self._transport.underlying_transport.write(outbox.take())
        if self._is_blocked:
            return
        if self._closing is not None:
            self._say_goodbye(self._closing)
        elif outbox is not None and outbox.caught_up():
            self._door.resynchronise()
            self._door.fall_behind()
            self.resume_writing()
        else:
            self._is_holding = False
            if self._transport is not None:
                self._write_now = self._transport.underlying_transport.write

    @property
    def waiting_bytes(self) -> int:
        """What the peer has not read: in the outbox and in this process's part of the socket."""
        kept = 0 if self._outbox is None else self._outbox.waiting_bytes
        return kept if self._transport is None else kept + self._transport.underlying_transport.get_write_buffer_size()

    @property
    def is_overloaded(self) -> bool:
        """Whether the wire itself gave its peer up."""
        return self._closing is OVERLOAD

    # Ending --------------------------------------------------------------------------------------------

    def close(self, refusal: Refusal) -> None:
        if self._closing is not None:
            return
        self._closing = refusal
        self._write_now = None
        asyncio.get_running_loop().call_soon(self._close_soon)  # behind what this tick has put

    def _close_soon(self) -> None:
        self.write_pending()
        if self._closing is not None and (not self._outbox or self._closing is OVERLOAD):
            self._say_goodbye(self._closing)

    def _say_goodbye(self, refusal: Refusal) -> None:
        self._finish(int(refusal.code), refusal.reason)

    def _finish(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = RESTART
            self._write_now = None
        transport = self._transport
        if transport is None or transport.is_close_frame_sent:
            return
        transport.underlying_transport.resume_reading()  # for the peer's close frame
        transport.send_close(cast(WSCloseCode, code), reason.encode())  # any number is a code
        asyncio.get_running_loop().call_later(CLOSE_TIMEOUT_S, transport.underlying_transport.abort)

    def shutdown(self) -> None:
        """The server goes away: not everybody at once, because everybody comes back at once (architecture.md P15)."""
        delay_s = random.uniform(0, SHUTDOWN_SPREAD_S)
        asyncio.get_running_loop().call_later(delay_s, self.close, RESTART)

    def beat(self) -> None:
        """Every ping interval: who has not been heard since the last one is gone."""
        if self._transport is None:
            return
        if not self._heard:
            self._transport.underlying_transport.abort()
            return
        self._heard = False
        self._transport.send_ping()
