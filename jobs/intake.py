"""Takes in files that were uploaded, one at a time, for as long as this worker holds each.

What is done with one is `services/assets/ingest.py`; here is who does it, and what an error means.
"""

import asyncio
import logging
import tempfile
import time
from pathlib import Path

from jobs.context import plain
from jobs.metrics import WorkerMetrics
from jobs.settings import WorkerSettings
from jobs.ticks import AssetTick, Ticker
from services.assets.errors import HoldLost, IngestError
from services.assets.ingest import ATTEMPTS_MAX, Ingest
from services.assets.uploads import INGEST_CHANNEL
from storage.bus import Bus
from storage.errors import StoreAway
from storage.tables.ingests import IngestRow
from sync import ids

log = logging.getLogger("storyforge.jobs")

PARTING_S = 4.0
"""What giving a file back may take when the worker is asked to stop."""


class Intake:
    """`run` works until cancelled; then it gives back what it holds."""

    def __init__(self, ingest: Ingest, bus: Bus, settings: WorkerSettings, metrics: WorkerMetrics) -> None:
        self._ingest = ingest
        self._bus = bus
        self._settings = settings
        self._metrics = metrics
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Looks when it is told to, and by itself every `sweep_s`."""
        task = asyncio.current_task()
        assert task is not None
        while not task.cancelling():  # a store's cleanup may have made an error of its own of the cancellation
            self._news.clear()
            try:
                while await self.take() and not task.cancelling():
                    pass
            except StoreAway:
                pass  # nobody can do anything; the next look finds it
            except Exception:
                log.exception("intake.failed")
            try:
                async with asyncio.timeout(self._settings.sweep_s):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def listen(self) -> None:
        """Hears that a file waits, until cancelled."""
        async with self._bus.subscription() as subscription:
            await subscription.add(INGEST_CHANNEL)
            while True:
                await subscription.next()  # a gap may hide one
                self._news.set()

    async def take(self) -> bool:
        """The next file, to its end. False: there was none. Raises `StoreAway`."""
        row = await self._ingest.lease(self._settings.node_id, self._settings.lease_s)
        if row is None:
            return False
        log.info("asset.held", extra={"asset": ids.to_text("ast", row.id), "attempt": row.attempt})
        ticker = Ticker(self._bus, row.project_id, None)
        with tempfile.TemporaryDirectory(prefix="asset-", dir=self._settings.scratch) as folder:
            try:
                await self._work(row, Path(folder), ticker)
                verdict = "ready"
            except asyncio.CancelledError:
                await asyncio.shield(self._part(row))
                raise
            except Exception as error:
                verdict = await self._settle(row, plain(error))
        self._metrics.assets.labels(verdict).inc()
        await ticker.last(_tick(row, verdict, verdict, 100 if verdict == "ready" else row.pct, done=True))
        return True

    async def _work(self, row: IngestRow, folder: Path, ticker: Ticker) -> None:
        """The file, beside a heart that beats and a mouth that tells."""
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(self._renew(row)), group.create_task(ticker.run())]
            try:
                await self._ingest.work(
                    row, folder, lambda stage, pct: ticker.say(_tick(row, "working", stage, pct, done=False))
                )
            finally:
                for task in beside:
                    task.cancel()

    async def _renew(self, row: IngestRow) -> None:
        """Raises `HoldLost` when the file is no longer ours, or nobody can tell for as long as the lease lasts."""
        safe_until = time.monotonic() + self._settings.lease_s
        while True:
            await asyncio.sleep(self._settings.renew_s)
            asked_at = time.monotonic()
            try:
                held = await self._ingest.renew(row, self._settings.lease_s)
            except StoreAway as error:
                if time.monotonic() >= safe_until:
                    raise HoldLost() from error
                continue
            if not held:
                raise HoldLost()
            safe_until = asked_at + self._settings.lease_s

    async def _part(self, row: IngestRow) -> None:
        """Back at once, without an attempt used."""
        try:
            async with asyncio.timeout(PARTING_S):
                await self._ingest.hand_back(row, keep_attempt=False)
        except (StoreAway, TimeoutError):
            log.warning("asset.not_handed_back", extra={"asset": ids.to_text("ast", row.id)})

    async def _settle(self, row: IngestRow, error: BaseException) -> str:
        """What became of it: `lost` to another worker, `away` until its lease is over, `again`, or `failed`."""
        told: dict[str, object] = {
            "asset": ids.to_text("ast", row.id),
            "attempt": row.attempt,
            "code": getattr(error, "code", ""),
        }
        told["detail"] = getattr(error.__cause__, "detail", "")
        log.warning("asset.not_ready", extra=told, exc_info=None if isinstance(error, IngestError) else error)
        match error:
            case HoldLost():
                return "lost"
            case StoreAway():
                return "away"
            case IngestError():
                pass
            case _ if row.attempt < ATTEMPTS_MAX:
                await self._ingest.hand_back(row, keep_attempt=True)
                return "again"
        assert isinstance(error, Exception)
        await self._ingest.fail(row, error)
        return "failed"


def _tick(row: IngestRow, state: str, stage: str, pct: int, *, done: bool) -> AssetTick:
    return AssetTick(ids.to_text("ast", row.id), state, stage, pct, row.attempt, row.epoch, done)
