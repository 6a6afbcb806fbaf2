"""Storyboards on a hub: two people edit one story at once, and the server writes back what has to be."""

import asyncio
from random import Random
from typing import Any

from pycrdt import Doc, Map

from realtime.client import open_client
from services.users.model import Role
from sync.client import Change, Client
from sync.storyboard.content import content_of
from sync.storyboard.gestures import Storyboard
from sync.storyboard.resolve import resolve
from tests.interop.conftest import Board, Hub
from tests.interop.wire import TIMEOUT_S


def gesture(name: str, *arguments: Any) -> Change:
    """Made on whatever replica it is made on."""

    def change(doc: Doc[Any]) -> None:
        getattr(Storyboard(doc, Random(1).randbytes, "usr_x", 1), name)(*arguments)

    return change


def at_one_place(doc: Doc[Any]) -> None:
    """What somebody without our gestures may write: every scene at the same place, one in none that there is."""
    scenes = doc.get("scenes", type=Map)
    first, second = sorted(scenes)
    scenes[first]["ord"] = scenes[second]["ord"] = "V"
    scenes[second]["par"] = "seq_nowhere"


async def test_w63_what_a_storyboard_wants_is_written_by_the_server(hub_a: Hub, hub_b: Hub, board: Board) -> None:
    async with (
        asyncio.timeout(TIMEOUT_S),
        open_client(hub_a.websocket, board.name, board.token(), Random(1)) as ada,
        open_client(hub_b.websocket, board.name, board.token(Role.OWNER), Random(2)) as ben,
    ):
        await ada.saved()
        await ben.saved()
        before = [node.id for node in resolve(content_of(ada.client.doc)).scenes()]
        ada.edit(at_one_place)
        assert len(resolve(content_of(ada.client.doc)).repairs) == 2

        def is_repaired(client: Client) -> bool:
            content = content_of(client.doc)
            return content["scenes"][max(before)].get("par") == "" and not resolve(content).repairs

        await ada.until(is_repaired)
        await ben.until(is_repaired)
        assert [node.id for node in resolve(content_of(ben.client.doc)).scenes()] == sorted(before)
    rows = [row async for row in board.log.tail(board.document_id, 1, 1)]
    assert [row.origin for row in rows].count("repair") == 1, "two hubs have it open, one repairs"


async def test_what_two_people_do_apart_is_kept(hub_a: Hub, board: Board) -> None:
    first, second = board.scenes
    async with (
        asyncio.timeout(TIMEOUT_S),
        open_client(hub_a.websocket, board.name, board.token(), Random(1)) as ada,
        open_client(hub_a.websocket, board.name, board.token(Role.OWNER), Random(2)) as ben,
    ):
        await ada.saved()
        await ben.saved()
        ben.cut()
        await ben.until(lambda client: client.status == "offline")
        ben.edit(gesture("add_shot", {"desc": "Hands."}, second))
        ada.edit(gesture("merge_scenes", first, second))
        await ada.saved()
        await ben.saved()

        def is_merged(client: Client) -> bool:
            seen = resolve(content_of(client.doc))
            (scene,) = seen.scenes() if len(seen.scenes()) == 1 else (None,)
            return scene is not None and len(seen.within("shots", scene)) == 1

        await ada.until(is_merged)
        await ben.until(is_merged)
