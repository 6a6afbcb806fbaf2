"""People who send a live hub what nobody should: mutants of real edits and of whole frames, in every dialect.

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
from websockets.typing import Subprotocol

from sync.dialects import native
from sync.dialects.hocuspocus import Closed, PermissionDenied
from sync.messages import Edit, Reset, Step2
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
    Said,
    presence,
    read_collab_frame,
    read_sync_frame,
    var_bytes,
    var_string,
    var_uint,
)

NATIVE = "native"
DIALECTS = ("/sync", "/collab", NATIVE)
Closing = PermissionDenied | Closed
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
            try:
                async with asyncio.timeout(2 * ANSWER_TIMEOUT_S):
                    await self._connection(rng, board, token, rng.choice(DIALECTS))
            except (WebSocketException, OSError) as error:
                code = getattr(getattr(error, "rcvd", None), "code", None)
                self.endings[f"{type(error).__name__} {code or ''}".strip()] += 1
            except TimeoutError:
                self.endings["no answer in time"] += 1

    async def _connection(self, rng: Random, board: Board, token: str, dialect: str) -> None:
        path = f"/sync/{board.name}?token={token}" if dialect == "/sync" else "/collab"
        offers = [Subprotocol(native.SUBPROTOCOL)] if dialect == NATIVE else None
        async with connect(self.hub + path, subprotocols=offers, max_size=None, compression=None) as socket:
            attacker = Attacker(rng, socket, board.name, dialect, self.others)
            if dialect != "/sync":
                await socket.send(attacker.frame(AUTH, b"\x00" + var_string(token) + var_string("4.8.0")))
            await attacker.join()
            for _ in range(INPUTS_A_CONNECTION_MAX):
                kind, frame = attacker.bad_input()
                self.tried[f"{dialect} {kind}"] += 1
                await socket.send(frame)
                if await attacker.is_refused():
                    self.endings["document denied"] += 1
                    return
            self.endings["left by itself"] += 1


class Attacker:
    """One connection. Its replica follows the document, so that what it mutates was valid here and now."""

    def __init__(
        self, rng: Random, socket: ClientConnection, document: str, dialect: str, others: list[Situation]
    ) -> None:
        self._rng = rng
        self._socket = socket
        self._document = document
        self._dialect = dialect
        self._is_sync = dialect == "/sync"
        self._others = others
        self._client = rng.randrange(1000, 2**31)
        self._doc: Doc[Any] = Doc(client_id=self._client)
        self._clock = 0

    def frame(self, kind: int, payload: bytes) -> bytes:
        return (b"" if self._is_sync else var_string(self._document)) + var_uint(kind) + payload

    async def join(self) -> None:
        """Step1, and an answer to the hub's. Returns when the document is here."""
        await self._socket.send(self.frame(SYNC, bytes((STEP1,)) + var_bytes(bytes(self._doc.get_state()))))
        while True:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                said = self._read(await self._socket.recv())
            if said.kind == "step2":
                self._doc.apply_update(said.payload)
                await self._socket.send(self._answer())
                return
            if said.kind == "denied":
                raise OSError("denied")

    def _answer(self) -> bytes:
        if self._dialect == NATIVE:
            return native.encode(self._document, Edit(self._rng.randbytes(16), b"\0\0", True))
        return self.frame(SYNC, bytes((STEP2,)) + var_bytes(b"\0\0"))

    def _read(self, raw: bytes | str) -> Said:
        frame = raw if isinstance(raw, bytes) else raw.encode()
        if self._is_sync:
            return read_sync_frame(frame)
        if self._dialect == NATIVE and not isinstance(message := native.decode_server(frame)[1], Step2 | Closing):
            return Said("reset" if isinstance(message, Reset) else "other")
        return read_collab_frame(frame)

    async def is_refused(self) -> bool:
        """Reads what has come."""
        was_reset = False
        try:
            async with asyncio.timeout(0.005):
                while True:
                    said = self._read(await self._socket.recv())
                    was_reset = was_reset or said.kind == "reset"
                    if said.kind in ("denied", "close"):
                        return True
        except TimeoutError:
            if was_reset:
                self._client = self._rng.randrange(1000, 2**31)
                self._doc = Doc(client_id=self._client)
                await self.join()
            return False

    def _edit(self) -> bytes:
        before = self._doc.get_state()
        ext = self._doc.get("ext", type=Map)
        ext[self._rng.choice("abcd")] = self._rng.choice((1, "x", "😀", [1, {"k": 2}], None))
        return bytes(self._doc.get_update(before))

    def bad_input(self) -> tuple[str, bytes]:
        """(kind, frame)."""
        rng = self._rng
        more = ("fragments", "fragment mutant", "stroke") if self._dialect == NATIVE else ()
        kind = rng.choice(("valid edit", *("update mutant", "forged update", "frame mutant") * 3, *OTHERS, *more))
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
        if kind in ("fragments", "fragment mutant"):
            piece = rng.choice(native.in_fragments(self._update(self._edit()), 32))
            return kind, piece if kind == "fragments" else mutate(rng, piece, self._others)
        if kind == "stroke":
            return kind, self.frame(native.EPHEMERAL, var_bytes(rng.randbytes(rng.choice((0, 10, 8192, 8193)))))
        if kind == "step2 mutant":
            whole = mutate(rng, bytes(self._doc.get_update()), self._others)
            if self._dialect == NATIVE:
                return kind, native.encode(self._document, Edit(rng.randbytes(16), whole, True))
            return kind, self.frame(SYNC, bytes((STEP2,)) + var_bytes(whole))
        return kind, self.frame(rng.choice((QUERY_AWARENESS, 4, 5, 6, 7, 8, 9, 10, 99, 2**40)), rng.randbytes(4))

    def _update(self, update: bytes) -> bytes:
        if self._dialect == NATIVE:
            return native.encode(self._document, Edit(self._rng.randbytes(16), update, False))
        return self.frame(SYNC, bytes((UPDATE,)) + var_bytes(update))


OTHERS = ("foreign edit", "random bytes", "presence mutant", "state vector mutant", "step2 mutant", "message kinds")
