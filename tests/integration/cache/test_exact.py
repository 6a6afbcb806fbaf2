"""The same request again, one maker however many ask, makers that die, and a Redis that is away."""

import asyncio
from uuid import uuid4

import pytest

from services.cache.exact import Exact
from services.cache.model import Kind, Layer, Made, Mode, Served
from services.cache.service import Cache
from storage.errors import StoreAway
from storage.redis import open_redis
from storage.redis_shelf import RedisShelf
from storage.shelf import MemoryShelf
from storage.tables import cached
from tests.integration.cache.conftest import PRICE, House, Maker


async def test_the_second_time_it_is_answered_and_says_what_it_saved(house: House) -> None:
    first = await house.cache.once(house.asks("A red kite."), house.make)
    again = await house.cache.once(house.asks("A red kite."), house.make)
    assert (first.layer, first.spent_microcredits, first.saved_microcredits) == (Layer.NONE, PRICE, 0)
    assert (again.layer, again.spent_microcredits, again.saved_microcredits) == (Layer.EXACT, 0, PRICE)
    assert again.output == first.output and house.make.made == 1


async def test_one_letter_more_is_another_request(house: House) -> None:
    for prompt in ("A red kite.", "A red kite"):
        await house.cache.once(house.asks(prompt), house.make)
    assert house.make.made == 2


async def test_many_who_ask_at_once_pay_once(house: House) -> None:
    served = await asyncio.gather(*(house.cache.once(house.asks("A crowd."), house.make) for _ in range(12)))
    assert house.make.made == 1
    assert [one.layer for one in served].count(Layer.NONE) == 1
    assert len({str(one.output) for one in served}) == 1


async def test_a_maker_that_fails_leaves_its_place_to_the_next(house: House) -> None:
    begun, fail = asyncio.Event(), asyncio.Event()

    async def failing() -> Made:
        begun.set()
        await fail.wait()
        raise RuntimeError("the provider is down")

    first = asyncio.ensure_future(house.cache.once(house.asks("A storm."), failing))
    await begun.wait()
    second = asyncio.ensure_future(house.cache.once(house.asks("A storm."), house.make))
    fail.set()
    with pytest.raises(RuntimeError):
        await first
    assert (await second).layer is Layer.NONE and house.make.made == 1


async def test_a_maker_that_is_cancelled_leaves_its_place_too(house: House) -> None:
    begun = asyncio.Event()

    async def endless() -> Made:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    first = asyncio.ensure_future(house.cache.once(house.asks("A flood."), endless))
    await begun.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await house.cache.once(house.asks("A flood."), house.make)).layer is Layer.NONE


async def test_a_maker_that_died_holds_nobody_up_for_longer_than_its_lease(house: House) -> None:
    asked = house.asks("An empty chair.")
    await RedisShelf(house.redis).claim(house.project, asked.key, "dead", 0.05)
    assert (await house.cache.once(asked, house.make)).layer is Layer.NONE


async def test_a_maker_that_takes_longer_than_its_lease_keeps_it(house: House) -> None:
    renewed = asyncio.Event()
    seen: list[bool] = []

    class Watched(RedisShelf):
        async def renew(self, *given: object, **named: object) -> bool:
            held = await super().renew(*given, **named)  # type: ignore[arg-type]
            seen.append(held)
            if len(seen) >= 5:  # the lease would be over
                renewed.set()
            return held

    exact = Exact(Watched(house.redis), lease_s=0.15, look_again_s=0.01)

    async def slow() -> Made:
        await renewed.wait()
        return await house.make()

    key = house.asks("A glacier.").key
    served = await exact.once(house.project, key, slow)
    assert served.layer is Layer.NONE and all(seen)


async def test_a_redis_that_is_away_costs_a_picture_and_not_the_run(house: House) -> None:
    async with open_redis("redis://127.0.0.1:1/0") as nowhere:
        cache = Cache(house.pool, Exact(RedisShelf(nowhere)), None)
        served = await cache.once(house.asks("A candle."), house.make)
    assert served.layer is Layer.NONE and house.make.made == 1


async def test_a_redis_that_goes_away_meanwhile_loses_only_the_copy(house: House) -> None:
    class Leaving(MemoryShelf):
        async def put(self, *given: object) -> bytes:
            raise StoreAway("gone")

    exact = Exact(Leaving(lambda: 0.0))
    assert (await exact.once(house.project, "a" * 64, house.make)).layer is Layer.NONE


async def test_a_project_that_is_off_is_never_answered(house: House) -> None:
    await cached.set_policy(house.pool, house.project, Mode.OFF, False)
    for _ in range(2):
        assert (await house.cache.once(house.asks("A red kite."), house.make)).layer is Layer.NONE
    assert house.make.made == 2 and await house.cache.offer(house.asks("A kite, red.")) is None


async def test_what_is_forgotten_is_made_again(house: House) -> None:
    await house.cache.once(house.asks("A red kite."), house.make)
    await house.cache.forget(house.project)
    assert (await house.cache.once(house.asks("A red kite."), house.make)).layer is Layer.NONE


async def test_a_component_is_made_once_for_all_scenes_and_outlives_redis(house: House) -> None:
    key = "c" * 64

    async def ask() -> Served:
        return await house.cache.component(house.project, Kind.CHARACTER, key, house.make)

    first, *others = await asyncio.gather(*(ask() for _ in range(5)))
    await house.exact.forget(house.project)
    late = await ask()
    assert house.make.made == 1
    assert late.layer is Layer.COMPONENT and late.saved_microcredits == PRICE
    assert {str(one.output) for one in (first, *others, late)} == {str(first.output)}
    other = await house.cache.component(house.project, Kind.VOICE, key, house.make)
    assert other.layer in (Layer.NONE, Layer.COMPONENT)


async def test_the_figures_are_what_the_ledger_can_book(house: House) -> None:
    for prompt in ("A red kite.", "A red kite.", "A red kite.", "A blue kite."):
        await house.cache.once(house.asks(prompt), house.make)
    figures = {row.layer: row for row in await cached.figures(house.pool, house.project, 30)}
    assert (figures["none"].requests, figures["none"].spent_microcredits) == (2, 2 * PRICE)
    assert (figures["exact"].requests, figures["exact"].saved_microcredits) == (2, 2 * PRICE)


async def test_two_projects_never_share_an_answer(house: House) -> None:
    other = Maker()
    await house.cache.once(house.asks("A red kite."), house.make)
    served = await house.exact.once(uuid4(), house.asks("A red kite.").key, other)
    assert served.layer is Layer.NONE and other.made == 1
