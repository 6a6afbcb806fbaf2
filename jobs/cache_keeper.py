"""Removes from the caches what is too old, round after round, and what a purged project leaves outside its rows.

No prompt is read here, so no encoder is loaded. What a cache is: `services/cache`.
"""

from uuid import UUID

import asyncpg

from jobs.rounds import again
from services.cache.exact import Exact
from services.cache.semantic import sweep
from storage.shelf import Shelf
from storage.vectors import Vectors

INTERVAL_S = 3_600.0


class CacheKeeper:
    """Every worker does it, and twice is harmless."""

    def __init__(self, pool: asyncpg.Pool, shelf: Shelf, vectors: Vectors) -> None:
        self._pool = pool
        self._exact = Exact(shelf)
        self._vectors = vectors

    async def run(self) -> None:
        """Until cancelled."""
        await again(self._sweep, INTERVAL_S, "cache.sweep_failed")

    async def forget(self, project_id: UUID) -> None:
        """Raises `StoreAway`."""
        await self._exact.forget(project_id)
        await self._vectors.forget(project_id)

    async def _sweep(self) -> None:
        await sweep(self._pool, self._vectors)
