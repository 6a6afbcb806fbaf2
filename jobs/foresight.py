"""The next scene's plan and boards, drawn while nothing else is to be done, for a project whose owner agreed.

Not whether that is so: `services/cache/ahead.py`. Nobody is asked for money here: what draws is the built-in provider.
What was prepared is on the shelf for a day, by the very keys that a run's steps will have, and is seen only when a run
asks for exactly that, after it was judged.
"""

import asyncio
import hashlib
import logging
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from jobs.metrics import WorkerMetrics
from services.billing.errors import BillingError
from services.billing.service import credits_of
from services.cache.ahead import Hindrance, Idle
from services.cache.model import Made
from services.cache.service import Cache
from services.generation.providers.interface import Plan, Preview, Provider
from services.generation.request import from_json, to_json
from services.generation.reuse.ahead import Next, boards_of, plan_of
from services.generation.service import Generation
from services.runs.model import key_of
from storage.errors import StoreAway
from storage.objects import Objects
from storage.postgres import store_away
from storage.tables import steps
from storage.tables.runs import RunRow

log = logging.getLogger("storyforge.jobs")

SCENES_MAX = 16
"""That wait to be prepared; more are forgotten, which costs nothing."""
LOOK_AGAIN_S = 2.0
PATIENCE_LOOKS = 300
"""After ten minutes of other work the scene is forgotten."""
WAITING_MAX = 10
"""Of steps that wait, as many as are counted."""


class Foresight:
    """`heard` when a run has its take; `run` prepares what comes behind it. `places`: of a worker."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        generation: Generation,
        cache: Cache,
        provider: Provider,
        objects: Objects,
        scratch: Path,
        places: int,
        metrics: WorkerMetrics,
    ) -> None:
        self._pool = pool
        self._generation = generation
        self._cache = cache
        self._provider = provider
        self._objects = objects
        self._scratch = scratch
        self._places = places
        self._metrics = metrics
        self._heard: asyncio.Queue[RunRow] = asyncio.Queue(SCENES_MAX)

    def heard(self, run: RunRow) -> None:
        """It has its take."""
        if not self._heard.full():
            self._heard.put_nowait(run)

    async def run(self, free_places: Callable[[], int]) -> None:
        """Until cancelled. `free_places`: of this worker, now."""
        while True:
            run = await self._heard.get()
            try:
                await self._behind(run, free_places)
            except StoreAway:
                log.info("ahead.store_away", extra={"run": str(run.id)})
            except Exception:
                log.exception("ahead.failed", extra={"run": str(run.id)})

    async def _behind(self, run: RunRow, free_places: Callable[[], int]) -> None:
        if not (await self._cache.policy(run.project_id)).prepares_ahead:
            return
        following = await self._generation.following(run)
        if following is None:
            return
        for _ in range(PATIENCE_LOOKS):
            found = await self.prepare(following, free_places())
            self._metrics.ahead.labels("prepared" if found is None else found.value).inc()
            if found not in (Hindrance.WORK_WAITS, Hindrance.BUSY):
                return
            await asyncio.sleep(LOOK_AGAIN_S)

    async def prepare(self, following: Next, free_places: int) -> Hindrance | None:
        """Plan and boards of the scene, one after the other, or why not. What is there already is not made."""
        with tempfile.TemporaryDirectory(prefix="ahead-", dir=self._scratch) as folder:
            desk = QuietDesk(Path(folder), self._objects)
            plan, hindered = await self._plan(following, free_places, desk)
            if plan is None:
                return hindered
            for spec in boards_of(following):
                key = key_of(spec.kind, spec.params, {"enhance": plan})
                board = spec.params.get("board", 1)

                async def drawn(board: int = board) -> Made:
                    request = following.request
                    panels = await self._provider.frames(request, from_json(Plan, plan), board, desk)
                    return Made(to_json(panels), 0)

                idle = await self._idle(following, free_places)
                found = await self._cache.prepare_step(following.project_id, key, idle, drawn)
                if found not in (None, Hindrance.KNOWN):
                    return found
        return None

    async def _plan(
        self, following: Next, free_places: int, desk: "QuietDesk"
    ) -> tuple[dict[str, Any] | None, Hindrance | None]:
        """The plan as it is there, or is made now."""
        spec = plan_of(following)
        key = key_of(spec.kind, spec.params, {"screen": {}})
        with store_away():
            if await steps.is_made(self._pool, following.tenant, key):
                return None, Hindrance.KNOWN  # somebody has generated the scene as it stands
        request = following.request

        async def planned() -> Made:
            return Made(to_json(await self._provider.enhance(request, desk)), 0)

        idle = await self._idle(following, free_places)
        found = await self._cache.prepare_step(following.project_id, key, idle, planned)
        if found not in (None, Hindrance.KNOWN):
            return None, found
        known = await self._cache.prepared(following.project_id, key)
        return (None, Hindrance.KNOWN) if known is None else (dict(known), None)

    async def _idle(self, following: Next, free_places: int) -> Idle:
        """What lies idle now. Nothing that is prepared costs anything."""
        with store_away():
            waiting = await steps.waiting(self._pool, WAITING_MAX)
            try:
                credits = await credits_of(self._pool, following.project_id, following.asked_by, datetime.now(UTC))
                free = credits.room.left
            except BillingError:
                free = 0
        return Idle(free, 0, waiting, self._places, free_places)


class QuietDesk:
    """Implements `Desk` for what nobody looks at yet."""

    def __init__(self, folder: Path, objects: Objects) -> None:
        self._folder = folder
        self._objects = objects

    @property
    def folder(self) -> Path:
        return self._folder

    async def keep(self, data: bytes | Path, content_type: str) -> str:
        content = await asyncio.to_thread(data.read_bytes) if isinstance(data, Path) else data
        hash = (await asyncio.to_thread(hashlib.sha256, content)).hexdigest()
        await self._objects.put(hash, content, content_type)
        return hash

    async def fetch(self, media: str, name: str) -> Path:
        path = self._folder / name
        await asyncio.to_thread(path.write_bytes, await self._objects.get(media))
        return path

    async def progress(self, share: float) -> None:
        """Nobody waits for it."""

    async def preview(self, preview: Preview) -> None:
        """Nobody sees it."""
