"""Removes, by the clock, what was deleted longer ago than people may bring it back.

How is in `services/projects/purge.py`. Every worker does it; they are not in each other's way.
"""

from jobs.metrics import WorkerMetrics
from jobs.rounds import again
from services.projects.purge import Purger

INTERVAL_S = 600.0


class Undertaker:
    """`run` looks at once and then every `interval_s`."""

    def __init__(self, purger: Purger, metrics: WorkerMetrics, interval_s: float = INTERVAL_S) -> None:
        self._purger = purger
        self._metrics = metrics
        self._interval_s = interval_s

    async def run(self) -> None:
        """Until cancelled."""
        await again(self._round, self._interval_s, "purge.failed")

    async def _round(self) -> None:
        """All that is due."""
        while due := await self._purger.due():
            for kind, id in due:
                self._metrics.purged.labels(kind).inc(await self._purger.purge(kind, id))
