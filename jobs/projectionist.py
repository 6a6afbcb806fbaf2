"""Shows documents that nobody has shown since they changed: their hub has died, or this build shows more than the last.

Not needed in the ordinary way: hubs show what is open in them. Every worker does it; they are not in each other's way.
"""

import logging
from datetime import timedelta
from uuid import UUID

import asyncpg

from jobs.metrics import WorkerMetrics
from jobs.rounds import again
from services.documents.errors import DocumentsError
from services.documents.projector import Projector
from storage.errors import StorageError, StoreAway
from storage.postgres import store_away
from storage.tables import projections

log = logging.getLogger("storyforge.jobs")

INTERVAL_S = 15.0
FORGOTTEN_AFTER = timedelta(seconds=30)
"""A hub shows within five seconds what it can."""
DOCUMENTS_MAX = 50
"""Of one round."""
_FIRST = UUID(int=0)


class Projectionist:
    """`run` looks at once and then every `interval_s`."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        projector: Projector,
        metrics: WorkerMetrics,
        interval_s: float = INTERVAL_S,
        forgotten_after: timedelta = FORGOTTEN_AFTER,
    ) -> None:
        self._pool = pool
        self._projector = projector
        self._metrics = metrics
        self._interval_s = interval_s
        self._forgotten_after = forgotten_after
        self._reached = _FIRST
        self._failed: dict[UUID, int] = {}
        """At which sequence; tried again when the document has moved."""

    async def run(self) -> None:
        """Until cancelled."""
        await again(self._round, self._interval_s, "projection.failed")

    async def _round(self) -> None:
        while await self.show_some():
            pass

    async def show_some(self) -> bool:
        """The next few; False behind the last. Raises `StoreAway`."""
        with store_away():
            found = await projections.forgotten(self._pool, self._reached, self._forgotten_after, DOCUMENTS_MAX)
        for document_id, seq in found:
            self._reached = document_id
            if self._failed.get(document_id) != seq:
                await self._show(document_id, seq)
        if len(found) < DOCUMENTS_MAX:
            self._reached = _FIRST
        return len(found) == DOCUMENTS_MAX

    async def _show(self, document_id: UUID, seq: int) -> None:
        try:
            self._metrics.shown.inc(await self._projector.project(document_id))
        except StoreAway:
            raise
        except (StorageError, DocumentsError) as error:
            self._failed[document_id] = seq
            log.error("projection.failed", extra={"document": document_id.hex, "error": str(error)})
