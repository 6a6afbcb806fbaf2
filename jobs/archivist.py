"""Lets old rows of document logs leave PostgreSQL, by the clock (consistency.md C15). How is in `storage/mover.py`.

Every worker does it; they do not get in each other's way.
"""

import asyncio
import logging

from jobs.metrics import WorkerMetrics
from storage.errors import StorageError, StoreAway
from storage.mover import Mover

log = logging.getLogger("storyforge.jobs")


class Archivist:
    """`run` looks at once and then every `interval_s`."""

    def __init__(self, mover: Mover, metrics: WorkerMetrics, interval_s: float) -> None:
        self._mover = mover
        self._metrics = metrics
        self._interval_s = interval_s

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._round()
            except StoreAway:
                pass  # nobody can do anything; the next round looks again
            except Exception:
                log.exception("archive.failed")
            await asyncio.sleep(self._interval_s)

    async def _round(self) -> None:
        """One segment of each document that is due: a step bounded in rows, bytes and documents."""
        for document_id in await self._mover.due():
            try:
                moved = await self._mover.move(document_id)
            except StoreAway:
                raise
            except StorageError as error:  # one document that is not whole must not keep the others
                log.error("archive.failed", extra={"document": document_id.hex, "error": str(error)})
                continue
            if moved:
                self._metrics.rows_moved.inc(moved)
                log.info("archive.moved", extra={"document": document_id.hex, "rows": moved})
