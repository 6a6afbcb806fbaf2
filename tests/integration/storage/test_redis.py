"""The bus on Redis when connections break: it comes back by itself and says that there was a gap (C14)."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from storage.bus import Gap, Message
from storage.errors import StoreAway
from storage.redis import RedisBus, RedisCache, open_redis


async def break_subscribers(client: Redis) -> None:
    await client.client_kill_filter(_type="pubsub")


async def test_c14_a_broken_connection_comes_back_with_a_gap_and_its_channels(redis_url: str) -> None:
    one, two = f"test:{uuid4().hex}", f"test:{uuid4().hex}"
    async with open_redis(redis_url) as client:
        bus = RedisBus(client, redis_url, random.Random(1))
        async with bus.subscription() as subscription, asyncio.timeout(10):
            await subscription.add(one)
            await subscription.add(two)
            for round_number in range(3):
                await break_subscribers(client)
                assert await subscription.next() == Gap()
                for channel in (one, two):
                    await bus.publish(channel, b"%d" % round_number)
                    assert await subscription.next() == Message(channel, b"%d" % round_number)


async def test_c14_what_waits_when_the_connection_breaks_is_replaced_by_the_gap(redis_url: str) -> None:
    channel, end = f"test:{uuid4().hex}", f"test:{uuid4().hex}"
    async with open_redis(redis_url) as client:
        bus = RedisBus(client, redis_url, random.Random(1))
        async with bus.subscription() as subscription, asyncio.timeout(10):
            await subscription.add(channel)
            await bus.publish(channel, b"old")
            await subscription.add(end)
            before = await subscribers(client)
            await break_subscribers(client)
            while not await subscribers(client) - before or not (await client.pubsub_numsub(channel))[0][1]:
                pass
            await subscription.add(end)  # confirmed, so the gap is in the inbox
            assert await subscription.next() == Gap()


async def subscribers(client: Redis) -> set[str]:
    """Ids of the connections in subscriber mode."""
    return {entry["id"] for entry in await client.client_list(_type="pubsub")}


async def test_c14_a_channel_added_while_redis_is_away_is_followed_when_it_is_back(redis_url: str) -> None:
    channel = f"test:{uuid4().hex}"
    async with open_redis(redis_url) as client, doorman(redis_url) as door:
        bus = RedisBus(client, door.url, random.Random(1))
        async with bus.subscription() as subscription, asyncio.timeout(10):
            await door.shut()
            await subscription.add(channel)  # returns: the gap will cover it
            await door.open()
            assert await subscription.next() == Gap()
            while not (await client.pubsub_numsub(channel))[0][1]:
                pass
            await bus.publish(channel, b"after")
            assert await subscription.next() == Message(channel, b"after")


async def test_a_subscription_may_begin_while_redis_is_away(redis_url: str) -> None:
    channel = f"test:{uuid4().hex}"
    async with open_redis(redis_url) as client, doorman(redis_url) as door:
        await door.shut()
        bus = RedisBus(client, door.url, random.Random(1))
        async with bus.subscription() as subscription, asyncio.timeout(10):
            await subscription.add(channel)
            await door.open()
            assert await subscription.next() == Gap()


async def test_publishing_and_tickets_say_that_redis_is_away() -> None:
    async with open_redis("redis://127.0.0.1:1") as client:
        with pytest.raises(StoreAway):
            await RedisBus(client, "redis://127.0.0.1:1", random.Random(1)).publish("test", b"")
        with pytest.raises(StoreAway):
            await RedisCache(client).put("test", b"", 1)
        with pytest.raises(StoreAway):
            await RedisCache(client).take("test")


async def test_commands_survive_a_server_that_closed_their_connections(redis_url: str) -> None:
    async with open_redis(redis_url) as client, open_redis(redis_url) as killer:
        cache, key = RedisCache(client), uuid4().hex
        await cache.put(key, b"kept", 10)
        await client.client_setname("to-be-killed")
        await killer.client_kill_filter(_id=str(await client.client_id()))
        assert await cache.take(key) == b"kept"


class Doorman:
    """A TCP relay in front of Redis that can be shut: existing connections end, new ones are refused."""

    def __init__(self, redis_url: str) -> None:
        parts = urlsplit(redis_url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 6379)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        credentials = parts.netloc.rpartition("@")[0]
        netloc = f"{credentials}@127.0.0.1:{self._port}" if credentials else f"127.0.0.1:{self._port}"
        self.url = urlunsplit(parts._replace(netloc=netloc))
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", self._port)

    async def shut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        await self._server.wait_closed()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers |= {writer, far_writer}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._copy(reader, far_writer))
                group.create_task(self._copy(far_reader, writer))
        finally:
            self._writers -= {writer, far_writer}

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def doorman(redis_url: str) -> AsyncIterator[Doorman]:
    door = Doorman(redis_url)
    await door.open()
    try:
        yield door
    finally:
        await door.shut()
