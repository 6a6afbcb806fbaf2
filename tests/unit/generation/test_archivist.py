"""The archivist's round: one bad document does not keep the others, and a store that is away ends it quietly."""

import asyncio
import logging
from typing import cast
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from jobs.archivist import Archivist
from jobs.metrics import WorkerMetrics
from services.documents.errors import DocumentUnreadable
from services.documents.rebase import Rebaser
from storage.errors import RowsMissing, StoreAway
from storage.mover import Mover

GAP, FINE, AWAY, LATER = (UUID(int=number) for number in range(1, 5))


class Rebasing:
    """A rebaser of these documents."""

    def __init__(self, *documents: UUID) -> None:
        self.documents = list(documents)

    async def due(self) -> list[UUID]:
        return self.documents

    async def rebase(self, document_id: UUID) -> bool:
        if document_id == GAP:
            raise DocumentUnreadable("torn")
        return document_id == FINE


class Script:
    """A mover whose documents behave as their names say; the second fails, the third does not end."""

    def __init__(self) -> None:
        self.rounds = 0
        self.asked: list[UUID] = []
        self.over = asyncio.Event()

    async def due(self) -> list[UUID]:
        self.rounds += 1
        if self.rounds == 2:
            raise ZeroDivisionError
        if self.rounds == 3:
            self.over.set()
            await asyncio.Event().wait()
        return [GAP, FINE, AWAY, LATER]

    async def move(self, document_id: UUID) -> int:
        self.asked.append(document_id)
        if document_id == GAP:
            raise RowsMissing("a row is missing")
        if document_id == AWAY:
            raise StoreAway("PostgreSQL")
        return 10


async def test_a_round_goes_on_after_what_it_cannot_move(caplog: pytest.LogCaptureFixture) -> None:
    script, registry = Script(), CollectorRegistry()
    archivist = Archivist(cast(Mover, script), cast(Rebaser, Rebasing()), WorkerMetrics(registry), interval_s=0.0)
    with caplog.at_level(logging.INFO, "storyforge.jobs"):
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            running = group.create_task(archivist.run())
            await script.over.wait()
            running.cancel()
    assert script.asked == [GAP, FINE, AWAY], "nothing after a store that is away"
    assert registry.get_sample_value("storyforge_log_rows_moved_total") == 10
    assert [record.message for record in caplog.records] == ["archive.failed", "archive.moved", "archive.failed"]


async def test_documents_that_are_due_begin_again() -> None:
    class Resting(Script):
        async def due(self) -> list[UUID]:
            if self.rounds:
                self.over.set()
                await asyncio.Event().wait()
            self.rounds += 1
            return []

    script, registry = Resting(), CollectorRegistry()
    rebaser = cast(Rebaser, Rebasing(GAP, FINE, LATER))
    archivist = Archivist(cast(Mover, script), rebaser, WorkerMetrics(registry), interval_s=0.0)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        running = group.create_task(archivist.run())
        await script.over.wait()
        running.cancel()
    assert registry.get_sample_value("storyforge_documents_rebased_total") == 1
