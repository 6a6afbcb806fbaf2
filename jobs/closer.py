"""Stops and accounts for paid calls that nobody follows any more, round after round.

Not how: `services/generation/shots/closer.py`.
"""

from jobs.metrics import WorkerMetrics
from jobs.rounds import again
from services.generation.shots.closer import Closer

INTERVAL_S = 5.0


class Closing:
    """Every worker does it, and twice is harmless."""

    def __init__(self, closer: Closer, metrics: WorkerMetrics, interval_s: float = INTERVAL_S) -> None:
        self._closer = closer
        self._metrics = metrics
        self._interval_s = interval_s

    async def run(self) -> None:
        """Until cancelled."""
        await again(self._round, self._interval_s, "closing.failed")

    async def _round(self) -> None:
        self._metrics.closed.inc(await self._closer.round())
