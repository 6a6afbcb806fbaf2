"""Project events: cursors without gaps in commit order, and the feed that says that there are new ones (C8, P4)."""

import asyncio
import json
from uuid import UUID, uuid4

import asyncpg
import pytest

from storage.bus import Bus, Gap, MemoryBus, Message
from storage.errors import ProjectMissing
from storage.events import (
    WAITING_NOTICES_MAX,
    ProjectFeed,
    append_event,
    append_events,
    project_channel,
    read_events,
)

from .conftest import new_project


async def test_c8_cursors_are_dense_and_in_the_order_of_commits(pool: asyncpg.Pool) -> None:
    project_id = await new_project(pool)
    stop = asyncio.Event()
    seen: list[int] = []

    async def follow() -> None:
        finished = False
        while not finished:
            finished = stop.is_set()
            seen.extend(event.cursor for event in await read_events(pool, project_id, seen[-1] if seen else 0))

    async def write(writer: int) -> None:
        for number in range(10):
            async with pool.acquire() as connection, connection.transaction():
                await append_events(connection, project_id, [("job", {"w": writer, "n": number}), ("take", {})])

    async with asyncio.TaskGroup() as group:
        group.create_task(follow())
        async with asyncio.TaskGroup() as writers:
            for writer in range(6):
                writers.create_task(write(writer))
        stop.set()
    assert seen == list(range(1, 121))


async def test_an_event_comes_back_and_a_rolled_back_one_leaves_no_gap(pool: asyncpg.Pool) -> None:
    project_id = await new_project(pool)
    async with pool.acquire() as connection:
        with pytest.raises(KeyError):
            async with connection.transaction():
                assert await append_event(connection, project_id, "job", {"x": 0}) == 1
                raise KeyError
        async with connection.transaction():
            assert await append_event(connection, project_id, "job", {"x": "é"}) == 1
    (event,) = await read_events(pool, project_id, 0)
    assert (event.cursor, event.kind, event.payload) == (1, "job", {"x": "é"})
    assert await read_events(pool, project_id, 1) == []


async def test_pages_are_bounded(pool: asyncpg.Pool) -> None:
    project_id = await new_project(pool)
    async with pool.acquire() as connection, connection.transaction():
        assert await append_events(connection, project_id, []) == []
        await append_events(connection, project_id, [("job", {"n": number}) for number in range(600)])
    assert [event.cursor for event in await read_events(pool, project_id, 3, 2)] == [4, 5]
    assert len(await read_events(pool, project_id, 0, 10_000)) == 500


async def test_an_unknown_project_is_missing(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(ProjectMissing):
            await append_event(connection, uuid4(), "job", {})


async def test_every_follower_hears_their_project_only() -> None:
    one, two = uuid4(), uuid4()
    async with ProjectFeed(MemoryBus()) as feed:
        async with feed.subscribe(one) as first, feed.subscribe(one) as second, feed.subscribe(two) as other:
            await feed.publish(one, {"type": "tick", "pct": 1})
            await feed.publish(two, {"type": "event", "cursor": 7})
            assert await first.next() == {"type": "tick", "pct": 1}
            assert await second.next() == {"type": "tick", "pct": 1}
            assert await other.next() == {"type": "event", "cursor": 7}


async def test_the_last_follower_lets_the_channel_go_and_the_next_takes_it_again() -> None:
    bus, project_id = MemoryBus(), uuid4()
    async with ProjectFeed(bus) as feed:
        for number in range(3):
            async with feed.subscribe(project_id) as reader, feed.subscribe(project_id):
                await feed.publish(project_id, {"n": number})
                assert await reader.next() == {"n": number}


async def test_followers_that_come_and_go_at_once_all_hear() -> None:
    """broadcaster's race: a first follower's subscription is under way while the second believes in it."""
    bus, project_id = MemoryBus(), uuid4()
    async with ProjectFeed(bus) as feed:

        async def follow() -> None:
            async with feed.subscribe(project_id) as reader:
                heard = asyncio.ensure_future(reader.next())
                while not heard.done():
                    await feed.publish(project_id, {"n": 1})
                    await asyncio.sleep(0)

        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            for _ in range(20):
                group.create_task(follow())


async def test_a_gap_and_an_overflow_are_told_and_nonsense_is_not() -> None:
    bus, project_id = MemoryBus(), uuid4()
    async with ProjectFeed(bus) as feed, feed.subscribe(project_id) as reader:
        await bus.publish(project_channel(project_id), b"\xff not json")
        await bus.publish(project_channel(project_id), b"[1]")
        bus.interrupt()
        assert await reader.next() == Gap()
        for number in range(WAITING_NOTICES_MAX + 1):
            await feed.publish(project_id, {"n": number})
        await heard_all(bus, project_id)
        assert await reader.next() == Gap()


async def heard_all(bus: Bus, project_id: UUID) -> None:
    """Returns when whatever was published before has been delivered."""
    async with bus.subscription() as probe:
        await probe.add(project_channel(project_id))
        await bus.publish(project_channel(project_id), json.dumps([]).encode())
        assert isinstance(await probe.next(), Message)
    for _ in range(WAITING_NOTICES_MAX + 2):
        await asyncio.sleep(0)


async def test_the_error_of_the_block_comes_out_as_itself() -> None:
    with pytest.raises(KeyError):
        async with ProjectFeed(MemoryBus()) as feed, feed.subscribe(uuid4()):
            raise KeyError
