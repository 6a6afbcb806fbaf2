"""Locked scenes over real sockets: who edits one, and an edit that a lock overtakes on its way to the log (C17)."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from pycrdt import Doc, Map

from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from services.locks.overtaken import OvertakenEdits
from services.proposals.model import unpack
from services.proposals.service import Proposals
from services.users.model import Role
from storage.bus import MemoryBus
from storage.errors import LockedMeanwhile
from storage.log import Batch, DocumentKey
from storage.objects import Objects
from storage.postgres import Connection
from storage.snapshots import Snapshots
from storage.tables.documents import note_lock
from tests.interop.conftest import Board, Hub
from tests.interop.participants import DIALECTS, Dialect, Refused, join

LOCK = {"by": "usr_ada", "at": 1, "why": "approved"}


async def content(board: Board) -> Doc[Any]:
    doc: Doc[Any] = Doc()
    for row in await board.rows():
        doc.apply_update(row)
    return doc


async def lock(board: Board, objects: Objects, scene: str) -> int:
    """As another node does that nobody has heard of yet."""
    editor = DocumentEditor(board.log, Snapshots(board.pool, objects), MemoryBus(), board.pool)

    def change(doc: Doc[Any]) -> None:
        doc.get("scenes", type=Map)[scene]["lock"] = LOCK

    async def within(connection: Connection, seq: int) -> None:
        await note_lock(connection, board.document_id, seq)

    done = await editor.edit(
        board.document_id, change, origin="lock", batch_id=uuid4(), within=within, keeps_locks=False
    )
    return done.seq


def edited(board: Doc[Any], scene: str, title: str) -> bytes:
    """What somebody with this replica sends who changes the title."""
    state = board.get_state()
    with board.transaction():
        board.get("scenes", type=Map)[scene]["title"] = title
    return bytes(board.get_update(state))


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_w61_who_edits_a_locked_scene_is_asked_for_all_of_it_and_sent_away(
    dialect: Dialect, hub_a: Hub, board: Board, objects: Objects
) -> None:
    locked, free = board.scenes
    await lock(board, objects, locked)  # before the hub opens the document
    replica = await content(board)
    base = replica.get_state()
    async with (
        join(dialect, hub_a.websocket, board.name, board.token(Role.EDITOR)) as one,
        join("/collab", hub_a.websocket, board.name, board.token(Role.OWNER)) as other,
    ):
        await one.update(edited(replica, locked, "Refused"))
        await one.update(edited(replica, free, "Typed behind it"))
        await one.until("step1")
        await one.step2(replica.get_update(base))
        assert await one.refusal() == Refused(None if dialect == "/collab" else 4422, "scene.locked")
        row = await board.proposal()
        assert (row.reason, row.detail) == ("scene.locked", f"{locked} is locked by usr_ada: approved")
        assert unpack(row.bytes)[-1] == replica.get_update(base)
        await other.update(edited(await content(board), free, "Others go on"))
        assert (await other.until("status")).text == "1"
    scenes = (await content(board)).get("scenes", type=Map)
    assert (scenes[locked]["title"], scenes[free]["title"]) != ("Refused", "Typed behind it")
    assert scenes[free]["title"] == "Others go on"


async def test_c17_a_commit_that_was_not_answered_gives_the_same_rows_again(board: Board, objects: Objects) -> None:
    locked, free = board.scenes
    bus, snapshots = MemoryBus(), Snapshots(board.pool, objects)
    editor = DocumentEditor(board.log, snapshots, bus, board.pool)
    proposals = Proposals(board.pool, board.log, bus, editor, Projector(KeptDocuments(editor), board.pool, bus))
    overtaken = OvertakenEdits(board.log, editor, proposals)
    replica = await content(board)
    seen = (await board.log.head(board.document_id)).seq
    updates = [edited(replica, locked, "Overtaken"), edited(replica, free, "Free"), edited(replica, locked, "Again")]
    author = board.people[Role.EDITOR].user_id
    batches = [Batch(uuid4(), author, "edit", update, seen=seen) for update in updates]
    await lock(board, objects, locked)
    key = DocumentKey(board.document_id, 1)
    rejected = (await board.log.append({key: batches})).rejected
    assert isinstance(rejected[key], LockedMeanwhile)
    first = await overtaken.commit(key, batches)
    assert [each.row is not None for each in first] == [True, False, False]
    assert await overtaken.commit(key, batches) == first
    scenes = (await content(board)).get("scenes", type=Map)
    assert (scenes[locked]["title"] != "Again", scenes[free]["title"]) == (True, "Free")
    assert (await board.proposal()).author == author, "one for all that was done in a row"


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_c17_an_edit_that_a_lock_overtakes_becomes_a_proposal(
    dialect: Dialect, hub_a: Hub, board: Board, objects: Objects
) -> None:
    locked, free = board.scenes
    async with (
        join(dialect, hub_a.websocket, board.name, board.token(Role.EDITOR)) as one,
        join("/collab", hub_a.websocket, board.name, board.token(Role.OWNER)) as other,
    ):
        replica = await content(board)
        title = replica.get("scenes", type=Map)[locked]["title"]
        state = replica.get_state()
        with replica.transaction():
            replica.get("scenes", type=Map)[locked]["title"] = "Overtaken"
            replica.get("scenes", type=Map)[free]["title"] = "Free"
        await lock(board, objects, locked)
        await one.update(replica.get_update(state))
        if dialect == "/collab":
            assert (await one.until("status")).text == "1"
        row = await board.proposal()
        assert (row.reason, row.author) == ("scene.locked", board.people[Role.EDITOR].user_id)
        assert row.detail == f"{locked} is locked by usr_ada: approved"
        scenes = (await content(board)).get("scenes", type=Map)
        assert (scenes[locked]["title"], scenes[free]["title"]) == (title, "Free")
        assert (await hub_a.scraped())["storyforge_overtaken_edits_total"] >= 1

        heard: Doc[Any] = Doc()
        async with asyncio.timeout(5):
            while True:
                heard.apply_update(await other.content())
                shown = heard.get("scenes", type=Map)
                if free in shown and shown[free]["title"] == "Free" and shown[locked]["title"] == title:
                    break
                await other.until("update")
