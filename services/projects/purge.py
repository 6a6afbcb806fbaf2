"""The end of projects and episodes that were deleted long ago: their rows go for good. Media is collected elsewhere.

May be killed anywhere: what was begun cannot be restored any more, is still due, and goes on where it was.
"""

import logging
from datetime import timedelta
from uuid import UUID

import asyncpg

from storage.postgres import store_away
from storage.tables import purge

log = logging.getLogger("storyforge.projects")


class Purger:
    """`age`: for how long what was deleted can be brought back. Several purgers are not in each other's way."""

    def __init__(self, pool: asyncpg.Pool, age: timedelta) -> None:
        self._pool = pool
        self._age = age

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
            while documents and await purge.forget_rows(self._pool, documents):
                pass
            while kind == "project" and await purge.forget_events(self._pool, id):
                pass
            removed = await purge.remove(self._pool, kind, id)
        if removed:
            log.info("project.purged", extra={"kind": kind, "id": id.hex, "documents": len(documents)})
        return removed
