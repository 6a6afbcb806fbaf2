"""What a worker does for the caches without an encoder: a purged project leaves nothing in them."""

from jobs.cache_keeper import CacheKeeper
from storage.redis_shelf import RedisShelf
from storage.vectors import PostgresVectors

from .conftest import House


async def test_a_purged_project_leaves_nothing_outside_its_rows(house: House) -> None:
    await house.cache.once(house.asks("A lamp goes out."), house.make)
    keeper = CacheKeeper(house.pool, RedisShelf(house.redis), PostgresVectors(house.pool))
    await keeper.forget(house.project)
    await house.cache.once(house.asks("A lamp goes out."), house.make)
    assert house.make.made == 2, "nothing was there any more"
