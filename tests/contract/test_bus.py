"""One suite for every bus: in memory and on Redis."""

import asyncio
import random
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio

from storage.bus import Bus, Gap, MemoryBus, Message
from storage.redis import RedisBus, open_redis


@pytest.fixture(params=["memory", "redis"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture
async def bus(kind: str, redis_url: str) -> AsyncIterator[Bus]:
    if kind == "memory":
        yield MemoryBus(messages_max=20, bytes_max=4_000)
    else:
        async with open_redis(redis_url) as client:
            yield RedisBus(client, redis_url, random.Random(1), messages_max=20, bytes_max=4_000)


def channel() -> str:
    return f"test:{uuid4().hex}"


async def test_a_message_arrives_in_binary_and_in_order(bus: Bus) -> None:
    here = channel()
    payloads = [bytes(range(256)), b"", b"\x00\xff\r\n", "\u65e5\u672c".encode()]
    async with bus.subscription() as subscription:
        await subscription.add(here)
        for payload in payloads:
            await bus.publish(here, payload)
        assert [await subscription.next() for _ in payloads] == [Message(here, payload) for payload in payloads]


async def test_many_messages_at_once_arrive_in_order_on_their_channels(bus: Bus) -> None:
    here, there = channel(), channel()
    async with bus.subscription() as subscription:
        await subscription.add(here)
        await subscription.add(there)
        await bus.publish_all([(here, b"1"), (there, b"\xff"), (here, b"2")])
        heard = [await subscription.next() for _ in range(3)]
    assert heard == [Message(here, b"1"), Message(there, b"\xff"), Message(here, b"2")]


async def test_after_add_returned_nothing_published_later_is_missed(bus: Bus) -> None:
    async with bus.subscription() as subscription:
        for _ in range(20):
            here = channel()
            await subscription.add(here)
            await bus.publish(here, b"first")
            assert await subscription.next() == Message(here, b"first")


async def test_two_readers_that_subscribe_at_once_both_hear(bus: Bus) -> None:
    here = channel()
    async with bus.subscription() as one, bus.subscription() as two:
        await asyncio.gather(one.add(here), two.add(here), one.add(here))
        await bus.publish(here, b"x")
        assert [await one.next(), await two.next()] == [Message(here, b"x")] * 2


async def test_a_removed_channel_is_silent(bus: Bus) -> None:
    gone, kept = channel(), channel()
    async with bus.subscription() as subscription:
        await subscription.add(gone)
        await subscription.add(kept)
        await subscription.remove(gone)
        await subscription.add(kept)  # answered after the removal
        await bus.publish(gone, b"unheard")
        await bus.publish(kept, b"heard")
        assert await subscription.next() == Message(kept, b"heard")


async def test_more_messages_than_the_inbox_holds_become_one_gap(bus: Bus) -> None:
    here, end = channel(), channel()
    async with bus.subscription() as subscription:
        await subscription.add(here)
        for number in range(21):
            await bus.publish(here, b"%d" % number)
        await subscription.add(end)  # confirmed behind the 21
        assert await subscription.next() == Gap()
        await bus.publish(here, b"after")
        assert await subscription.next() == Message(here, b"after")


async def test_more_bytes_than_the_inbox_holds_become_one_gap(bus: Bus) -> None:
    here, end = channel(), channel()
    async with bus.subscription() as subscription:
        await subscription.add(here)
        for _ in range(3):
            await bus.publish(here, b"x" * 1_500)
        await subscription.add(end)
        assert await subscription.next() == Gap()


async def test_a_cancelled_reader_loses_nothing(bus: Bus) -> None:
    here = channel()
    async with bus.subscription() as subscription:
        await subscription.add(here)
        waiting = asyncio.ensure_future(subscription.next())
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await bus.publish(here, b"kept")
        assert await subscription.next() == Message(here, b"kept")


async def test_the_error_of_the_block_comes_out_as_itself(bus: Bus) -> None:
    with pytest.raises(KeyError):
        async with bus.subscription():
            raise KeyError


async def test_who_is_cancelled_at_any_moment_stops(bus: Bus) -> None:
    async def publish_for_ever() -> None:
        while True:
            await bus.publish("test:nobody", b"")
            await asyncio.sleep(0)

    for turns in [*range(40)] * 10:
        task = asyncio.create_task(publish_for_ever())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        async with asyncio.timeout(10):
            await asyncio.wait([task])
        assert task.cancelled()
