"""Looks whether a take that is there already shows what a run is about to make, and remembers those that runs made.

Nothing waits for it, and what goes wrong here costs an offer and no run.
"""

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from services.cache.model import Asked, Made
from services.cache.semantic import Offer
from services.cache.service import Cache
from services.generation.graph import Wish
from services.generation.request import SceneRequest, from_json
from services.generation.reuse.asked import asked_of
from services.projects import settings
from services.runs.service import Held
from services.safety.policy import Policy
from storage.errors import StoreAway
from storage.postgres import store_away
from storage.tables import projects
from storage.tables.cached import TakeRow
from storage.tables.runs import RunRow

log = logging.getLogger("storyforge.generation")


class Lookout:
    """`policy`: what prompts are judged by."""

    def __init__(self, pool: asyncpg.Pool, cache: Cache, policy: Policy) -> None:
        self._pool = pool
        self._cache = cache
        self._policy = policy

    async def look(self, held: Held) -> Offer | None:
        """A take of the storyboard in which nothing differs, unless it is the scene's own for the very same words."""
        run = held.run
        try:
            asked = await self._asked(run, held.step.tenant)
            if not asked.prompt.strip():
                return None

            async def fits(take: TakeRow) -> bool:
                return take.key != asked.key or take.output["scene"] != run.scene_id

            return await self._cache.offer(asked, fits, run.id)
        except StoreAway:
            raise
        except Exception:
            log.exception("offer.not_looked_for", extra={"run": str(run.id)})
            return None

    async def remember(self, run: RunRow, tenant: UUID, take_id: UUID, cost_microcredits: int) -> None:
        """From now on it may be offered. `cost_microcredits`: what its holder has paid for it, in whatever run."""
        output: Mapping[str, Any] = {"take": take_id.hex, "scene": run.scene_id}
        try:
            await self._cache.remember(await self._asked(run, tenant), Made(output, cost_microcredits))
        except StoreAway as error:
            log.warning("take.not_remembered", extra={"run": str(run.id), "reason": str(error)})

    async def _asked(self, run: RunRow, tenant: UUID) -> Asked:
        with store_away():
            stored, _ = await projects.settings(self._pool, run.project_id)
        safety = f"{settings.from_json(stored).safety.value}/{self._policy.version}"
        request, wish = from_json(SceneRequest, run.request), from_json(Wish, run.wish)
        return asked_of(run, tenant, request, wish, safety)
