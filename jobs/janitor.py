"""Ends uploads that expired and collects media that nothing refers to, by the clock.

How is in `services/assets/collection.py`. Every worker does it; they are not in each other's way.
"""

from jobs.metrics import WorkerMetrics
from jobs.rounds import again
from services.assets.collection import Collector

INTERVAL_S = 60.0


class Janitor:
    """`run` looks at once and then every `interval_s`."""

    def __init__(self, collector: Collector, metrics: WorkerMetrics, interval_s: float = INTERVAL_S) -> None:
        self._collector = collector
        self._metrics = metrics
        self._interval_s = interval_s

    async def run(self) -> None:
        """Until cancelled."""
        await again(self._round, self._interval_s, "collection.failed")

    async def _round(self) -> None:
        """A step bounded in rows."""
        await self._collector.end_uploads()
        await self._collector.condemn()
        self._metrics.collected.inc(await self._collector.take())
