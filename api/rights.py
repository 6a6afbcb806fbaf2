"""Tells streams that rights in their project may have changed: one statement a while for all that are followed.

A hub learns the same from its poll of the heads; whether somebody has lost something is asked by the stream itself.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import asyncpg

from storage.errors import StoreAway
from storage.postgres import store_away
from storage.tables.projects import access_versions

POLL_INTERVAL_S = 0.5
"""So that a change is in force within a second (P7)."""

log = logging.getLogger("storyforge.api")


class Rights:
    """Of one process. Somebody has to `run` it."""

    def __init__(self, pool: asyncpg.Pool, interval_s: float = POLL_INTERVAL_S) -> None:
        self._pool = pool
        self._interval_s = interval_s
        self._watchers: dict[UUID, set[Callable[[], None]]] = {}
        self._known: dict[UUID, int | None] = {}

    @contextmanager
    def watched(self, project_id: UUID, changed: Callable[[], None]) -> Iterator[None]:
        """`changed` is called after every change that was committed since the block began, and once for nothing."""
        self._watchers.setdefault(project_id, set()).add(changed)
        self._known.pop(project_id, None)
        try:
            yield
        finally:
            self._watchers[project_id].discard(changed)
            if not self._watchers[project_id]:
                del self._watchers[project_id]
                self._known.pop(project_id, None)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._interval_s)
            if self._watchers:
                await self._poll()

    async def _poll(self) -> None:
        asked = list(self._watchers)
        try:
            with store_away():
                found = await access_versions(self._pool, asked)
        except StoreAway as error:  # streams look themselves now and then
            log.warning("rights.store_away", extra={"error": str(error)})
            return
        for project_id in asked:
            version = found.get(project_id)  # None: it was removed
            if project_id in self._known and self._known[project_id] == version:
                continue
            if project_id in self._watchers:
                self._known[project_id] = version
                for changed in list(self._watchers[project_id]):
                    changed()
