"""Somebody who types through everything: a pycrdt replica behind the Hocuspocus dialect that comes back by itself.

Edits are made whether it is connected or not. Acknowledgements are counted, the oldest message first, as the provider
counts them; what is acknowledged is kept, so that it can be looked for in the log.
"""

import asyncio
import contextlib
import time
from collections import Counter, deque
from collections.abc import Sequence
from random import Random
from typing import Any

from pycrdt import Doc, Map
from websockets.exceptions import WebSocketException

from tests.interop.wire import CollabSocket, Said, collab_socket, presence

EDIT_EVERY_S = 0.15
RENEW_PRESENCE_S = 10.0
RETURN_AFTER_MAX_S = 0.5
SILENCE_MAX_S = 6.0
"""A hub that says nothing for so long while something is owed is left for another, as a provider would later."""
OPEN_TIMEOUT_S = 3.0


class Editor:
    """`hubs`: addresses to choose from. `acknowledged`: updates that the hub has promised to keep."""

    def __init__(self, name: str, document: str, token: str, hubs: Sequence[str], seed: int) -> None:
        self.name = name
        self.document = document
        self.acknowledged: list[bytes] = []
        self.refusals: Counter[str] = Counter()
        self.edits = self.connects = 0
        self.newest_acknowledged_s = 0.0
        """When the newest acknowledged edit was made."""
        self.is_typing = True
        self.rng = Random(seed)
        self.doc: Doc[Any] = Doc(client_id=self.rng.randrange(1000, 2**31))
        self._hubs = hubs
        self.token = token
        self._owed: deque[tuple[float, bytes]] = deque()
        self._outbox: deque[bytes] = deque()
        self._is_synced = False
        self._is_quiet = False
        self._spoken_s = 0.0
        self._presence_clock = 0
        self.doc.observe(self._changed)

    @property
    def is_saved(self) -> bool:
        return self._is_synced and not self._owed and not self._outbox

    def _changed(self, event: Any) -> None:
        if self._is_synced and not self._is_quiet and event.update != b"\0\0":
            self._outbox.append(bytes(event.update))

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._type())
            while True:
                with contextlib.suppress(WebSocketException, OSError, TimeoutError):
                    await self._live()
                self._is_synced = False
                await asyncio.sleep(self.rng.random() * RETURN_AFTER_MAX_S)

    async def _type(self) -> None:
        while True:
            if self.is_typing:
                self.edits += 1
                with self.doc.transaction():
                    ext = self.doc.get("ext", type=Map)
                    ext[f"{self.name}{self.rng.randrange(4)}"] = self.edits
                    ext[f"all{self.rng.randrange(3)}"] = f"{self.name} {self.edits}"
            await asyncio.sleep(EDIT_EVERY_S * (0.5 + self.rng.random()))

    async def _live(self) -> None:
        """One connection from its opening to its end."""
        self.connects += 1
        self._owed.clear()
        self._outbox.clear()
        async with collab_socket(self.rng.choice(self._hubs), open_timeout=OPEN_TIMEOUT_S) as socket:
            self._spoken_s = time.monotonic()
            await socket.authenticate(self.document, self.token)
            async with asyncio.TaskGroup() as group:
                talking = group.create_task(self._talk(socket))
                try:
                    while True:
                        await self._hear(socket, await socket.next())
                        self._spoken_s = time.monotonic()
                except BaseExceptionGroup:
                    raise
                except (WebSocketException, TimeoutError, ConnectionResetError):
                    talking.cancel()

    async def _talk(self, socket: CollabSocket) -> None:
        """Sends what was typed; ends the connection when the hub has fallen silent."""
        renewed_s = time.monotonic()
        while True:
            while self._outbox:
                update = self._outbox.popleft()
                self._owed.append((time.monotonic(), update))
                with contextlib.suppress(WebSocketException):
                    await socket.update(self.document, update)
            now_s = time.monotonic()
            if now_s - renewed_s > RENEW_PRESENCE_S:
                renewed_s = now_s
                with contextlib.suppress(WebSocketException):
                    await self._tell_presence(socket)
            if now_s - self._spoken_s > SILENCE_MAX_S:
                socket.connection.transport.abort()
                return
            await asyncio.sleep(0.02)

    async def _tell_presence(self, socket: CollabSocket) -> None:
        self._presence_clock += 1
        await socket.awareness(self.document, presence(int(self.doc.client_id), self._presence_clock, "{}"))

    async def _hear(self, socket: CollabSocket, said: Said) -> None:
        match said.kind:
            case "authenticated":
                await socket.step1(self.document, bytes(self.doc.get_state()))
                await self._tell_presence(socket)
            case "step1":
                update = bytes(self.doc.get_update(said.payload))
                if not self._is_synced:
                    self._is_synced = True
                    self._owed.append((time.monotonic(), update))
                await socket.step2(self.document, update)
            case "step2" | "update":
                self._is_quiet = True
                self.doc.apply_update(said.payload)
                self._is_quiet = False
            case "status":
                assert said.text == "1" and self._owed, f"{self.name}: an answer to nothing"
                made_s, update = self._owed.popleft()
                self.newest_acknowledged_s = max(self.newest_acknowledged_s, made_s)
                self.acknowledged.append(update)
            case "denied" | "close":
                self.refusals[said.text] += 1
                await socket.connection.close()
