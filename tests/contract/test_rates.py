"""One suite for every form of the rates: in memory and on Redis, and that both count alike."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
import pytest_asyncio

from storage.errors import StoreAway
from storage.rates import MemoryRates, Quota, Rates
from storage.redis import open_redis
from storage.redis_rates import ANSWER_TIMEOUT_S, RedisRates

SLOW = Quota(3, 3_000)
FAST = Quota(2, 1)


@dataclass(frozen=True)
class Side:
    rates: Rates
    pass_time: Callable[[str], Awaitable[None]]
    """Returns when everything that `FAST` gave to the key has come back."""


@pytest_asyncio.fixture(params=["memory", "redis"])
async def side(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Side]:
    if request.param == "memory":
        clock = [100.0]

        async def later(key: str) -> None:
            clock[0] += 1.0

        yield Side(MemoryRates(lambda: clock[0]), later)
        return
    async with open_redis(redis_url) as client:

        async def forgotten(key: str) -> None:
            while await client.exists(f"sf:rate:{key}"):
                pass

        yield Side(RedisRates(client), forgotten)


async def test_a_quota_is_given_at_once_and_no_more(side: Side) -> None:
    key = uuid4().hex
    given = [await side.rates.take(key, SLOW) for _ in range(5)]
    assert [each.is_granted for each in given] == [True, True, True, False, False]
    assert [each.left for each in given] == [2, 1, 0, 0, 0]
    assert [each.retry_after_s for each in given[:3]] == [0, 0, 0]
    assert 990 < given[3].retry_after_s <= 1_000
    assert 2_990 < given[3].full_in_s <= 3_000


async def test_a_refusal_costs_nothing(side: Side) -> None:
    key = uuid4().hex
    for _ in range(3):
        await side.rates.take(key, SLOW)
    first, *_, last = [await side.rates.take(key, SLOW) for _ in range(20)]
    assert last.retry_after_s <= first.retry_after_s


async def test_what_was_taken_comes_back(side: Side) -> None:
    key = uuid4().hex
    assert [(await side.rates.take(key, FAST)).is_granted for _ in range(2)] == [True, True]
    await side.pass_time(key)
    again = await side.rates.take(key, FAST)
    assert (again.is_granted, again.left) == (True, 1)


async def test_keys_do_not_share(side: Side) -> None:
    one, other = uuid4().hex, uuid4().hex
    for _ in range(4):
        await side.rates.take(one, SLOW)
    assert (await side.rates.take(other, SLOW)).left == 2


async def test_many_at_once_get_no_more_than_there_is(side: Side) -> None:
    key = uuid4().hex
    given = await asyncio.gather(*(side.rates.take(key, SLOW) for _ in range(12)))
    assert sum(each.is_granted for each in given) == 3


async def test_without_redis_it_says_so() -> None:
    async with open_redis("redis://127.0.0.1:1/0") as client:
        with pytest.raises(StoreAway):
            await RedisRates(client).take("key", SLOW)


async def test_a_redis_that_says_nothing_is_not_waited_for() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            pass
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server, open_redis(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0") as client:
        rates, began_at = RedisRates(client), asyncio.get_running_loop().time()
        for _ in range(3):
            with pytest.raises(StoreAway):
                await rates.take("key", SLOW)
        assert asyncio.get_running_loop().time() - began_at < 3 * ANSWER_TIMEOUT_S + 1


async def test_a_flushed_redis_still_counts(redis_url: str) -> None:
    """Scripts are forgotten by a restart; the next call brings it again."""
    async with open_redis(redis_url) as client:
        rates = RedisRates(client)
        await rates.take(uuid4().hex, SLOW)
        await client.script_flush()
        assert (await rates.take(uuid4().hex, SLOW)).left == 2
