"""A stream on its own: slow readers are let go, and a store that is away is waited for."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import asyncpg
import pytest

from api.audience import STREAMS_PER_USER_MAX, Audience
from api.errors import StreamsFull
from api.follower import Follower, Source
from api.rights import Rights
from services.users.errors import NoSuchProject
from storage.bus import MemoryBus
from storage.errors import StoreAway
from storage.events import ProjectEvent, ProjectFeed

PROJECT, USER = UUID(int=1), UUID(int=2)
NO_POOL = cast(asyncpg.Pool, None)
NOW = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass
class Project:
    """Rows as PostgreSQL would give them."""

    events: list[ProjectEvent] = field(default_factory=list)
    refusal: Exception | None = None
    failures: int = 0

    def add(self, count: int) -> None:
        start = len(self.events)
        self.events += [ProjectEvent(start + n + 1, "scene", {"n": start + n + 1}, NOW) for n in range(count)]

    async def head(self) -> int:
        if self.refusal is not None:
            raise self.refusal
        return len(self.events)

    async def rows(self, after: int, limit: int) -> list[ProjectEvent]:
        if self.failures:
            self.failures -= 1
            raise StoreAway("gone")
        return [event for event in self.events if event.cursor > after][:limit]


@dataclass
class Reader:
    """The other end of the connection. `taken` is called with every piece and decides when it is taken."""

    text: str = ""
    over: bool = False
    taken: Callable[[str], Awaitable[None]] | None = None
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        piece = message.get("body", b"").decode()
        if self.taken is not None and piece:
            await self.taken(piece)
        self.text += piece
        self.over = message["type"] == "http.response.body" and not message["more_body"]

    @property
    def cursors(self) -> list[int]:
        return [int(line[4:]) for line in self.text.splitlines() if line.startswith("id: ")]


def source(project: Project, feed: ProjectFeed, send_timeout_s: float = 5.0) -> Source:
    rights = Rights(NO_POOL)  # nobody runs it: what it tells a stream is tested where streams have a database
    return Source(PROJECT, USER, feed, rights, project.head, project.rows, 0.02, 0.02, send_timeout_s)


async def follow(stream: Follower, reader: Reader) -> None:
    async with asyncio.timeout(10):
        await stream({"type": "http"}, reader.receive, reader.send)


async def test_a_reader_who_takes_nothing_is_let_go() -> None:
    project, reader, audience = Project(), Reader(), Audience()
    project.add(5)

    async def never(piece: str) -> None:
        if "id: " in piece:
            await asyncio.Event().wait()

    reader.taken = never
    async with ProjectFeed(MemoryBus()) as feed:
        await follow(Follower(source(project, feed, 0.05), audience, 0), reader)
    assert not reader.over and reader.cursors == [] and len(audience) == 0


async def test_a_slow_reader_holds_the_stream_back_and_loses_nothing() -> None:
    project, reader = Project(), Reader()
    project.add(450)

    async def slowly(piece: str) -> None:
        if "id: " in piece:
            project.add(1 if len(project.events) < 460 else 0)
        if "id: 460\n" in piece:
            reader.left.set()

    reader.taken = slowly
    async with ProjectFeed(MemoryBus()) as feed:
        await follow(Follower(source(project, feed), Audience(), 0), reader)
    assert reader.cursors == list(range(1, 461))


async def test_a_store_that_is_away_is_waited_for() -> None:
    project, reader = Project(failures=3), Reader()
    project.add(2)

    async def leave(piece: str) -> None:
        if "id: 2\n" in piece:
            reader.left.set()

    reader.taken = leave
    async with ProjectFeed(MemoryBus()) as feed:
        await follow(Follower(source(project, feed), Audience(), 0), reader)
    assert reader.text.count(": the store is away") == 3
    assert reader.cursors == [1, 2]


async def test_rows_are_not_sent_on_old_rights() -> None:
    project, reader = Project(), Reader()

    async def demote(piece: str) -> None:
        project.refusal = NoSuchProject("gone")
        project.add(1)

    reader.taken = demote
    async with ProjectFeed(MemoryBus()) as feed:
        await follow(Follower(source(project, feed), Audience(), 0), reader)
    assert reader.over and reader.cursors == []


async def test_ticks_have_no_id_and_the_latest_wins() -> None:
    project, reader = Project(), Reader()

    alive = asyncio.Event()

    async def watch(piece: str) -> None:
        if ": alive" in piece:  # by then it listens
            alive.set()
        if '"pct":99' in piece:
            reader.left.set()

    reader.taken = watch
    async with ProjectFeed(MemoryBus()) as feed, asyncio.TaskGroup() as group:
        group.create_task(follow(Follower(source(project, feed), Audience(), 0), reader))
        await alive.wait()
        for pct in range(100):
            await feed.publish(PROJECT, {"type": "tick", "run": "run_1", "pct": pct})
    ticks = [json.loads(line[6:]) for line in reader.text.splitlines() if line.startswith("data: ")]
    assert ticks[-1] == {"run": "run_1", "pct": 99} and len(ticks) <= 3
    assert reader.cursors == []


async def test_everybody_leaves_when_the_server_stops() -> None:
    project, audience, begun = Project(), Audience(), asyncio.Semaphore(0)

    async def begin(piece: str) -> None:
        if "retry" in piece:
            begun.release()

    readers = [Reader(taken=begin) for _ in range(3)]
    async with ProjectFeed(MemoryBus()) as feed, asyncio.TaskGroup() as group:
        for reader in readers:
            group.create_task(follow(Follower(source(project, feed), audience, None), reader))
        for _ in readers:
            await begun.acquire()
        assert len(audience) == 3
        audience.close()
    assert all(reader.over for reader in readers) and len(audience) == 0


async def test_a_user_follows_only_so_many_streams() -> None:
    audience = Audience()
    with ExitStack() as stack:
        for _ in range(STREAMS_PER_USER_MAX):
            stack.enter_context(audience.join(USER))
        with pytest.raises(StreamsFull) as caught:
            stack.enter_context(audience.join(USER))
        with audience.join(UUID(int=3)):
            assert len(audience) == STREAMS_PER_USER_MAX + 1
    assert caught.value.limit == STREAMS_PER_USER_MAX
    audience.check(USER)
