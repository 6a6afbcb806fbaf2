"""An edit that a lock overtakes on its way to the log: nobody is thrown out, and it is not in the document (C17)."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from pycrdt import Doc, Map

from services.documents.editor import DocumentEditor
from services.users.model import Role
from storage.bus import MemoryBus
from storage.objects import Objects
from storage.postgres import Connection
from storage.snapshots import Snapshots
from storage.tables.documents import note_lock
from tests.interop.conftest import Board, Hub
from tests.interop.participants import DIALECTS, Dialect, join

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
