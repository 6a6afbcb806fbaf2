"""People who send a live hub what nobody should: mutants of real edits and of whole frames, in both stock dialects.

Each connection is somebody new, joins as a client would and then sends bad input until the hub has had enough of it.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from pycrdt import Doc, Map
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from sync.update import parse
from tests.chaos.people import Board, People
from tests.fuzz.forgery import forge
from tests.fuzz.mutants import Situation, mutate, situations
from tests.interop.wire import (
    AUTH,
    AWARENESS,
    QUERY_AWARENESS,
    STEP1,
    STEP2,
    SYNC,
    UPDATE,
    presence,
    read_collab_frame,
    read_sync_frame,
    var_bytes,
    var_string,
    var_uint,
)

INPUTS_A_CONNECTION_MAX = 40
ANSWER_TIMEOUT_S = 5.0
SITUATIONS_SEED = 4711


@dataclass
class Attack:
    """`tried`: inputs by kind. `endings`: how connections ended."""

    hub: str
    people: People
    boards: list[Board]
    tried: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    others: list[Situation] = field(default_factory=lambda: situations(Random(SITUATIONS_SEED)))

    async def run(self, rng: Random) -> None:
        """Until cancelled."""
        while True:
            board = rng.choice(self.boards)
            token = await self.people.editor(board)
            is_sync = rng.random() < 0.5
            try:
                async with asyncio.timeout(2 * ANSWER_TIMEOUT_S):
                    await self._connection(rng, board, token, is_sync)
            except (WebSocketException, OSError) as error:
                code = getattr(getattr(error, "rcvd", None), "code", None)
                self.endings[f"{type(error).__name__} {code or ''}".strip()] += 1
            except TimeoutError:
                self.endings["no answer in time"] += 1

    async def _connection(self, rng: Random, board: Board, token: str, is_sync: bool) -> None:
        path = f"/sync/{board.name}?token={token}" if is_sync else "/collab"
        async with connect(self.hub + path, max_size=None, compression=None) as socket:
            attacker = Attacker(rng, socket, board.name, is_sync, self.others)
            if not is_sync:
                await socket.send(attacker.frame(AUTH, b"\x00" + var_string(token) + var_string("4.8.0")))
            await attacker.join()
            for _ in range(INPUTS_A_CONNECTION_MAX):
                kind, frame = attacker.bad_input()
                self.tried[f"{'/sync' if is_sync else '/collab'} {kind}"] += 1
                await socket.send(frame)
                if await attacker.is_refused():
                    self.endings["document denied"] += 1
                    return
            self.endings["left by itself"] += 1


class Attacker:
    """One connection. Its replica follows the document, so that what it mutates was valid here and now."""

    def __init__(
        self, rng: Random, socket: ClientConnection, document: str, is_sync: bool, others: list[Situation]
    ) -> None:
        self._rng = rng
        self._socket = socket
        self._document = document
        self._is_sync = is_sync
        self._others = others
        self._client = rng.randrange(1000, 2**31)
        self._doc: Doc[Any] = Doc(client_id=self._client)
        self._clock = 0

    def frame(self, kind: int, payload: bytes) -> bytes:
        return (b"" if self._is_sync else var_string(self._document)) + var_uint(kind) + payload

    async def join(self) -> None:
        """Step1, and an answer to the hub's. Returns when the document is here."""
        await self._socket.send(self.frame(SYNC, bytes((STEP1,)) + var_bytes(bytes(self._doc.get_state()))))
        read = read_sync_frame if self._is_sync else read_collab_frame
        while True:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                raw = await self._socket.recv()
            said = read(raw if isinstance(raw, bytes) else raw.encode())
            if said.kind == "step2":
                self._doc.apply_update(said.payload)
                await self._socket.send(self.frame(SYNC, bytes((STEP2,)) + var_bytes(b"\0\0")))
                return
            if said.kind == "denied":
                raise OSError("denied")

    async def is_refused(self) -> bool:
        """Reads what has come."""
        read = read_sync_frame if self._is_sync else read_collab_frame
        try:
            async with asyncio.timeout(0.005):
                while True:
                    raw = await self._socket.recv()
                    if read(raw if isinstance(raw, bytes) else raw.encode()).kind in ("denied", "close"):
                        return True
        except TimeoutError:
            return False

    def _edit(self) -> bytes:
        before = self._doc.get_state()
        ext = self._doc.get("ext", type=Map)
        ext[self._rng.choice("abcd")] = self._rng.choice((1, "x", "😀", [1, {"k": 2}], None))
        return bytes(self._doc.get_update(before))

    def bad_input(self) -> tuple[str, bytes]:
        """(kind, frame)."""
        rng = self._rng
        kind = rng.choice(("valid edit", *("update mutant", "forged update", "frame mutant") * 3, *OTHERS))
        if kind == "valid edit":
            return kind, self._update(self._edit())
        if kind == "update mutant":
            return kind, self._update(mutate(rng, self._edit(), self._others))
        if kind == "forged update":
            return kind, self._update(forge(rng, parse(bytes(self._doc.get_update()))))
        if kind == "frame mutant":
            return kind, mutate(rng, self._update(self._edit()), self._others)
        if kind == "foreign edit":
            return kind, self._update(rng.choice(self._others).update)
        if kind == "random bytes":
            return kind, rng.randbytes(rng.choice((0, 1, 2, 10, 300)))
        if kind == "presence mutant":
            self._clock += 1
            state = mutate(rng, presence(self._client, self._clock, '{"user":{"name":"x"}}'), self._others)
            return kind, self.frame(AWARENESS, var_bytes(state))
        if kind == "state vector mutant":
            vector = mutate(rng, bytes(self._doc.get_state()), self._others)
            return kind, self.frame(SYNC, bytes((STEP1,)) + var_bytes(vector))
        if kind == "step2 mutant":
            whole = mutate(rng, bytes(self._doc.get_update()), self._others)
            return kind, self.frame(SYNC, bytes((STEP2,)) + var_bytes(whole))
        return kind, self.frame(rng.choice((QUERY_AWARENESS, 4, 5, 6, 7, 8, 9, 10, 99, 2**40)), rng.randbytes(4))

    def _update(self, update: bytes) -> bytes:
        return self.frame(SYNC, bytes((UPDATE,)) + var_bytes(update))


OTHERS = ("foreign edit", "random bytes", "presence mutant", "state vector mutant", "step2 mutant", "message kinds")
