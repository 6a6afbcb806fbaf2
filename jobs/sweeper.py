"""Finds what nobody minds: steps whose worker is gone or that nobody was woken for, cancellations left half done,
idempotency keys past their time.

Not needed for the ordinary way of a run; every worker sweeps, and twice is harmless.
"""

import logging

import asyncpg

from jobs.crew import Crew
from jobs.metrics import WorkerMetrics
from jobs.rounds import again
from services.generation.service import Generation
from storage.errors import StorageError, StoreAway
from storage.postgres import store_away
from storage.queue import Queue
from storage.tables import idempotency, runs

log = logging.getLogger("storyforge.jobs")

SWEPT_ROWS_MAX = 50
FORGOTTEN_ROWS_MAX = 1_000
"""Idempotency keys past their time, of one sweep."""
WAKE_AGAIN_S = 15.0
"""A step that was rung for and is still nobody's is rung for again."""
CANCEL_AGE_S = 3.0


class Sweeper:
    """`run` sweeps at once and then every `interval_s`."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        queue: Queue,
        generation: Generation,
        crew: Crew,
        metrics: WorkerMetrics,
        interval_s: float,
    ) -> None:
        self._pool = pool
        self._queue = queue
        self._generation = generation
        self._crew = crew
        self._metrics = metrics
        self._interval_s = interval_s

    async def run(self) -> None:
        """Until cancelled."""
        await again(self.sweep, self._interval_s, "sweep.failed")

    async def sweep(self) -> None:
        """Once."""
        with store_away():
            due = await self._generation.steps.sweep(WAKE_AGAIN_S, SWEPT_ROWS_MAX)
            halves = await runs.unfinished_cancels(self._pool, CANCEL_AGE_S, SWEPT_ROWS_MAX)
            await idempotency.forget_old(self._pool, FORGOTTEN_ROWS_MAX)
        for ring in due:
            self._metrics.swept.inc()
            try:
                await self._queue.wake(ring)
            except StoreAway:  # without Redis there is still this worker
                if not self._crew.busy:
                    self._crew.start(ring)
        for run_id in halves:
            try:
                await self._generation.complete_cancel(run_id)
            except StorageError:
                log.warning("cancel.unfinished", extra={"run": run_id.hex})
