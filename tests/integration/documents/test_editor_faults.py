"""Server edits when something breaks: panics, bad rows, restores, lost answers, held heads, limits (C5, C12, C15)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn
from uuid import uuid4

import asyncpg
import pytest
from pycrdt import Doc, Map, Text

from services.documents import editor as editor_module
from services.documents.editor import EDIT_BYTES_MAX, DocumentEditor
from services.documents.errors import DocumentUnreadable, EditTooBig
from storage.bus import Bus
from storage.errors import DocumentMissing, EpochChanged, StoreAway
from storage.log import Batch, Committed, DocumentLog, Head
from storage.objects import Objects
from storage.postgres import Connection
from storage.quarantine import Quarantine
from storage.snapshots import Snapshots

from .conftest import edit, ext, own_clocks, put, rebuilt

NewStoryboard = Callable[[], Awaitable[Head]]


async def test_an_edit_without_a_bus_is_committed_all_the_same(
    log: DocumentLog, snapshots: Snapshots, pool: asyncpg.Pool, new_storyboard: NewStoryboard
) -> None:
    class Away:
        async def publish(self, channel: str, payload: bytes) -> None:
            raise StoreAway("Redis")

        async def publish_all(self, publications: Sequence[tuple[str, bytes]]) -> None:
            raise StoreAway("Redis")

        def subscription(self) -> NoReturn:
            raise StoreAway("Redis")

    head = await new_storyboard()
    assert (await edit(DocumentEditor(log, snapshots, Away(), pool), head, put("a", 1))).seq == 2


async def test_c5_a_panic_of_native_code_drops_the_replica(
    editor: DocumentEditor, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    class Panic(BaseException):
        """Like pyo3's: no `Exception`."""

    head = await new_storyboard()

    def panic(doc: Doc[Any]) -> None:
        put("half", True)(doc)
        raise Panic

    with pytest.raises(DocumentUnreadable, match="Panic"):
        await edit(editor, head, panic)
    await edit(editor, head, put("a", 1))
    assert ext(await rebuilt(log, head.document_id)) == {"seeded": True, "a": 1}


async def test_c5_rows_that_cannot_be_read_are_named_and_quarantined_ones_passed_over(
    editor: DocumentEditor, pool: asyncpg.Pool, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    await edit(editor, head, put("a", 1))
    await log.append({head.key: [Batch(uuid4(), None, "test", b"\xff\xff")]})
    with pytest.raises(DocumentUnreadable):
        await edit(editor, head, put("b", 2))
    with pytest.raises(DocumentUnreadable):
        await editor.load(head.document_id)
    await Quarantine(pool).add(head.document_id, b"\xff\xff", "test")
    assert (await edit(editor, head, put("b", 2))).seq == 4
    assert ext((await editor.load(head.document_id)).doc) == {"seeded": True, "a": 1, "b": 2}


async def test_c12_a_new_epoch_or_server_client_drops_the_replica(
    editor: DocumentEditor, pool: asyncpg.Pool, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    await edit(editor, head, put("old", 1))
    seed: Doc[Any] = Doc(client_id=77)
    put("new", 2)(seed)
    await pool.execute("update documents set epoch = 2, seq = 0, server_client = 78 where id = $1", head.document_id)
    now = await log.head(head.document_id)
    await log.append({now.key: [Batch(uuid4(), None, "seed", seed.get_update())]})
    result = await edit(editor, head, put("c", 3))
    assert result.seq == 2
    doc = await rebuilt(log, head.document_id)
    assert ext(doc) == {"new": 2, "c": 3}
    assert own_clocks(result.bytes, 78) == [0]
    with pytest.raises(EpochChanged):
        await editor.load(head.document_id, epoch=1)
    assert (await editor.load(head.document_id, epoch=2)).seq == 2


async def test_c12_a_replica_ahead_of_a_restored_log_is_dropped(
    editor: DocumentEditor, pool: asyncpg.Pool, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    await edit(editor, head, put("lost", 1))
    await pool.execute("delete from document_log where document_id = $1 and seq = 2", head.document_id)
    await pool.execute("update documents set seq = 1, server_client = 79 where id = $1", head.document_id)
    await edit(editor, head, put("a", 1))
    assert ext(await rebuilt(log, head.document_id)) == {"seeded": True, "a": 1}


async def test_an_epoch_that_ends_between_preparing_and_locking_is_noticed(
    editor: DocumentEditor, pool: asyncpg.Pool, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    moves = [2]

    async def fence(connection: Connection) -> None:
        if moves:
            await pool.execute("update documents set epoch = $2, seq = 0 where id = $1", head.document_id, moves.pop())

    assert (await edit(editor, head, put("a", 1), fence=fence)).seq == 1
    assert ext(await rebuilt(log, head.document_id)) == {"a": 1}


async def test_a_head_held_elsewhere_is_waited_for_and_then_the_store_is_away(
    editor: DocumentEditor, pool: asyncpg.Pool, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    async with pool.acquire() as holder:
        async with holder.transaction():
            await log.lock_head(holder, head.document_id)
            await holder.execute("set local idle_in_transaction_session_timeout = 0")
            with pytest.raises(StoreAway):
                await edit(editor, head, put("late", 1))
        async with holder.transaction():
            await log.lock_head(holder, head.document_id)
            await holder.execute("set local idle_in_transaction_session_timeout = 0")
            waiting = asyncio.ensure_future(edit(editor, head, put("a", 1)))
            while not await holder.fetchval("select exists (select from pg_locks where not granted)"):
                pass
        assert (await waiting).seq == 2


class Forgetful(DocumentLog):
    """Commits the append of the first attempt and then reports the loss of the connection."""

    losses = 1

    async def append_locked(self, connection: Connection, head: Head, batches: Sequence[Batch]) -> Committed:
        committed = await super().append_locked(connection, head, batches)
        if self.losses:
            self.losses -= 1
            await connection.execute("commit")
            connection.terminate()
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        return committed


async def test_a_commit_whose_answer_is_lost_is_not_made_twice(
    database_url: str,
    pool: asyncpg.Pool,
    objects: Objects,
    snapshots: Snapshots,
    bus: Bus,
    new_storyboard: NewStoryboard,
) -> None:
    log, head = Forgetful(pool, objects), await new_storyboard()
    result = await edit(DocumentEditor(log, snapshots, bus, pool), head, put("a", 1))
    assert result.seq == 2
    assert (await log.head(head.document_id)).seq == 2
    assert ext(await rebuilt(log, head.document_id)) == {"seeded": True, "a": 1}


async def test_a_fence_that_moved_with_a_lost_answer_does_not_fence_its_own_edit_out(
    pool: asyncpg.Pool, objects: Objects, snapshots: Snapshots, bus: Bus, new_storyboard: NewStoryboard
) -> None:
    log, head = Forgetful(pool, objects), await new_storyboard()

    async def finish(connection: Connection) -> None:
        done = "update projects set title = 'done' where id = $1 and title <> 'done'"
        if await connection.execute(done, head.project_id) != "UPDATE 1":
            raise KeyError("somebody else finished it")

    result = await edit(DocumentEditor(log, snapshots, bus, pool), head, put("a", 1), fence=finish)
    assert (result.seq, (await log.head(head.document_id)).seq) == (2, 2)
    with pytest.raises(KeyError):
        await edit(DocumentEditor(log, snapshots, bus, pool), head, put("b", 1), fence=finish)


async def test_an_unknown_document_is_missing(editor: DocumentEditor) -> None:
    with pytest.raises(DocumentMissing):
        await editor.load(uuid4())
    with pytest.raises(DocumentMissing):
        await editor.edit(uuid4(), put("a", 1), origin="test", batch_id=uuid4())


async def test_p14_an_edit_is_bounded(editor: DocumentEditor, log: DocumentLog, new_storyboard: NewStoryboard) -> None:
    head = await new_storyboard()

    def flood(doc: Doc[Any]) -> None:
        doc.get("ext", type=Map)["text"] = Text("x" * EDIT_BYTES_MAX)

    with pytest.raises(EditTooBig):
        await edit(editor, head, flood)
    assert (await log.head(head.document_id)).seq == 1


async def test_c15_a_long_tail_becomes_a_snapshot_and_the_log_stays(
    editor: DocumentEditor,
    log: DocumentLog,
    snapshots: Snapshots,
    new_storyboard: NewStoryboard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(editor_module, "SNAPSHOT_ROWS_MIN", 5)
    head = await new_storyboard()
    for number in range(4):
        await edit(editor, head, put(f"k{number}", number))
    assert await snapshots.latest(head.document_id, 1) is None
    await editor.load(head.document_id)
    snapshot = await snapshots.latest(head.document_id, 1)
    assert snapshot is not None and snapshot.seq == 5
    await edit(editor, head, put("after", 1))
    assert len(ext((await editor.load(head.document_id)).doc)) == 6
    assert len([row async for row in log.tail(head.document_id, 1, 0)]) == 6


async def test_p14_few_replicas_are_kept(
    editor: DocumentEditor, new_storyboard: NewStoryboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editor_module, "REPLICAS_MAX", 3)
    heads = [await new_storyboard() for _ in range(5)]
    for _ in range(2):
        for head in heads:
            await edit(editor, head, put("a", str(uuid4())))
    assert editor.replicas == 3
    monkeypatch.setattr(editor_module, "REPLICA_BYTES_MAX", 1)
    await edit(editor, heads[0], put("b", 1))
    assert editor.replicas == 0
