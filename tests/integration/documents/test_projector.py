"""Storyboards as rows (A10, C16): what differs is written, never something older, and followers are told."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from pycrdt import Doc, Map

from services.documents import projector as projector_module
from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments, Reading
from services.documents.projector import Projector
from storage.bus import Bus, Message
from storage.errors import DocumentMissing
from storage.events import project_channel, read_events
from storage.log import Head
from sync import ids
from sync.storyboard import server
from tests import scenery

NewStoryboard = Callable[[], Awaitable[Head]]


@pytest.fixture
def projector(editor: DocumentEditor, pool: asyncpg.Pool, bus: Bus) -> Projector:
    return Projector(KeptDocuments(editor), pool, bus)


def scene_id(number: int) -> str:
    return ids.to_text("scn", UUID(int=number))


def add(number: int, ord: str, **more: Any) -> Callable[[Doc[Any]], None]:
    def change(doc: Doc[Any]) -> None:
        values = {"num": str(number), "title": f"Title {number}", "prompt": f"Prompt {number}", **more}
        scenery.add_scene(doc, scenery.NewScene(id=scene_id(number), ord=ord, **values))

    return change


def set_keys(number: int, **keys: Any) -> Callable[[Doc[Any]], None]:
    return lambda doc: server.set_keys(doc, scene_id(number), keys)


async def edit(editor: DocumentEditor, head: Head, *changes: Callable[[Doc[Any]], None]) -> int:
    def change(doc: Doc[Any]) -> None:
        for each in changes:
            each(doc)

    return (await editor.edit(head.document_id, change, origin="test", batch_id=uuid4())).seq


async def rows(pool: asyncpg.Pool, head: Head) -> list[tuple[Any, ...]]:
    records = await pool.fetch(
        "select id, position, number, title, prompt, status, seq from scenes where document_id = $1 order by position",
        head.document_id,
    )
    return [tuple(record) for record in records]


async def events(pool: asyncpg.Pool, head: Head) -> list[dict[str, Any]]:
    read = await read_events(pool, head.project_id, 0)
    assert {event.kind for event in read} <= {"scene"}
    return [event.payload for event in read]


async def test_scenes_become_rows_in_story_order(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_storyboard: NewStoryboard
) -> None:
    head, take = await new_storyboard(), uuid4()
    await edit(editor, head, add(1, "b"), add(2, "a", slug={"ie": "INT", "loc": "Bar", "tod": "NIGHT"}, est_f=96))
    seq = await edit(editor, head, set_keys(1, st="complete", cur=ids.to_text("tak", take)))
    assert await projector.project(head.document_id)
    assert await rows(pool, head) == [
        (scene_id(2), 0, "2", "Title 2", "Prompt 2", "draft", seq),
        (scene_id(1), 1, "1", "Title 1", "Prompt 1", "complete", seq),
    ]
    slug = "select slug from scenes where document_id = $1 and position = 0 and est_frames = 96"
    assert await pool.fetchval(slug, head.document_id) == '{"ie": "INT", "loc": "Bar", "tod": "NIGHT"}'
    current = "select current_take from scenes where document_id = $1 and position = 1"
    assert await pool.fetchval(current, head.document_id) == take
    assert await pool.fetchval("select projected_seq from documents where id = $1", head.document_id) == seq


async def test_c16_only_what_differs_is_written_and_removals_are_included(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    first = await edit(editor, head, add(1, "a"), add(2, "b"), add(3, "c"))
    await projector.project(head.document_id)
    second = await edit(editor, head, set_keys(3, title="New"), set_keys(2, **{"del": {"by": "x", "at": 1}}))
    await projector.project(head.document_id)
    assert [(row[0], row[1], row[3], row[6]) for row in await rows(pool, head)] == [
        (scene_id(1), 0, "Title 1", first),
        (scene_id(3), 1, "New", second),
    ]


async def test_followers_are_told_what_changed(
    projector: Projector, editor: DocumentEditor, bus: Bus, pool: asyncpg.Pool, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    await edit(editor, head, add(1, "a"), add(2, "b"))
    async with bus.subscription() as subscription:
        await subscription.add(project_channel(head.project_id))
        await projector.project(head.document_id)
        assert await subscription.next() == Message(project_channel(head.project_id), b'{"type": "event", "cursor": 2}')
    await edit(editor, head, set_keys(1, title="New"), set_keys(2, **{"del": {"by": "x", "at": 1}}))
    await projector.project(head.document_id)
    told = await events(pool, head)
    assert told[0] == {
        "scn": scene_id(1),
        "position": 0,
        "num": "1",
        "title": "Title 1",
        "slug": {},
        "prompt": "Prompt 1",
        "status": "draft",
        "take": None,
        "est_f": None,
    }
    assert told[2:] == [{"scn": scene_id(1), "title": "New"}, {"scn": scene_id(2), "removed": True}]


async def test_nothing_new_writes_and_tells_nothing(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    await edit(editor, head, add(1, "a"))
    assert await projector.project(head.document_id)
    assert not await projector.project(head.document_id)
    before = await rows(pool, head)
    await edit(editor, head, lambda doc: doc.get("ext", type=Map).update({"k": 1}))
    assert await projector.project(head.document_id)
    assert await rows(pool, head) == before
    assert len(await events(pool, head)) == 1


async def test_c16_an_older_document_never_replaces_a_newer(
    editor: DocumentEditor, pool: asyncpg.Pool, bus: Bus, new_storyboard: NewStoryboard
) -> None:
    """A projector that loaded before an edit and writes after the projection of that edit."""
    head = await new_storyboard()
    await edit(editor, head, add(1, "a"))
    slow, fast = asyncio.Event(), asyncio.Event()

    class Slow(KeptDocuments):
        async def read(self, document_id: UUID) -> Reading:
            reading = await super().read(document_id)
            slow.set()
            await fast.wait()
            return reading

    late = Projector(Slow(editor), pool, bus)
    waiting = asyncio.ensure_future(late.project(head.document_id))
    await slow.wait()
    seq = await edit(editor, head, set_keys(1, title="Newer"))
    assert await Projector(KeptDocuments(editor), pool, bus).project(head.document_id)
    fast.set()
    assert not await waiting
    assert [(row[3], row[6]) for row in await rows(pool, head)] == [("Newer", seq)]


async def test_many_projectors_at_once_project_once(
    projector: Projector,
    other_editor: DocumentEditor,
    bus: Bus,
    editor: DocumentEditor,
    pool: asyncpg.Pool,
    new_storyboard: NewStoryboard,
) -> None:
    head = await new_storyboard()
    await edit(editor, head, *(add(number, f"a{number}") for number in range(5)))
    other = Projector(KeptDocuments(other_editor), pool, bus)
    results = await asyncio.gather(*(each.project(head.document_id) for each in (projector, other) * 3))
    assert sorted(results) == [False] * 5 + [True]
    assert len(await events(pool, head)) == 5


async def test_p14_many_changes_are_told_once(
    projector: Projector,
    editor: DocumentEditor,
    pool: asyncpg.Pool,
    new_storyboard: NewStoryboard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(projector_module, "SCENE_EVENTS_MAX", 3)
    head = await new_storyboard()
    await edit(editor, head, *(add(number, f"a{number}") for number in range(4)))
    await projector.project(head.document_id)
    assert await events(pool, head) == [{"scn": None, "many": True}]
    assert len(await rows(pool, head)) == 4


async def test_what_a_client_may_write_and_sql_cannot_hold(
    projector: Projector, editor: DocumentEditor, pool: asyncpg.Pool, new_storyboard: NewStoryboard
) -> None:
    head = await new_storyboard()
    odd = {"title": "nul\x00", "slug": {"loc\x00": ["\x00", 1.5, None]}, "est_f": 2**40, "cur": "tak_?", "num": 7}
    await edit(editor, head, add(1, "a", prompt="\x00 \U0001f600"), set_keys(1, **odd))
    assert await projector.project(head.document_id)
    (row,) = await rows(pool, head)
    assert row[2:5] == ("", "nul\ufffd", "\ufffd \U0001f600")


async def test_what_is_not_there_cannot_be_shown(projector: Projector) -> None:
    with pytest.raises(DocumentMissing):
        await projector.project(uuid4())


async def test_what_is_shown_already_is_not_read_again(
    projector: Projector, editor: DocumentEditor, new_storyboard: NewStoryboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening a document asks for its projection: a large one must not be loaded for nothing."""
    head = await new_storyboard()
    await edit(editor, head, add(1, "a"))
    assert await projector.project(head.document_id)

    async def read(self: KeptDocuments, document_id: UUID) -> Reading:
        raise AssertionError("the document was read")

    monkeypatch.setattr(KeptDocuments, "read", read)
    assert not await projector.project(head.document_id)
    await edit(editor, head, add(2, "b"))
    with pytest.raises(AssertionError, match="was read"):
        await projector.project(head.document_id)
