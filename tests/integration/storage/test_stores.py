"""All stores open together from one address each, and close without leaving anything behind."""

from uuid import uuid4

from storage.objects import hash_of
from storage.pinecone import PineconeVectors
from storage.settings import StoreSettings
from storage.stores import open_stores
from storage.vectors import DIMENSIONS


async def test_the_stores_open_work_and_close(database_url: str, redis_url: str, objects_url: str) -> None:
    async with open_stores(StoreSettings(database_url, redis_url, objects_url)) as stores:
        assert await stores.pool.fetchval("select 1") == 1
        key = uuid4().hex
        await stores.cache.put(key, b"value", 10)
        assert await stores.cache.take(key) == b"value"
        project, made = uuid4(), "a" * 64
        await stores.shelf.put(project, made, "", b"made", 10)
        assert await stores.shelf.look(project, made) == b"made"
        assert await stores.vectors.nearest(project, made, [1.0] * DIMENSIONS, 3) == []
        data = key.encode()
        await stores.objects.put(hash_of(data), data, "text/plain")
        assert await stores.objects.get(hash_of(data)) == data
        async with stores.bus.subscription() as subscription:
            await subscription.add(key)
            await stores.bus.publish(key, b"hello")
            assert await subscription.next()
    assert stores.pool.is_closing()


async def test_vectors_are_in_pinecone_where_it_is_named(database_url: str, redis_url: str, objects_url: str) -> None:
    pinecone = {"STORYFORGE_PINECONE_HOST": "takes.svc.test", "STORYFORGE_PINECONE_API_KEY": "sesame"}
    stores_at = {
        "STORYFORGE_DATABASE_URL": database_url,
        "STORYFORGE_REDIS_URL": redis_url,
        "STORYFORGE_OBJECTS_URL": objects_url,
    }
    settings = StoreSettings.from_env(stores_at | pinecone)
    assert "sesame" not in repr(settings)
    async with open_stores(settings) as stores:
        assert isinstance(stores.vectors, PineconeVectors)


async def test_every_statement_lock_and_idle_transaction_has_a_limit(
    database_url: str, redis_url: str, objects_url: str
) -> None:
    async with open_stores(StoreSettings(database_url, redis_url, objects_url)) as stores:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        assert [await stores.pool.fetchval(f"show {name}") for name in names] == ["15s", "2s", "10s"]
