"""Sends the mail that waits, by the clock: what its maker could not send at once.

How is in `services/mail/postman.py`.
"""

from jobs.metrics import WorkerMetrics
from jobs.rounds import again
from services.mail.postman import Postman

INTERVAL_S = 5.0


class MailRound:
    """`run` looks at once and then every `interval_s`."""

    def __init__(self, postman: Postman, metrics: WorkerMetrics, interval_s: float = INTERVAL_S) -> None:
        self._postman = postman
        self._metrics = metrics
        self._interval_s = interval_s

    async def run(self) -> None:
        """Until cancelled. A mail that it has in hand then is somebody's again when its lease is over."""
        await again(self.round, self._interval_s, "mail.failed")

    async def round(self) -> None:
        """All that is due. Raises `StoreAway`."""
        while verdict := await self._postman.take():
            self._metrics.mail.labels(verdict).inc()
        await self._postman.tidy()
