"""Makes the copies of projects that people ask for, one at a time. How is in `services/projects/copying.py`."""

import asyncio
import logging

from jobs.context import Verdict, plain, verdict
from jobs.metrics import WorkerMetrics
from jobs.rounds import again
from services.projects.copying import Copying
from services.projects.errors import CopyLost
from storage.errors import StoreAway
from storage.tables.duplications import DuplicationRow

log = logging.getLogger("storyforge.jobs")

INTERVAL_S = 1.0


class Copyist:
    """`run` looks at once and then every `interval_s`; leaving it hands back what it has in hand."""

    def __init__(self, copying: Copying, metrics: WorkerMetrics, node_id: str, interval_s: float = INTERVAL_S) -> None:
        self._copying = copying
        self._metrics = metrics
        self._node_id = node_id
        self._interval_s = interval_s

    async def run(self) -> None:
        """Until cancelled."""
        await again(self.round, self._interval_s, "copy.failed")

    async def round(self) -> None:
        """All that waits. Raises `StoreAway`."""
        while copy := await self._copying.lease(self._node_id):
            await self._attend(copy)

    async def _attend(self, copy: DuplicationRow) -> None:
        told = {"copy": copy.id.hex, "attempt": copy.attempt}
        log.info("copy.held", extra=told)
        try:
            await self._copying.copy(copy)
        except asyncio.CancelledError:
            await asyncio.shield(self._part(copy))
            raise
        except Exception as error:
            decided = verdict(plain(error), copy.attempt)
            self._metrics.copies.labels(decided.value).inc()
            log.log(
                logging.INFO if decided is Verdict.LOST else logging.WARNING, "copy.ended", extra=told, exc_info=error
            )
            if decided is Verdict.GIVE_UP:
                await self._give_up(copy, plain(error))
        else:
            self._metrics.copies.labels("complete").inc()
            log.info("copy.complete", extra=told)

    async def _give_up(self, copy: DuplicationRow, error: BaseException) -> None:
        code = str(getattr(error, "code", "copy.internal"))
        try:
            await self._copying.fail(copy, code, "The project could not be copied.")
        except CopyLost:
            pass  # it was cancelled meanwhile

    async def _part(self, copy: DuplicationRow) -> None:
        try:
            await self._copying.hand_back(copy)
        except StoreAway:
            log.warning("copy.not_handed_back", extra={"copy": copy.id.hex})
