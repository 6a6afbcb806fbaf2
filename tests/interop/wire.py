"""Bare clients of both stock dialects, byte by byte: they share no code with the hub.

Nothing here reacts by itself; what to send and what to expect is the test's business.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

TIMEOUT_S = 15.0
SYNC, AWARENESS, AUTH, QUERY_AWARENESS, SYNC_REPLY, STATELESS, CLOSE, SYNC_STATUS = 0, 1, 2, 3, 4, 5, 7, 8
STEP1, STEP2, UPDATE = 0, 1, 2


def var_uint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def var_bytes(data: bytes) -> bytes:
    return var_uint(len(data)) + data


def var_string(text: str) -> bytes:
    return var_bytes(text.encode())


class Bytes:
    """A cursor over received bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def uint(self) -> int:
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def bytes(self) -> bytes:
        length = self.uint()
        self.at += length
        assert self.at <= len(self.data)
        return self.data[self.at - length : self.at]

    def text(self) -> str:
        return self.bytes().decode()

    def over(self) -> bool:
        return self.at == len(self.data)


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the hub. `kind`: step1 step2 update awareness denied authenticated token_request close status."""

    kind: str
    payload: bytes = b""
    text: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """How the hub ended the socket."""

    code: int
    reason: str


def _sync(read: Bytes, key: str = "") -> Said:
    kind = {STEP1: "step1", STEP2: "step2", UPDATE: "update"}[read.uint()]
    return Said(kind, read.bytes(), key=key)


def read_sync_frame(frame: bytes) -> Said:
    """A frame of `/sync`: exactly one message (W5)."""
    read = Bytes(frame)
    kind = read.uint()
    if kind == SYNC:
        said = _sync(read)
    elif kind == AWARENESS:
        said = Said("awareness", read.bytes())
    elif kind == AUTH:
        assert read.uint() == 0
        said = Said("denied", text=read.text())
    else:
        assert kind == QUERY_AWARENESS, frame.hex()
        said = Said("query_awareness")
    assert read.over(), frame.hex()
    return said


def read_collab_frame(frame: bytes) -> Said:
    """A frame of `/collab`: exactly one message (W6)."""
    if len(frame) == 1:
        return Said({9: "ping", 10: "pong"}[frame[0]])
    read = Bytes(frame)
    key, kind = read.text(), read.uint()
    if kind in (SYNC, SYNC_REPLY):
        said = _sync(read, key)
    elif kind == AWARENESS:
        said = Said("awareness", read.bytes(), key=key)
    elif kind == AUTH:
        said = _auth(read, key)
    elif kind == SYNC_STATUS:
        said = Said("status", text=str(read.uint()), key=key)
    elif kind == QUERY_AWARENESS:
        said = Said("query_awareness", key=key)
    else:
        assert kind == CLOSE, frame.hex()
        said = Said("close", text=read.text(), key=key)
    assert read.over(), frame.hex()
    return said


def _auth(read: Bytes, key: str) -> Said:
    subtype = read.uint()
    if subtype == 0:
        return Said("token_request", key=key)
    return Said({1: "denied", 2: "authenticated"}[subtype], text=read.text(), key=key)


@dataclass
class Socket:
    """One connection; `said` keeps everything that came, in order."""

    connection: ClientConnection
    read: Callable[[bytes], Said]
    said: list[Said] = field(default_factory=list)

    async def send(self, frame: bytes | str) -> None:
        await self.connection.send(frame)

    async def next(self) -> Said:
        """The next message. Raises `ConnectionClosed`."""
        async with asyncio.timeout(TIMEOUT_S):
            frame = await self.connection.recv()
        assert isinstance(frame, bytes), "the hub sends binary frames only"
        said = self.read(frame)
        self.said.append(said)
        return said

    async def until(self, kind: str, key: str | None = None) -> Said:
        """The next message of this kind; the ones before it are kept in `said`."""
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                said = await self.next()
                if said.kind == kind and key in (None, said.key):
                    return said

    async def closed(self) -> Closed:
        """Reads on until the hub closes."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                while True:
                    await self.next()
        except ConnectionClosed as error:
            assert error.rcvd is not None, "the connection broke without a close frame"
            return Closed(error.rcvd.code, error.rcvd.reason)


class SyncSocket(Socket):
    """`/sync`: one document."""

    async def step1(self, state_vector: bytes = b"\x00") -> None:
        await self.send(bytes((SYNC, STEP1)) + var_bytes(state_vector))

    async def step2(self, update: bytes = b"\x00\x00") -> None:
        await self.send(bytes((SYNC, STEP2)) + var_bytes(update))

    async def update(self, update: bytes) -> None:
        await self.send(bytes((SYNC, UPDATE)) + var_bytes(update))

    async def awareness(self, update: bytes) -> None:
        await self.send(bytes((AWARENESS,)) + var_bytes(update))


class CollabSocket(Socket):
    """`/collab`: every message names its document."""

    async def message(self, key: str, kind: int, payload: bytes = b"") -> None:
        await self.send(var_string(key) + var_uint(kind) + payload)

    async def authenticate(self, key: str, token: str) -> None:
        await self.message(key, AUTH, b"\x00" + var_string(token) + var_string("4.8.0"))

    async def step1(self, key: str, state_vector: bytes = b"\x00") -> None:
        await self.message(key, SYNC, bytes((STEP1,)) + var_bytes(state_vector))

    async def step2(self, key: str, update: bytes = b"\x00\x00") -> None:
        await self.message(key, SYNC, bytes((STEP2,)) + var_bytes(update))

    async def update(self, key: str, update: bytes) -> None:
        await self.message(key, SYNC, bytes((UPDATE,)) + var_bytes(update))

    async def awareness(self, key: str, update: bytes) -> None:
        await self.message(key, AWARENESS, var_bytes(update))


@asynccontextmanager
async def sync_socket(base: str, document: str, token: str | None, **options: Any) -> AsyncIterator[SyncSocket]:
    """`base`: ws://host:port. `token` None: no query parameter."""
    url = f"{base}/sync/{document}" + ("" if token is None else f"?token={token}")
    async with connect(url, max_size=None, compression=None, **options) as connection:
        yield SyncSocket(connection, read_sync_frame)


@asynccontextmanager
async def collab_socket(base: str, **options: Any) -> AsyncIterator[CollabSocket]:
    async with connect(f"{base}/collab", max_size=None, compression=None, **options) as connection:
        yield CollabSocket(connection, read_collab_frame)


# Yjs bytes -------------------------------------------------------------------------------------


def set_key(client: int, clock: int, root: str, key: str, value: str) -> bytes:
    """The update of `root.set(key, value)` by hand: one struct, no deletions."""
    item = bytes((0x28, 1)) + var_string(root) + var_string(key) + b"\x01\x77" + var_string(value)
    return b"\x01\x01" + var_uint(client) + var_uint(clock) + item + b"\x00"


def set_nested_key(client: int, clock: int, parent: tuple[int, int], key: str, value: str) -> bytes:
    """The update of `map.set(key, value)` for the Y.Map that is the item `parent` (client, clock)."""
    owner = b"\x00" + var_uint(parent[0]) + var_uint(parent[1])
    item = bytes((0x28,)) + owner + var_string(key) + b"\x01\x77" + var_string(value)
    return b"\x01\x01" + var_uint(client) + var_uint(clock) + item + b"\x00"


def delete_range(client: int, clock: int, length: int) -> bytes:
    """An update that only deletes."""
    return b"\x00\x01" + var_uint(client) + b"\x01" + var_uint(clock) + var_uint(length)


def presence(client: int, clock: int, state: str) -> bytes:
    """An awareness update of one entry; `state` is JSON text."""
    return b"\x01" + var_uint(client) + var_uint(clock) + var_string(state)


def presences(update: bytes) -> dict[int, tuple[int, str]]:
    """client -> (clock, JSON text)."""
    read = Bytes(update)
    entries = [(read.uint(), read.uint(), read.text()) for _ in range(read.uint())]
    assert read.over()
    return {client: (clock, state) for client, clock, state in entries}


def state_vector(update: bytes) -> dict[int, int]:
    read = Bytes(update)
    return {read.uint(): read.uint() for _ in range(read.uint())}


def random_frame(seed: int, length: int) -> bytes:
    """Bytes that mean nothing, the same every time."""
    out, value = bytearray(), seed * 2654435761 % 2**32
    while len(out) < length:
        value = (value * 1664525 + 1013904223) % 2**32
        out += struct.pack(">I", value)
    return bytes(out[:length])
