"""Messages between processes: binary, at most once, and only speed (consistency.md C14).

Whoever misses something is told that it did (`Gap`), not what: the truth is in PostgreSQL.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

PENDING_MESSAGES_MAX = 10_000
PENDING_BYTES_MAX = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Message:
    """One publication."""

    channel: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages of any channel may have been lost before this point; read PostgreSQL again."""


class Subscription(Protocol):
    """One reader's channels."""

    async def add(self, channel: str) -> None:
        """When it returns, later publications arrive; if the server is away they are covered by a `Gap`."""

    async def remove(self, channel: str) -> None:
        """Messages already waiting may still arrive."""

    async def next(self) -> Message | Gap:
        """Waits for the next one. Cancelling loses nothing."""


class Bus(Protocol):
    """Publish and subscribe."""

    async def publish(self, channel: str, payload: bytes) -> None:
        """Raises `StoreAway`."""

    async def publish_all(self, publications: Sequence[tuple[str, bytes]]) -> None:
        """(channel, payload), in order, in one round trip. Raises `StoreAway`."""

    def subscription(self) -> AbstractAsyncContextManager[Subscription]:
        """A reader with no channels yet."""


def document_channel(document_id: UUID) -> str:
    """Where the nodes and workers that have to do with a document talk."""
    return f"sf:doc:{document_id.hex}"


class Inbox:
    """What waits for one reader. Over its limits everything waiting becomes one `Gap`."""

    def __init__(self, messages_max: int = PENDING_MESSAGES_MAX, bytes_max: int = PENDING_BYTES_MAX) -> None:
        self._messages_max = messages_max
        self._bytes_max = bytes_max
        self._bytes = 0
        self._waiting: deque[Message | Gap] = deque()
        self._filled = asyncio.Event()

    def put(self, message: Message) -> None:
        self._waiting.append(message)
        self._bytes += len(message.payload)
        if len(self._waiting) > self._messages_max or self._bytes > self._bytes_max:
            self.gap()
        self._filled.set()

    def gap(self) -> None:
        """Whatever waits is forgotten too: the reader is about to read everything again."""
        self._waiting.clear()
        self._waiting.append(Gap())
        self._bytes = 0
        self._filled.set()

    async def next(self) -> Message | Gap:
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        item = self._waiting.popleft()
        if isinstance(item, Message):
            self._bytes -= len(item.payload)
        return item


class MemorySubscription:
    """A reader inside this process."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.channels: set[str] = set()

    async def add(self, channel: str) -> None:
        self.channels.add(channel)

    async def remove(self, channel: str) -> None:
        self.channels.discard(channel)

    async def next(self) -> Message | Gap:
        return await self.inbox.next()


class MemoryBus:
    """A bus inside one process."""

    def __init__(self, messages_max: int = PENDING_MESSAGES_MAX, bytes_max: int = PENDING_BYTES_MAX) -> None:
        self._limits = (messages_max, bytes_max)
        self._subscriptions: set[MemorySubscription] = set()

    async def publish(self, channel: str, payload: bytes) -> None:
        for subscription in self._subscriptions:
            if channel in subscription.channels:
                subscription.inbox.put(Message(channel, payload))

    async def publish_all(self, publications: Sequence[tuple[str, bytes]]) -> None:
        for channel, payload in publications:
            await self.publish(channel, payload)

    @asynccontextmanager
    async def subscription(self) -> AsyncIterator[Subscription]:
        subscription = MemorySubscription(Inbox(*self._limits))
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def interrupt(self) -> None:
        """What a lost connection looks like to every reader."""
        for subscription in self._subscriptions:
            subscription.inbox.gap()
