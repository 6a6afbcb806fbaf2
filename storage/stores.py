"""All stores of one process, opened and closed together.

What runs on them is composed by the doors; this knows only addresses.
"""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg

from storage.announcements import Announcements, Death, announcing, deaths
from storage.bus import Bus
from storage.cache import Cache
from storage.errors import SettingMissing
from storage.objects import FolderObjects, Objects
from storage.postgres import open_pool
from storage.rates import Rates
from storage.redis import RedisBus, RedisCache, open_redis
from storage.redis_rates import RedisRates
from storage.settings import StoreSettings


@dataclass(frozen=True, slots=True)
class Stores:
    """PostgreSQL, the bus, the cache, the rates and the objects; and what native work of this process is announced to.

    `deaths`: of processes that announced their work in the same folder.
    """

    pool: asyncpg.Pool
    bus: Bus
    cache: Cache
    rates: Rates
    objects: Objects
    announcements: Announcements
    deaths: tuple[Death, ...] = ()


@asynccontextmanager
async def open_stores(settings: StoreSettings) -> AsyncIterator[Stores]:
    """Connects to PostgreSQL at once, to Redis when first used."""
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(
            open_pool(settings.database_url, connections_max=settings.pool_connections_max)
        )
        died, announcements = _announcements(settings.announcements_folder, stack)
        redis = await stack.enter_async_context(open_redis(settings.redis_url))
        yield Stores(
            pool=pool,
            bus=RedisBus(redis, settings.redis_url, random.Random()),
            cache=RedisCache(redis),
            rates=RedisRates(redis),
            objects=await open_objects(settings),
            announcements=announcements,
            deaths=died,
        )


def _announcements(folder: Path | None, stack: AsyncExitStack) -> tuple[tuple[Death, ...], Announcements]:
    if folder is None:
        return (), Announcements.nowhere()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return tuple(deaths(folder)), stack.enter_context(announcing(folder))


async def open_objects(settings: StoreSettings) -> Objects:
    """`file:///folder` or `s3://bucket?endpoint=...&region=...`."""
    parts = urlsplit(settings.objects_url)
    if parts.scheme == "file" and parts.path:
        return FolderObjects(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        from storage.s3 import Bucket, S3Objects, ensure_bucket  # boto3 takes longer to import than all the rest

        bucket = Bucket.from_url(settings.objects_url, settings.aws_access_key_id, settings.aws_secret_access_key)
        await ensure_bucket(bucket)
        return S3Objects(bucket)
    raise SettingMissing("STORYFORGE_OBJECTS_URL must be file:///folder or s3://bucket?endpoint=...&region=...")
