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
from storage.breakers import Breakers
from storage.bus import Bus
from storage.cache import Cache
from storage.errors import SettingMissing
from storage.objects import FolderObjects, Objects
from storage.postgres import open_pool
from storage.rates import Rates
from storage.redis import RedisBus, RedisCache, open_redis
from storage.redis_breakers import RedisBreakers
from storage.redis_rates import RedisRates
from storage.redis_shelf import RedisShelf
from storage.settings import PineconeSettings, StoreSettings
from storage.shelf import Shelf
from storage.uploads import FolderUploads, Uploads
from storage.vectors import PostgresVectors, Vectors


@dataclass(frozen=True, slots=True)
class Stores:
    """PostgreSQL, the bus, the cache, rates and breakers, the objects, the uploads on their way to become some, the
    shelf of what was made, and its vectors.

    `announcements`: what native work of this process is announced to.
    `deaths`: of processes that announced their work in the same folder.
    """

    pool: asyncpg.Pool
    bus: Bus
    cache: Cache
    rates: Rates
    breakers: Breakers
    objects: Objects
    uploads: Uploads
    shelf: Shelf
    vectors: Vectors
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
        objects, uploads = await open_files(settings)
        yield Stores(
            pool=pool,
            bus=RedisBus(redis, settings.redis_url, random.Random()),
            cache=RedisCache(redis),
            rates=RedisRates(redis),
            breakers=RedisBreakers(redis),
            objects=objects,
            uploads=uploads,
            shelf=RedisShelf(redis),
            vectors=await _vectors(settings.pinecone, pool, stack),
            announcements=announcements,
            deaths=died,
        )


async def _vectors(settings: PineconeSettings | None, pool: asyncpg.Pool, stack: AsyncExitStack) -> Vectors:
    if settings is None:
        return PostgresVectors(pool)
    import httpx  # few have it there

    from storage.pinecone import PineconeVectors

    return PineconeVectors(await stack.enter_async_context(httpx.AsyncClient()), settings)


def _announcements(folder: Path | None, stack: AsyncExitStack) -> tuple[tuple[Death, ...], Announcements]:
    if folder is None:
        return (), Announcements.nowhere()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return tuple(deaths(folder)), stack.enter_context(announcing(folder))


async def open_objects(settings: StoreSettings) -> Objects:
    """The objects alone."""
    return (await open_files(settings))[0]


async def open_files(settings: StoreSettings) -> tuple[Objects, Uploads]:
    """`file:///folder` or `s3://bucket?endpoint=...&region=...`: what is whole, and what is on its way there."""
    parts = urlsplit(settings.objects_url)
    if parts.scheme == "file" and parts.path:
        folder = Path(unquote(parts.path))
        objects = FolderObjects(folder)
        return objects, FolderUploads(folder / "uploads", objects)
    if parts.scheme == "s3" and parts.netloc:
        from storage.s3 import Bucket, S3Objects, ensure_bucket  # boto3 takes longer to import than all the rest
        from storage.s3_uploads import S3Uploads

        bucket = Bucket.from_url(settings.objects_url, settings.aws_access_key_id, settings.aws_secret_access_key)
        await ensure_bucket(bucket)
        return S3Objects(bucket), S3Uploads(bucket)
    raise SettingMissing("STORYFORGE_OBJECTS_URL must be file:///folder or s3://bucket?endpoint=...&region=...")
