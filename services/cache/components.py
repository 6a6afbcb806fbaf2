"""Characters, backgrounds and voices: made once for a project, known by what they are made of, kept for ever."""

from uuid import UUID

import asyncpg

from services.cache.exact import Exact, Make
from services.cache.model import Kind, Layer, Made, Served
from storage.postgres import store_away
from storage.tables import cached


class Components:
    """`key`: the hash of all that determines the component: its own inputs, not those of the scene that wants it."""

    def __init__(self, pool: asyncpg.Pool, exact: Exact) -> None:
        self._pool = pool
        self._exact = exact

    async def once(self, project_id: UUID, kind: Kind, key: str, make: Make) -> Served:
        """What is there, or what `make` makes; several who ask at the same time share one. Raises `StoreAway`."""
        if kept := await self._kept(project_id, kind, key):
            return kept

        async def made_and_kept() -> Made:
            made = await make()
            with store_away():
                output = await cached.add_component(
                    self._pool, project_id, kind, key, made.output, made.cost_microcredits
                )
            return Made(output, made.cost_microcredits)

        served = await self._exact.once(project_id, key, made_and_kept)
        if served.layer is Layer.NONE:
            return served
        return Served(served.output, Layer.COMPONENT, 0, served.saved_microcredits)

    async def _kept(self, project_id: UUID, kind: Kind, key: str) -> Served | None:
        with store_away():
            found = await cached.component(self._pool, project_id, kind, key)
        return None if found is None else Served(found[0], Layer.COMPONENT, 0, found[1])
