"""One WebSocket: a bounded outbox with one writer, and a reader that stops when its peer sends too fast.

Knows frames and close codes; what is in a frame is the door's.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from realtime.refusals import OVERLOAD, Refusal
from storage.tasks import beside
from sync.limits import Limits
from sync.messages import Close

CLOSE_TIMEOUT_S = 1.0


class Socket:
    """`put` and `close` return at once; `run` lives as long as the connection."""

    def __init__(self, websocket: WebSocket, limits: Limits) -> None:
        self._websocket = websocket
        self._limits = limits
        self._outbox: deque[tuple[bytes, int]] = deque()
        """Frames and how many bytes of the limit each takes."""
        self._outbox_bytes = 0
        self._wake = asyncio.Event()
        self._over = asyncio.timeout(None)
        self._closing: Refusal | None = None
        self._reading = False
        self._peer_gone = False

    @property
    def is_closing(self) -> bool:
        return self._closing is not None

    def put(self, frame: bytes, *, unbounded: bool = False) -> None:
        """`unbounded`: the answer to a join, which may be as large as the document."""
        if self._closing is not None:
            return
        counted = 0 if unbounded else len(frame)
        self._outbox_bytes += counted
        self._outbox.append((frame, counted))
        if self._outbox_bytes > self._limits.outbox_bytes_max or len(self._outbox) > self._limits.outbox_frames_max:
            self._outbox.clear()
            self._outbox_bytes = 0
            self.close(OVERLOAD)
        self._wake.set()

    def close(self, refusal: Refusal) -> None:
        """What is in the outbox goes first, as far as the peer still reads."""
        if self._closing is None:
            self._closing = refusal
            self._wake.set()
            if refusal is OVERLOAD:  # the writer may be stuck with a peer that does not read
                self._stop_reading()

    async def run(self, handle: Callable[[bytes], Awaitable[None]]) -> None:
        """Hands every frame to `handle`, until one side is done."""
        async with beside(self._write()):
            try:
                async with self._over:
                    self._reading = True
                    await self._read(handle)
                    self._reading = False
            except TimeoutError:
                self._reading = False
                if not self._over.expired():
                    raise
        if self._closing is not None and not self._peer_gone:
            await self._say_goodbye(self._closing)

    async def _read(self, handle: Callable[[bytes], Awaitable[None]]) -> None:
        while self._closing is None:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                self._peer_gone = True
                return
            frame = message.get("bytes")
            if frame is None:
                self.close(Refusal(Close.MALFORMED, "frame.malformed"))
            else:
                await handle(frame)
        await asyncio.Event().wait()  # the writer empties the outbox and then ends this

    async def _write(self) -> None:
        try:
            while True:
                while self._outbox:
                    frame, counted = self._outbox.popleft()
                    await self._websocket.send_bytes(frame)
                    self._outbox_bytes = max(0, self._outbox_bytes - counted)  # an overflow resets it
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
