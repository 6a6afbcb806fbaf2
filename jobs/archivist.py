"""Keeps documents slim, by the clock: old rows leave PostgreSQL (consistency.md C15), fat documents begin again (A9).

How is in `storage/mover.py` and `services/documents/rebase.py`. Every worker does it; they are not in each other's way.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from jobs.metrics import WorkerMetrics
from jobs.rounds import again
from services.documents.errors import DocumentsError
from services.documents.rebase import Rebaser
from storage.errors import StorageError, StoreAway
from storage.mover import Mover

log = logging.getLogger("storyforge.jobs")


class Archivist:
    """`run` looks at once and then every `interval_s`."""

    def __init__(self, mover: Mover, rebaser: Rebaser, metrics: WorkerMetrics, interval_s: float) -> None:
        self._mover = mover
        self._rebaser = rebaser
        self._metrics = metrics
        self._interval_s = interval_s

    async def run(self) -> None:
        """Until cancelled."""
        await again(self._round, self._interval_s, "archive.failed")

    async def _round(self) -> None:
        """A step bounded in rows, bytes and documents."""
        for document_id in await self._mover.due():
            with _alone(document_id):
                moved = await self._mover.move(document_id)
                self._metrics.rows_moved.inc(moved)
                log.info("archive.moved", extra={"document": document_id.hex, "rows": moved})
        for document_id in await self._rebaser.due():
            with _alone(document_id):
                self._metrics.rebased.inc(await self._rebaser.rebase(document_id))


@contextmanager
def _alone(document_id: UUID) -> Iterator[None]:
    """One document that is not whole must not keep the others. `StoreAway` concerns them all."""
    try:
        yield
    except StoreAway:
        raise
    except (StorageError, DocumentsError) as error:
        log.error("archive.failed", extra={"document": document_id.hex, "error": str(error)})
