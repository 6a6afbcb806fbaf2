"""The end of projects and episodes that were deleted long ago: their rows and the objects of their logs go for good.

Media is collected elsewhere. A purge may be killed anywhere: what was begun cannot be restored any more, is still due,
and goes on where it was.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from storage.objects import Objects
from storage.postgres import store_away
from storage.tables import purge

PURGE_AFTER_DAYS = 30
"""For how long what was deleted can be brought back, unless the settings say otherwise."""

log = logging.getLogger("storyforge.projects")


class Purger:
    """`age`: for how long what was deleted can be brought back. Several purgers are not in each other's way.

    `forget`: what of a project is in no row of it, as in Redis or in another store of vectors; called before its rows
    go, once or more.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        objects: Objects,
        age: timedelta,
        now: Callable[[], float] = time.time,
        forget: Callable[[UUID], Awaitable[None]] | None = None,
    ) -> None:
        self._pool = pool
        self._objects = objects
        self._age = age
        self._now = now
        self._forget = forget

    async def due(self) -> list[tuple[purge.Kind, UUID]]:
        """A few of those whose time is over."""
        with store_away():
            return await purge.due(self._pool, self._age)

    async def purge(self, kind: purge.Kind, id: UUID) -> bool:
        """False: it was restored meanwhile, or another purger has removed it. Raises `StoreAway`."""
        with store_away():
            if not await purge.begin(self._pool, kind, id, self._age):
                return False
            documents = await purge.documents(self._pool, kind, id)
            await self._forget_objects(documents)
            while documents and await purge.forget_rows(self._pool, documents):
                pass
            while kind == "project" and await purge.forget_events(self._pool, id):
                pass
            if kind == "project" and self._forget is not None:
                await self._forget(id)
            removed = await purge.remove(self._pool, kind, id)
        if removed:
            log.info("project.purged", extra={"kind": kind, "id": id.hex, "documents": len(documents)})
        return removed

    async def _forget_objects(self, documents: Sequence[UUID]) -> None:
        """Before the rows that name them: nothing is left behind that nobody knows of."""
        written_before, after = datetime.fromtimestamp(self._now(), UTC), ""
        while hashes := await purge.objects(self._pool, documents, after):
            for hash in hashes:
                await self._objects.delete(hash, written_before)
            after = hashes[-1]
