"""Server edits through the log (C12): at the head, under one client id, all or nothing, once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from pycrdt import Doc, Map

from services.documents.editor import DocumentEditor
from storage.bus import Bus, Message, document_channel
from storage.log import Batch, DocumentLog, Head
from storage.postgres import Connection
from sync import relay

from .conftest import edit, ext, own_clocks, put, rebuilt

NewStoryboard = Callable[[], Awaitable[Head]]


async def client_edit(log: DocumentLog, head: Head, key: str, value: object) -> None:
    """Somebody's browser, whose edit a hub has committed."""
    doc = await rebuilt(log, head.document_id)
    before = doc.get_state()
    doc.get("ext", type=Map)[key] = value
    current = await log.head(head.document_id)
    result = await log.append({current.key: [Batch(uuid4(), uuid4(), "client", doc.get_update(before))]})
    assert result.committed


async def test_an_edit_is_one_row_under_the_servers_client_id(
    editor: DocumentEditor, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head, actor, batch_id = await new_storyboard(), uuid4(), uuid4()
    result = await edit(editor, head, put("a", 1), batch_id=batch_id, actor=actor, origin="rest")
    assert (result.seq, result.changed) == (2, True)
    (row,) = await log.read(head.document_id, 1, 1)
    assert (row.batch_id, row.actor, row.origin, row.bytes) == (batch_id, actor, "rest", result.bytes)
    doc = await rebuilt(log, head.document_id)
    assert ext(doc) == {"seeded": True, "a": 1}
    assert doc.get_state() == b"\x01" + varint(head.server_client) + b"\x02"  # one client, two structs


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


async def test_c14_other_nodes_are_told_of_the_row(
    editor: DocumentEditor, bus: Bus, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    async with bus.subscription() as subscription:
        await subscription.add(document_channel(head.document_id))
        result = await edit(editor, head, put("a", 1))
        message = await subscription.next()
    assert isinstance(message, Message)
    assert relay.decode(message.payload) == relay.Rows(1, (relay.CommittedRow(2, "test", result.bytes),))


async def test_c12_edits_stand_on_what_others_committed_meanwhile(
    editor: DocumentEditor, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    for number in range(4):
        await edit(editor, head, put(f"server{number}", number))
        await client_edit(log, head, f"client{number}", number)
    doc = await rebuilt(log, head.document_id)
    assert len(ext(doc)) == 9
    loaded = await editor.load(head.document_id)
    assert (loaded.seq, ext(loaded.doc)) == (9, ext(doc))


async def test_c12_two_processes_that_race_never_fork_a_client_and_clock(
    editor: DocumentEditor, other_editor: DocumentEditor, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()

    async def process(editor: DocumentEditor, name: str) -> None:
        for number in range(10):
            await edit(editor, head, put(f"{name}{number}", number))

    async with asyncio.TaskGroup() as group:
        for name, which in (("a", editor), ("b", other_editor), ("c", editor), ("d", other_editor)):
            group.create_task(process(which, name))
        for number in range(5):
            await client_edit_somehow(log, head, f"client{number}")

    rows = [row async for row in log.tail(head.document_id, 1, 0)]
    assert [row.seq for row in rows] == list(range(1, 47))
    forwards, backwards = Doc[Any](), Doc[Any]()
    for row in rows:
        forwards.apply_update(row.bytes)
    for row in reversed(rows):
        backwards.apply_update(row.bytes)
    assert forwards.get_update() == backwards.get_update()
    assert len(ext(forwards)) == 46
    for one in (editor, other_editor):  # their replicas too
        assert ext((await one.load(head.document_id)).doc) == ext(forwards)
        assert not (await edit(one, head, lambda doc: None)).changed
    servers = [row.bytes for row in rows if row.origin != "client"]
    clocks = [clock for data in servers for clock in own_clocks(data, head.server_client)]
    assert clocks == list(range(len(clocks)))


async def client_edit_somehow(log: DocumentLog, head: Head, key: str) -> None:
    doc = await rebuilt(log, head.document_id)
    before = doc.get_state()
    doc.get("ext", type=Map)[key] = True
    batch = Batch(uuid4(), uuid4(), "client", doc.get_update(before))
    while (await log.append({head.key: [batch]})).postponed:
        pass


async def test_a_change_that_changes_nothing_appends_nothing(
    editor: DocumentEditor, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()

    def look(doc: Doc[Any]) -> None:
        assert ext(doc) == {"seeded": True}

    seen: list[int] = []

    async def within(connection: Connection, seq: int) -> None:
        seen.append(seq)

    result = await edit(editor, head, look, within=within)
    assert (result.seq, result.changed, result.bytes, seen) == (1, False, b"", [1])
    assert (await log.head(head.document_id)).seq == 1


async def test_a_deletion_is_a_change_and_carries_only_itself(
    editor: DocumentEditor, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    await edit(editor, head, put("a", 1))
    await edit(editor, head, put("b", 2))

    def remove(key: str) -> Callable[[Doc[Any]], None]:
        def change(doc: Doc[Any]) -> None:
            del doc.get("ext", type=Map)[key]

        return change

    first = await edit(editor, head, remove("a"))
    second = await edit(editor, head, remove("b"))
    assert first.changed and second.changed
    assert len(second.bytes) == len(first.bytes)  # not the whole delete set
    assert ext(await rebuilt(log, head.document_id)) == {"seeded": True}


async def test_c8_the_same_batch_appends_once(
    editor: DocumentEditor, other_editor: DocumentEditor, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head, batch_id = await new_storyboard(), uuid4()
    inside: list[int] = []

    async def within(connection: Connection, seq: int) -> None:
        inside.append(seq)

    first = await edit(editor, head, put("a", 1), batch_id=batch_id, within=within)
    await edit(editor, head, put("b", 2))
    for again in (editor, other_editor):
        result = await edit(again, head, put("a", 1), batch_id=batch_id, within=within)
        assert (result.seq, result.changed) == (first.seq, False)
    assert inside == [2]
    assert (await log.head(head.document_id)).seq == 3


async def test_c12_a_fence_that_raises_leaves_nothing(
    editor: DocumentEditor, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    class FencedOut(Exception):
        pass

    async def fence(connection: Connection) -> None:
        assert await connection.fetchval("select 1") == 1
        raise FencedOut

    head = await new_storyboard()
    with pytest.raises(FencedOut):
        await edit(editor, head, put("late", 1), fence=fence)
    assert (await log.head(head.document_id)).seq == 1
    await edit(editor, head, put("a", 1))
    assert ext(await rebuilt(log, head.document_id)) == {"seeded": True, "a": 1}


async def test_c9_the_fence_locks_before_the_head_does(
    editor: DocumentEditor, pool: asyncpg.Pool, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    """Who holds a run and wants the head must not meet an edit that holds the head and wants the run."""
    head = await new_storyboard()

    async def fence(connection: Connection) -> None:
        assert (await log.append({head.key: [Batch(uuid4(), None, "test", b"\x00\x00")]})).postponed == set()

    assert (await edit(editor, head, put("a", 1), fence=fence)).seq == 3


async def test_what_within_writes_stands_or_falls_with_the_edit(
    editor: DocumentEditor, pool: asyncpg.Pool, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()

    async def rename(connection: Connection, seq: int) -> None:
        await connection.execute("update projects set title = $2 where id = $1", head.project_id, f"at {seq}")

    async def rename_and_fail(connection: Connection, seq: int) -> None:
        await rename(connection, 99)
        raise KeyError

    with pytest.raises(KeyError):
        await edit(editor, head, put("a", 1), within=rename_and_fail)
    assert (await log.head(head.document_id)).seq == 1
    await edit(editor, head, put("b", 2), within=rename)
    assert await pool.fetchval("select title from projects where id = $1", head.project_id) == "at 2"
    assert ext(await rebuilt(log, head.document_id)) == {"seeded": True, "b": 2}


async def test_a_change_that_raises_leaves_the_log_and_the_next_edit_untouched(
    editor: DocumentEditor, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    await edit(editor, head, put("a", 1))

    def half(doc: Doc[Any]) -> None:
        put("half", True)(doc)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await edit(editor, head, half)
    assert (await log.head(head.document_id)).seq == 2
    await edit(editor, head, put("b", 2))
    assert ext(await rebuilt(log, head.document_id)) == {"seeded": True, "a": 1, "b": 2}


async def test_a_loaded_copy_is_the_readers_own(
    editor: DocumentEditor, log: DocumentLog, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    loaded = await editor.load(head.document_id)
    put("scribble", 1)(loaded.doc)
    await edit(editor, head, put("a", 1))
    assert ext(await rebuilt(log, head.document_id)) == {"seeded": True, "a": 1}
