"""A fat and quiet document begins again under a new epoch, with nothing lost of what it shows (A9, C13)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import asyncpg
import pytest
from pycrdt import Array, Doc, Map, Text

from services.documents.editor import DocumentEditor
from services.documents.errors import DocumentUnreadable
from services.documents.rebase import Fat, Rebaser, reseeded
from services.history.content import read, same
from storage.errors import EpochChanged
from storage.log import Batch, DocumentLog, Head
from storage.quarantine import Quarantine
from storage.snapshots import Snapshots
from storage.tables.documents import DOCUMENTS_MAX
from sync.names import Kind
from sync.schema import OWNERSHIP
from tests.integration.documents.conftest import edit, ext, grow_fat, put, rebuilt

NewStoryboard = Callable[[], Awaitable[Head]]
ROOTS = OWNERSHIP[Kind.STORYBOARD].roots


@pytest.fixture
def rebaser(pool: asyncpg.Pool, log: DocumentLog, snapshots: Snapshots, editor: DocumentEditor) -> Rebaser:
    return Rebaser(pool, log, snapshots, editor, Fat(bytes=1_000, clients=5, quiet=timedelta(0)))


def everything() -> Doc[Any]:
    """Every kind of value in every kind of place, written by two people with corrections."""
    doc: Doc[Any] = Doc()
    scenes, free = doc.get("scenes", type=Map), doc.get("ext", type=Map)
    scenes["a"] = Map({"ord": "a0", "prompt": Text("It rains. \U0001f327 Still."), "dlg": Array([1, Text("Héllo")])})
    prompt = scenes["a"]["prompt"]
    prompt.format(0, 2, {"bold": True})
    prompt.format(3, 14, {"em": {"by": "x"}})
    prompt.insert_embed(2, {"image": "sha"})
    prompt += " Plain."
    scenes["b"] = Map({"del": {"by": "somebody"}, "n": 3, "half": 0.5, "empty": Text(""), "none": None})
    free.update({"json": {"a": [1, True, None, "x"]}, "bytes": b"\x00\xff", "plain": [1, 2], "big": 2**52})
    other: Doc[Any] = Doc()
    other.apply_update(doc.get_update())
    theirs = other.get("scenes", type=Map)["a"]["prompt"]
    theirs += " More."
    del other.get("ext", type=Map)["plain"]
    doc.apply_update(other.get_update(doc.get_state()))
    return doc


def test_all_of_the_content_is_made_again_by_one_client() -> None:
    old = everything()
    again: Doc[Any] = Doc()
    again.apply_update(reseeded(old.get_update(), Kind.STORYBOARD, 4711))
    assert same(read(old, ROOTS), read(again, ROOTS))
    before, after = (doc.get("scenes", type=Map)["a"]["prompt"].diff() for doc in (old, again))
    assert before == after and ({"image": "sha"}, {"bold": True}) in before
    one: Doc[Any] = Doc(client_id=4711)
    one.apply_update(again.get_update())
    one.get("ext", type=Map)["next"] = 1  # its clock goes on behind the seed
    again.apply_update(one.get_update(again.get_state()))
    assert again.get_state() == one.get_state() and again.get("ext", type=Map)["next"] == 1


def test_what_cannot_be_made_again_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.documents.copying._copy_text", lambda source, target: target.insert(0, str(source)))
    with pytest.raises(DocumentUnreadable):
        reseeded(everything().get_update(), Kind.STORYBOARD, 4711)


async def test_a_fat_document_becomes_small_and_goes_on(
    pool: asyncpg.Pool,
    log: DocumentLog,
    snapshots: Snapshots,
    editor: DocumentEditor,
    rebaser: Rebaser,
    new_storyboard: NewStoryboard,
) -> None:
    head = await new_storyboard()
    await edit(editor, head, put("kept", 1))  # the editor keeps a replica of the old epoch
    await grow_fat(log, head)
    old = await log.head(head.document_id)
    fat_bytes = len((await rebuilt(log, head.document_id)).get_update())
    await pool.execute("update documents set projected_seq = seq where id = $1", head.document_id)

    assert await rebaser.rebase(head.document_id)
    new = await log.head(head.document_id)
    assert (new.epoch, new.seq) == (2, 1) and new.server_client != old.server_client
    assert await pool.fetchval("select projected_seq from documents where id = $1", head.document_id) == 0
    (seed,) = await log.read(head.document_id, 2, 0)
    assert (seed.actor, seed.origin) == (None, "rebase") and len(seed.bytes) < fat_bytes / 10
    expected = {"seeded": True, "kept": 1, "title": "Take 99", "count": 99}
    assert ext(await rebuilt(log, head.document_id)) == expected
    assert await log.clients(head.document_id, 2) == {}

    result = await edit(editor, head, put("more", 2))
    assert result.seq == 2
    assert ext(await rebuilt(log, head.document_id)) == {**expected, "more": 2}
    late = Batch(uuid4(), uuid4(), "edit", b"\0\0")
    assert isinstance((await log.append({old.key: [late]})).rejected[old.key], EpochChanged)
    end = await snapshots.latest(head.document_id, 1)
    assert end is not None and end.seq == old.seq  # the old epoch is whole, and read at once
    assert [row.seq async for row in log.tail(head.document_id, 1, 0)] == list(range(1, old.seq + 1))


async def test_who_is_due(
    pool: asyncpg.Pool,
    log: DocumentLog,
    snapshots: Snapshots,
    editor: DocumentEditor,
    rebaser: Rebaser,
    new_storyboard: NewStoryboard,
) -> None:
    slim, many, large = await new_storyboard(), await new_storyboard(), await new_storyboard()
    await grow_fat(log, many)
    seq = (await edit(editor, large, put("text", "x" * 1_000))).seq
    await snapshots.put(large.document_id, 1, seq, (await rebuilt(log, large.document_id)).get_update())
    rounds = await pool.fetchval("select count(*) from documents") // DOCUMENTS_MAX + 1

    async def due(rebaser: Rebaser) -> set[Any]:
        ours = {slim.document_id, many.document_id, large.document_id}
        return ours & {found for _ in range(rounds) for found in await rebaser.due()}

    assert await due(rebaser) == {many.document_id, large.document_id}
    busy = Rebaser(pool, log, snapshots, editor, Fat(bytes=1_000, clients=5))  # somebody wrote just now
    assert await due(busy) == set()
    assert not await rebaser.rebase(large.document_id)  # what it shows is all that it has
    assert await due(rebaser) == {many.document_id}, "not worth it, until somebody writes"
    assert (await log.head(large.document_id)).epoch == 1
    await edit(editor, large, put("more", 1))
    assert large.document_id in await due(rebaser)


async def test_one_of_many_begins_the_epoch(log: DocumentLog, rebaser: Rebaser, new_storyboard: NewStoryboard) -> None:
    head = await new_storyboard()
    await grow_fat(log, head)
    assert sorted(await asyncio.gather(*(rebaser.rebase(head.document_id) for _ in range(4)))) == [False] * 3 + [True]
    assert (await log.head(head.document_id)).epoch == 2


async def test_an_edit_that_comes_between_stays_where_it_is(
    pool: asyncpg.Pool, log: DocumentLog, snapshots: Snapshots, editor: DocumentEditor, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    await grow_fat(log, head)

    class Interrupted:
        async def put(self, *snapshot: Any) -> bool:
            await edit(editor, head, put("late", 1))
            return await snapshots.put(*snapshot)

    rebaser = Rebaser(pool, log, cast(Snapshots, Interrupted()), editor)
    assert not await rebaser.rebase(head.document_id)
    assert (await log.head(head.document_id)).epoch == 1
    assert ext(await rebuilt(log, head.document_id))["late"] == 1
    assert await Rebaser(pool, log, snapshots, editor).rebase(head.document_id)
    assert ext(await rebuilt(log, head.document_id))["late"] == 1


async def test_one_at_which_processes_died_waits_for_an_operator(
    pool: asyncpg.Pool, log: DocumentLog, rebaser: Rebaser, new_storyboard: NewStoryboard
) -> None:
    head, quarantine = await new_storyboard(), Quarantine(pool)
    await grow_fat(log, head)
    for fault in ("once", "twice"):
        await quarantine.note_fault(head.document_id, fault)
    assert not await rebaser.rebase(head.document_id)
    await quarantine.forgive(head.document_id)
    assert await rebaser.rebase(head.document_id)
