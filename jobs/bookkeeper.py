"""Gives back, by the clock, holds that nobody settled in their time, and proves that the ledger is right.

How is in `services/billing/holds.py`. Every worker does it; they are not in each other's way.
"""

import logging
from datetime import UTC, datetime

import asyncpg

from jobs.metrics import WorkerMetrics
from jobs.rounds import again
from services.billing.holds import expire
from services.billing.model import MICRO
from storage.postgres import store_away
from storage.tables import ledger

INTERVAL_S = 60.0
RECOUNTED_ROWS_MAX = 200
"""Accounts of which one round adds up all entries; the next round goes on behind them."""

log = logging.getLogger("storyforge.jobs")


class Bookkeeper:
    """`run` looks at once and then every `interval_s`."""

    def __init__(self, pool: asyncpg.Pool, metrics: WorkerMetrics, interval_s: float = INTERVAL_S) -> None:
        self._pool = pool
        self._metrics = metrics
        self._interval_s = interval_s
        self._recounted = 0

    async def run(self) -> None:
        """Until cancelled."""
        await again(self.round, self._interval_s, "bookkeeping.failed")

    async def round(self) -> None:
        """Once. Raises `StoreAway`."""
        self._metrics.holds_expired.inc(await expire(self._pool, datetime.now(UTC)))
        with store_away():
            proof = await ledger.proof(self._pool, self._recounted, RECOUNTED_ROWS_MAX)
            balances = await ledger.by_kind(self._pool)
        for kind, balance in balances.items():
            self._metrics.ledger_credits.labels(kind).set(balance / MICRO)
        self._recounted = proof.last_id or 0
        self._metrics.ledger_wrong.labels("sum").set(abs(proof.imbalance))
        self._metrics.ledger_wrong.labels("held").set(abs(proof.held_astray))
        self._metrics.ledger_wrong.labels("balances").set(proof.wrong)
        if proof.imbalance or proof.held_astray or proof.wrong:
            log.error("ledger.wrong", extra={"sum": proof.imbalance, "held": proof.held_astray, "wrong": proof.wrong})
