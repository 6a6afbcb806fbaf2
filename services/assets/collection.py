"""When media goes for good: 30 days after nothing refers to it any more. What history can bring back is referred to.

In two steps, an hour apart: condemned, when nothing refers to it and every document that may show it was searched to
its head; taken, when that is still so. The bytes go first, under the lock of their row, and the row with the commit: a
crash between leaves a row that the next round takes again. Bytes that somebody has put again lately stay.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import asyncpg

from services.assets.mentions import Mentions
from storage.objects import Objects
from storage.postgres import store_away
from storage.tables import collection, uploads
from storage.uploads import Uploads

log = logging.getLogger("storyforge.assets")

GRACE = timedelta(hours=1)
"""Between the steps: what an editor had on the way when it was condemned has arrived."""
FRESH = timedelta(days=1)
"""Bytes that were written since then are somebody's who has not told it yet."""
EXPIRED_MAX = 50


class Collector:
    """Goes round all media and all uploads. `age`: for how long what nothing refers to is kept."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        objects: Objects,
        store: Uploads,
        mentions: Mentions,
        age: timedelta,
        clock: Callable[[], datetime],
        grace: timedelta = GRACE,
        fresh: timedelta = FRESH,
    ) -> None:
        self._pool = pool
        self._objects = objects
        self._store = store
        self._mentions = mentions
        self._age = age
        self._clock = clock
        self._grace = grace
        self._fresh = fresh
        self._walk = collection.Walk()

    async def end_uploads(self) -> int:
        """Those that expired, with their bytes. Returns how many."""
        with store_away():
            expired = await uploads.expired(self._pool, EXPIRED_MAX)
        for row in expired:
            await self._store.discard(row.id, row.staged)
            with store_away():
                await uploads.forget(self._pool, row.id)
        return len(expired)

    async def condemn(self) -> None:
        """The next media that nothing refers to. Raises `StoreAway`, `SegmentLost`."""
        with store_away():
            await collection.forget_assets(self._pool, self._age)
            walked = await self._walk.next(self._pool)
            candidates = await collection.unused(self._pool, walked, self._age)
            if not candidates:
                return
            projects = await collection.projects_of_media(self._pool, candidates)
        await self._mentions.search(projects)
        with store_away():
            await collection.condemn(self._pool, candidates)

    async def take(self) -> int:
        """What was condemned long enough ago and is still unused. Returns how many bytes went. Raises as `condemn`."""
        with store_away():
            due = await collection.condemned(self._pool, self._grace)
            projects = await collection.projects_of_media(self._pool, due)
        await self._mentions.search(projects)
        return sum([await self._take(hash) for hash in due])

    async def _take(self, hash: str) -> int:
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                size = await collection.lock(connection, hash, self._grace)
                if size is None:
                    return 0
                if await collection.is_used(connection, hash) or not await self._objects.delete(
                    hash, self._clock() - self._fresh
                ):
                    await collection.pardon(connection, hash)
                    return 0
                await collection.forget(connection, hash)
        log.info("media.collected", extra={"hash": hash, "bytes": size})
        return size
