"""What everybody who follows a project is told: rows with a cursor, and a feed that says that there are new ones.

The rows are the truth and complete; the feed also carries ticks, which are nowhere else and may be lost.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any
from uuid import UUID

from storage.bus import Bus, Gap, Message, Subscription
from storage.errors import ProjectMissing
from storage.postgres import Connection, Executor, store_away
from storage.sql import load

READ_ROWS_MAX = 500
WAITING_NOTICES_MAX = 256
"""Of one follower; beyond it everything waiting becomes one `Gap`."""

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class ProjectEvent:
    """One row. Cursors of a project are 1, 2, 3 ... in the order of commits."""

    cursor: int
    kind: str
    payload: dict[str, Any]
    created_at: datetime


async def append_event(
    connection: Connection, project_id: UUID, kind: str, payload: Mapping[str, Any], document_id: UUID | None = None
) -> int:
    """The event's cursor. Takes the last lock of the order (consistency.md C9): call it last in the transaction."""
    return (await append_events(connection, project_id, [(kind, payload)], document_id))[0]


async def append_events(
    connection: Connection,
    project_id: UUID,
    events: Sequence[tuple[str, Mapping[str, Any]]],
    document_id: UUID | None = None,
) -> list[int]:
    """Their cursors, in the same order. `document_id`: what they are about, if that is one of an episode's.

    Raises `ProjectMissing`.
    """
    if not events:
        return []
    newest = await connection.fetchval(_QUERIES["allot"], project_id, len(events))
    if newest is None:
        raise ProjectMissing(str(project_id))
    cursors = list(range(newest - len(events) + 1, newest + 1))
    kinds = [kind for kind, _ in events]
    payloads = [json.dumps(payload) for _, payload in events]
    await connection.execute(_QUERIES["insert"], project_id, cursors, kinds, payloads, document_id)
    return cursors


async def read_events(
    executor: Executor,
    project_id: UUID,
    after: int,
    limit: int = READ_ROWS_MAX,
    episodes: Collection[UUID] | None = None,
) -> list[ProjectEvent]:
    """Rows with `cursor > after`; an empty list is the end. What is not about the project or about one of `episodes`
    (None: all) is `elsewhere` and says nothing, so that cursors have no gap for anybody."""
    with store_away():
        records = await executor.fetch(_QUERIES["read"], project_id, after, min(limit, READ_ROWS_MAX), episodes)
    return [ProjectEvent(row["cursor"], row["kind"], json.loads(row["payload"]), row["created_at"]) for row in records]


def project_channel(project_id: UUID) -> str:
    """Where a project's notices travel."""
    return f"sf:project:{project_id.hex}"


class FeedReader:
    """One follower's notices."""

    def __init__(self) -> None:
        self._waiting: deque[dict[str, Any] | Gap] = deque()
        self._filled = asyncio.Event()

    def put(self, notice: "dict[str, Any] | Gap") -> None:
        if isinstance(notice, Gap) or len(self._waiting) >= WAITING_NOTICES_MAX:
            self._waiting.clear()
            notice = Gap()
        self._waiting.append(notice)
        self._filled.set()

    async def next(self) -> dict[str, Any] | Gap:
        """After a `Gap`, read the rows."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        return self._waiting.popleft()


class ProjectFeed:
    """All followers of one process on one subscription. `publish` also works without entering the context."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._readers: dict[str, set[FeedReader]] = {}
        self._subscribing = asyncio.Lock()
        self._group = asyncio.TaskGroup()
        self._task: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[Subscription] | None = None

    async def __aenter__(self) -> "ProjectFeed":
        self._ready = asyncio.get_running_loop().create_future()
        await self._group.__aenter__()
        self._task = self._group.create_task(self._run(self._ready))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        cancelled = (kind, error, traceback) if isinstance(error, asyncio.CancelledError) else (None, None, None)
        await self._group.__aexit__(*cancelled)

    async def publish(self, project_id: UUID, notice: Mapping[str, Any]) -> None:
        """Raises `StoreAway`; the rows are there all the same."""
        await self._bus.publish(project_channel(project_id), json.dumps(notice).encode())

    @asynccontextmanager
    async def subscribe(self, project_id: UUID, reader: FeedReader | None = None) -> AsyncIterator[FeedReader]:
        """Everything published after the block began. `reader`: one that others wake too."""
        assert self._ready is not None, "the feed is not open"
        subscription = await asyncio.shield(self._ready)
        channel, reader = project_channel(project_id), reader or FeedReader()
        async with self._subscribing:  # a second follower must not believe in a subscription that is only asked for
            self._readers.setdefault(channel, set()).add(reader)
            await subscription.add(channel)
        try:
            yield reader
        finally:
            async with self._subscribing:
                self._readers[channel].discard(reader)
                if not self._readers[channel]:
                    del self._readers[channel]
                    await subscription.remove(channel)

    async def _run(self, ready: "asyncio.Future[Subscription]") -> None:
        async with self._bus.subscription() as subscription:
            ready.set_result(subscription)
            while True:
                self._deliver(await subscription.next())

    def _deliver(self, item: Message | Gap) -> None:
        if isinstance(item, Gap):
            for reader in [reader for readers in self._readers.values() for reader in readers]:
                reader.put(item)
            return
        try:
            notice = json.loads(item.payload)
        except ValueError:
            return  # not ours: whoever writes this channel writes JSON
        if isinstance(notice, dict):
            for reader in self._readers.get(item.channel, ()):
                reader.put(notice)
