"""A document that is kept open for reading shows what the log says, whoever writes it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from pycrdt import Doc, Map

from services.documents.editor import DocumentEditor
from services.documents.errors import DocumentUnreadable
from services.documents.kept import KeptDocuments
from storage.errors import DocumentMissing
from storage.log import Head

New = Callable[[], Awaitable[Head]]


def title(text: str) -> Callable[[Doc[Any]], None]:
    def change(doc: Doc[Any]) -> None:
        doc.get("ext", type=Map)["title"] = text

    return change


async def write(editor: DocumentEditor, document_id: UUID, text: str) -> int:
    return (await editor.edit(document_id, title(text), origin="test", batch_id=uuid4())).seq


async def test_it_follows_the_edits_of_other_processes(
    editor: DocumentEditor, other_editor: DocumentEditor, new_storyboard: New
) -> None:
    head, kept = await new_storyboard(), KeptDocuments(editor)
    first = await kept.read(head.document_id)
    seq = await write(other_editor, head.document_id, "Dawn")
    second = await kept.read(head.document_id)
    assert (first.seq, second.seq) == (seq - 1, seq)
    assert second.content["ext"] == {**first.content["ext"], "title": "Dawn"}
    assert second.content["scenes"] == first.content["scenes"] and second.film is None
    assert kept.kept == 1


async def test_many_who_read_at_once_open_it_once(editor: DocumentEditor, new_storyboard: New) -> None:
    head, kept = await new_storyboard(), KeptDocuments(editor)
    opened = []
    open_one = editor.open

    async def counted(head: Head) -> Any:
        opened.append(head)
        return await open_one(head)

    editor.open = counted  # type: ignore[method-assign]
    readings = await asyncio.gather(*(kept.read(head.document_id) for _ in range(20)))
    assert len(opened) == 1 and {reading.seq for reading in readings} == {1}


async def test_the_longest_unread_are_let_go(editor: DocumentEditor, new_storyboard: New) -> None:
    kept = KeptDocuments(editor, kept_max=2)
    heads = [await new_storyboard() for _ in range(4)]
    for head in heads:
        await kept.read(head.document_id)
    assert kept.kept == 2
    assert (await kept.read(heads[0].document_id)).seq == 1


async def test_bytes_are_bounded_too(editor: DocumentEditor, new_storyboard: New) -> None:
    kept = KeptDocuments(editor, kept_bytes_max=10)
    await kept.read((await new_storyboard()).document_id)
    assert kept.kept == 0


async def test_a_new_epoch_is_opened_anew(editor: DocumentEditor, new_storyboard: New, pool: asyncpg.Pool) -> None:
    head, kept = await new_storyboard(), KeptDocuments(editor)
    await write(editor, head.document_id, "Dawn")
    await kept.read(head.document_id)
    await pool.execute("update documents set server_client = server_client + 1 where id = $1", head.document_id)
    await write(editor, head.document_id, "Dusk")
    assert (await kept.read(head.document_id)).content["ext"]["title"] == "Dusk"


async def test_what_cannot_be_read_is_not_kept(editor: DocumentEditor, new_storyboard: New, pool: asyncpg.Pool) -> None:
    head, kept = await new_storyboard(), KeptDocuments(editor)
    await kept.read(head.document_id)
    await write(editor, head.document_id, "Dawn")
    await pool.execute("update document_log set bytes = '\\x07' where document_id = $1 and seq = 2", head.document_id)
    for _ in range(2):
        with pytest.raises(DocumentUnreadable):
            await kept.read(head.document_id)
    assert kept.kept == 0


async def test_a_document_that_is_not_there(editor: DocumentEditor) -> None:
    kept = KeptDocuments(editor)
    with pytest.raises(DocumentMissing):
        await kept.read(uuid4())
