"""Somebody who has joined a storyboard through one of the two stock dialects, byte by byte: one interface for both.

Answers the hub's first Step1 and nothing else.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from tests.interop.wire import (
    Closed,
    CollabSocket,
    Said,
    SyncSocket,
    collab_socket,
    sync_socket,
)

Dialect = Literal["/sync", "/collab"]
DIALECTS: tuple[Dialect, ...] = ("/sync", "/collab")


@dataclass(frozen=True, slots=True)
class Refused:
    """`code`: the close code of the socket; None on `/collab` when only the document was denied."""

    code: int | None
    reason: str


class Participant:
    """`socket`: the connection, for what only one dialect can do."""

    def __init__(self, dialect: Dialect, socket: SyncSocket | CollabSocket, name: str) -> None:
        self.dialect = dialect
        self.socket = socket
        self.name = name

    async def step1(self, state_vector: bytes = b"\x00") -> None:
        if isinstance(self.socket, CollabSocket):
            await self.socket.step1(self.name, state_vector)
        else:
            await self.socket.step1(state_vector)

    async def step2(self, update: bytes = b"\x00\x00") -> None:
        if isinstance(self.socket, CollabSocket):
            await self.socket.step2(self.name, update)
        else:
            await self.socket.step2(update)

    async def update(self, update: bytes) -> None:
        if isinstance(self.socket, CollabSocket):
            await self.socket.update(self.name, update)
        else:
            await self.socket.update(update)

    async def awareness(self, update: bytes) -> None:
        if isinstance(self.socket, CollabSocket):
            await self.socket.awareness(self.name, update)
        else:
            await self.socket.awareness(update)

    async def ask_presence(self) -> Said:
        """QueryAwareness; its answer also shows that all that was sent before has been handled."""
        seen = len(self.socket.said)
        if isinstance(self.socket, CollabSocket):
            await self.socket.message(self.name, 3)
        else:
            await self.socket.send(b"\x03")
        while True:
            said = await self.until("awareness")
            if len(self.socket.said) > seen:
                return said

    async def until(self, kind: str) -> Said:
        return await self.socket.until(kind)

    async def refusal(self) -> Refused:
        """How this document ends for the client."""
        if isinstance(self.socket, CollabSocket):
            return Refused(None, (await self.socket.until("denied")).text)
        closed = await self.socket.closed()
        return Refused(closed.code, closed.reason)

    async def closed(self) -> Closed:
        return await self.socket.closed()

    async def content(self) -> bytes:
        """Everything that the hub holds, as one update."""
        await self.step1()
        return (await self.until("step2")).payload


@asynccontextmanager
async def knock(dialect: Dialect, base: str, name: str, token: str) -> AsyncIterator[Participant]:
    """Connected, with the token shown; what the hub says to that is not read yet."""
    if dialect == "/collab":
        async with collab_socket(base) as collab:
            await collab.authenticate(name, token)
            yield Participant(dialect, collab, name)
    else:
        async with sync_socket(base, name, token) as sync:
            yield Participant(dialect, sync, name)


@asynccontextmanager
async def _joined(dialect: Dialect, base: str, name: str, token: str) -> AsyncIterator[Participant]:
    async with knock(dialect, base, name, token) as participant:
        await participant.until("step1")
        await participant.until("awareness")
        await participant.step1()
        await participant.until("step2")
        await participant.step2()
        if dialect == "/collab":
            await participant.until("status")
        yield participant


def join(dialect: Dialect, base: str, name: str, token: str) -> AbstractAsyncContextManager[Participant]:
    """Let in and in step."""
    return _joined(dialect, base, name, token)
