"""One suite for every cache: in memory and on Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
import pytest_asyncio

from storage.cache import Cache, MemoryCache
from storage.redis import RedisCache, open_redis


@dataclass(frozen=True)
class Side:
    cache: Cache
    pass_time: Callable[[str], Awaitable[None]]
    """Returns when the key, put for 20 ms, has expired."""


@pytest_asyncio.fixture(params=["memory", "redis"])
async def side(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Side]:
    if request.param == "memory":
        clock = [100.0]

        async def later(key: str) -> None:
            clock[0] += 0.021

        yield Side(MemoryCache(lambda: clock[0]), later)
        return
    async with open_redis(redis_url) as client:

        async def expired(key: str) -> None:
            while await client.exists(f"sf:cache:{key}"):
                pass

        yield Side(RedisCache(client), expired)


async def test_a_value_is_taken_once(side: Side) -> None:
    key = uuid4().hex
    await side.cache.put(key, b"\x00\xffvalue", 10.0)
    assert await side.cache.take(key) == b"\x00\xffvalue"
    assert await side.cache.take(key) is None


async def test_only_one_of_many_gets_it(side: Side) -> None:
    key = uuid4().hex
    await side.cache.put(key, b"one", 10.0)
    taken = await asyncio.gather(*(side.cache.take(key) for _ in range(8)))
    assert sorted(value for value in taken if value is not None) == [b"one"]


async def test_an_unknown_key_is_none(side: Side) -> None:
    assert await side.cache.take(uuid4().hex) is None


async def test_put_replaces(side: Side) -> None:
    key = uuid4().hex
    await side.cache.put(key, b"old", 10.0)
    await side.cache.put(key, b"new", 10.0)
    assert await side.cache.take(key) == b"new"


async def test_a_value_expires(side: Side) -> None:
    key = uuid4().hex
    await side.cache.put(key, b"soon gone", 0.02)
    await side.pass_time(key)
    assert await side.cache.take(key) is None
