"""Documents that nobody has shown are shown by a worker, each once, and one that cannot be read keeps no other."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from jobs import projectionist as module
from jobs.metrics import WorkerMetrics
from jobs.projectionist import Projectionist
from services.documents.editor import DocumentEditor
from services.documents.errors import DocumentUnreadable
from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from storage.bus import Bus
from storage.log import Head
from tests.integration.documents.conftest import edit, put

NewStoryboard = Callable[[], Awaitable[Head]]
AT_ONCE = timedelta(0)


class Noting(Projector):
    """Of the documents of one test; others in the database are none of its business."""

    ours: frozenset[UUID] = frozenset()
    torn: UUID | None = None

    async def project(self, document_id: UUID) -> bool:
        if document_id == self.torn:
            raise DocumentUnreadable("torn")
        return document_id in self.ours and await super().project(document_id)


async def a_round(projectionist: Projectionist) -> None:
    while await projectionist.show_some():
        pass


async def behind(pool: asyncpg.Pool, *heads: Head) -> set[UUID]:
    ids = [head.document_id for head in heads]
    found = await pool.fetch("select id from documents where id = any($1) and projected_seq < seq", ids)
    return {row["id"] for row in found}


async def test_what_nobody_has_shown_is_shown_and_what_is_torn_keeps_no_other(
    editor: DocumentEditor,
    pool: asyncpg.Pool,
    bus: Bus,
    new_storyboard: NewStoryboard,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "DOCUMENTS_MAX", 2)
    heads = [await new_storyboard() for _ in range(5)]
    torn = min(heads, key=lambda head: head.document_id)
    projector, registry = Noting(KeptDocuments(editor), pool, bus), CollectorRegistry()
    projector.ours, projector.torn = frozenset(head.document_id for head in heads), torn.document_id
    projectionist = Projectionist(pool, projector, WorkerMetrics(registry), forgotten_after=AT_ONCE)
    with caplog.at_level(logging.ERROR, "storyforge.jobs"):
        await a_round(projectionist)
        assert await behind(pool, *heads) == {torn.document_id}
        await a_round(projectionist)
        assert [record.__dict__["document"] for record in caplog.records] == [torn.document_id.hex]
        await edit(editor, torn, put("more", 1))
        await a_round(projectionist)
        assert len(caplog.records) == 2, "tried again when it has moved"
    assert registry.get_sample_value("storyforge_documents_shown_total") == 4


async def test_what_has_just_changed_is_left_to_its_hub(
    editor: DocumentEditor, pool: asyncpg.Pool, bus: Bus, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    projectionist = Projectionist(pool, Projector(KeptDocuments(editor), pool, bus), WorkerMetrics(CollectorRegistry()))
    await a_round(projectionist)
    assert await behind(pool, head) == {head.document_id}
    await pool.execute(
        "update document_log set created_at = now() - interval '31 seconds' where document_id = $1", head.document_id
    )
    await a_round(projectionist)
    assert await behind(pool, head) == set()
