"""A native client on a real socket: `sync.client` behind the `websockets` library, for services and tests.

Comes back by itself, after a time with jitter, until the hub refuses it for good or the block is left.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from storage.tasks import beside
from sync.client import Change, Client, Status
from sync.dialects.native import SUBPROTOCOL
from sync.limits import Limits

RETURN_FIRST_S = 0.1
RETURN_MAX_S = 10.0
OPEN_TIMEOUT_S = 5.0

Found = TypeVar("Found")


class LiveClient:
    """`client`: its state, to look at. What is done to it goes through here."""

    def __init__(self, url: str, client: Client, rng: Random) -> None:
        self.client = client
        self.connections = 0
        self._url = url
        self._rng = rng
        self._socket: ClientConnection | None = None
        self._frames: asyncio.Queue[bytes] = asyncio.Queue()
        self._changed = asyncio.Condition()

    def edit(self, change: Change) -> None:
        self._send(self.client.edit(change))

    def show(self, payload: bytes) -> None:
        self._send(self.client.show(payload))

    def follow(self, cursor: int | None = None) -> None:
        self._send(self.client.follow(cursor))

    def tell(self, state: str) -> None:
        self._send(self.client.tell(state))

    def renew(self, token: str) -> None:
        self._send(self.client.renew(token))

    def moved(self, document: str, token: str) -> None:
        self._send(self.client.moved(document, token))

    async def until(self, found: Callable[[Client], Found | None]) -> Found:
        """The first answer that is true, asked again whenever something came. Bounded by the caller."""
        async with self._changed:
            while not (answer := found(self.client)):
                await self._changed.wait()
            return answer

    async def saved(self) -> int:
        """Waits until the hub has acknowledged all edits; the document at this sequence holds them."""
        await self.until(lambda client: client.status is Status.SAVED)
        return self.client.saved_seq

    def cut(self) -> None:
        """The network breaks."""
        if self._socket is not None:
            self._socket.transport.abort()

    def _send(self, frames: Sequence[bytes]) -> None:
        for frame in frames:
            self._frames.put_nowait(frame)

    async def run(self) -> None:
        """Until cancelled."""
        failures = 0
        while True:
            lives = self.connections
            with suppress(WebSocketException, OSError, TimeoutError):
                await self._live()
            failures = 0 if self.connections > lives else failures + 1
            self.client.disconnected()
            await self._tell()
            await asyncio.sleep(self._rng.random() * min(RETURN_MAX_S, RETURN_FIRST_S * 2**failures))

    async def _live(self) -> None:
        subprotocols = [Subprotocol(SUBPROTOCOL)]
        async with connect(
            self._url, subprotocols=subprotocols, max_size=None, compression=None, open_timeout=OPEN_TIMEOUT_S
        ) as socket:
            self.connections += 1
            self._socket = socket
            self._frames = asyncio.Queue()
            self._send(self.client.connected())
            async with beside(self._write(socket)):
                async for frame in socket:
                    if isinstance(frame, bytes):
                        self._send(self.client.receive(frame))
                        await self._tell()

    async def _write(self, socket: ClientConnection) -> None:
        with suppress(WebSocketException):  # the reader sees it too
            while True:
                await socket.send(await self._frames.get())

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


@asynccontextmanager
async def open_client(
    base: str, document: str, token: str, rng: Random | None = None, limits: Limits | None = None
) -> AsyncIterator[LiveClient]:
    """`base`: ws://host:port. `rng`: of ids, names and waits."""
    chance = rng or Random()
    client = Client(
        document,
        token,
        lambda: chance.randrange(1, 2**31),
        lambda: chance.randbytes(16),
        limits=limits or Limits(),
    )
    live = LiveClient(f"{base}/collab", client, chance)
    async with beside(live.run()):
        yield live
