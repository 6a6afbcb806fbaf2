"""A WebSocket of any ASGI server: a bounded outbox with one writer, a reader that pauses when told to."""

import asyncio

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from realtime.frames import Frames
from realtime.outbox import BEHIND_S_MAX, Outbox
from realtime.refusals import OVERLOAD, Refusal
from realtime.wire import Door
from storage.tasks import beside
from sync.limits import Limits

CLOSE_TIMEOUT_S = 1.0


class Socket:
    """A `Wire`. `run` lives as long as the connection."""

    def __init__(self, websocket: WebSocket, limits: Limits) -> None:
        self._websocket = websocket
        self._limits = limits
        self._outbox = Outbox(limits)
        self._door: Door | None = None
        self._wake = asyncio.Event()
        self._over = asyncio.timeout(None)
        self._closing: Refusal | None = None
        self._reading = False
        self._peer_gone = False

    def relay(self, frames: Frames) -> None:
        self.put(frames, repeatable=True)

    def put(self, frames: Frames, *, unbounded: bool = False, repeatable: bool = False) -> None:
        for payload in frames.payloads:
            self._keep(payload, unbounded, repeatable)

    def _keep(self, frame: bytes, unbounded: bool, repeatable: bool) -> None:
        if self._closing is not None:
            return
        loop, was_behind = asyncio.get_running_loop(), self._outbox.is_behind
        if not self._outbox.add(frame, unbounded=unbounded, repeatable=repeatable, now_s=loop.time()):
            self._outbox.clear()
            self.close(OVERLOAD)
        elif self._outbox.is_behind and not was_behind:
            loop.call_later(BEHIND_S_MAX, self._give_up)
        self._wake.set()

    def _give_up(self) -> None:
        if self._outbox.is_behind:
            self.close(OVERLOAD)

    @property
    def waiting_bytes(self) -> int:
        return self._outbox.waiting_bytes

    def close(self, refusal: Refusal) -> None:
        if self._closing is None:
            self._closing = refusal
            self._wake.set()
            if refusal is OVERLOAD:  # the writer may be stuck with a peer that does not read
                self._stop_reading()

    async def run(self, door: Door) -> None:
        """Hands every frame to the door, until one side is done."""
        self._door = door
        async with beside(self._write()):
            try:
                async with self._over:
                    self._reading = True
                    await self._read(door)
                    self._reading = False
            except TimeoutError:
                self._reading = False
                if not self._over.expired():
                    raise
        if self._closing is not None and not self._peer_gone:
            await self._say_goodbye(self._closing)

    async def _read(self, door: Door) -> None:
        while self._closing is None:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                self._peer_gone = True
                return
            pause_s = door.receive(message.get("bytes"))
            if pause_s > 0:
                await asyncio.sleep(pause_s)
        await asyncio.Event().wait()  # the writer empties the outbox and then ends this

    async def _write(self) -> None:
        try:
            while True:
                while len(self._outbox):
                    await self._websocket.send_bytes(self._outbox.take())
                if self._outbox.caught_up() and self._door is not None:
                    self._door.resynchronise()
                    continue
                if self._closing is not None:
                    break
                self._wake.clear()
                await self._wake.wait()
        except (WebSocketDisconnect, RuntimeError):  # the peer has gone while we wrote
            self._peer_gone = True
        self._stop_reading()

    def _stop_reading(self) -> None:
        if self._reading and not self._over.expired():
            self._over.reschedule(asyncio.get_running_loop().time())

    async def _say_goodbye(self, refusal: Refusal) -> None:
        if self._websocket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._websocket.close(refusal.code, refusal.reason)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            return  # it does not read; the server drops the connection when we return
