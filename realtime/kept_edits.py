"""Refused edits on their way to the proposals (consistency.md C6): in bounded memory, until PostgreSQL has them.

What a proposal is, and how many there may be, is `services/proposals`.
"""

import asyncio
import logging

from realtime.metrics import HubMetrics
from services.proposals.service import Proposals
from storage.errors import StorageError, StoreAway
from storage.log import DocumentKey
from sync.effects import Keep

WAITING_BYTES_MAX = 16 * 1024 * 1024
BACK_OFF_FIRST_S = 0.1
BACK_OFF_MAX_S = 5.0

log = logging.getLogger("storyforge.hub")


class KeptEdits:
    """`put` never waits; `run` is a task that the hub owns."""

    def __init__(
        self, proposals: Proposals, metrics: HubMetrics, *, waiting_bytes_max: int = WAITING_BYTES_MAX
    ) -> None:
        self._proposals = proposals
        self._metrics = metrics
        self._waiting: asyncio.Queue[tuple[DocumentKey, Keep]] = asyncio.Queue()
        self._waiting_bytes = 0
        self._waiting_bytes_max = waiting_bytes_max

    def put(self, key: DocumentKey, keep: Keep) -> None:
        size = _size(keep)
        if self._waiting_bytes + size > self._waiting_bytes_max:
            self._lose(key, keep, "backlog")
            return
        self._waiting_bytes += size
        self._waiting.put_nowait((key, keep))

    async def run(self) -> None:
        while True:
            key, keep = await self._waiting.get()
            await self._keep(key, keep)
            self._waiting_bytes -= _size(keep)

    async def _keep(self, key: DocumentKey, keep: Keep) -> None:
        back_off_s = BACK_OFF_FIRST_S
        while True:
            try:
                fresh = await self._proposals.keep(key, keep.author, keep.reason, keep.updates, keep.detail)
            except StoreAway:
                await asyncio.sleep(back_off_s)
                back_off_s = min(back_off_s * 2, BACK_OFF_MAX_S)
            except StorageError as error:
                self._lose(key, keep, error.code)
                return
            else:
                if fresh:
                    self._metrics.proposals.inc()
                return

    def _lose(self, key: DocumentKey, keep: Keep, why: str) -> None:
        self._metrics.proposals_lost.inc()
        log.error(
            "proposal.lost",
            extra={"document_id": str(key.document_id), "actor": str(keep.author), "reason": keep.reason, "why": why},
        )


def _size(keep: Keep) -> int:
    return sum(map(len, keep.updates))
