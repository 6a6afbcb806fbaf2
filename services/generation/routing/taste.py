"""What people make of results: which they could pick among others, which they approved; the router learns from it."""

from collections.abc import Collection
from uuid import UUID

import asyncpg

from services.generation.routing.journal import Journal
from storage.postgres import store_away
from storage.tables import routes, takes

AMONG_MAX = 20
"""Takes of a scene that are looked at, the newest: those of before were told when they were new."""


class Taste:
    """Everything may be told again. Raises `StoreAway`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._journal = Journal(pool)

    async def told(self, document_id: UUID, scene_id: str) -> None:
        """A scene has another take: from the second on, people pick among them."""
        with store_away():
            found = await takes.takes_of_scene(self._pool, document_id, scene_id, limit_rows=AMONG_MAX)
        runs = [take.run_id for take in found if take.run_id is not None]
        if len(runs) > 1:
            for route_id in await self._results(runs):
                await self._journal.shown(route_id)

    async def approved(self, take_id: UUID) -> None:
        """Somebody who may has said so."""
        with store_away():
            take = await takes.take_of_id(self._pool, take_id)
        if take is not None and take.run_id is not None:
            for route_id in await self._results([take.run_id]):
                await self._journal.picked(route_id)

    async def _results(self, runs: Collection[UUID]) -> list[UUID]:
        """Decisions that came to a result: of each step the last, as there is a take."""
        last: dict[tuple[UUID, str], UUID] = {}
        for run_id in runs:
            with store_away():
                for route in await routes.of_run(self._pool, run_id):
                    if route.model is not None:
                        last[run_id, route.step] = route.id
        return list(last.values())
