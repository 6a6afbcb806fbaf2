"""Documents that nobody has edited for a while are kept as their bytes: joins do not wake them, an edit does."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from realtime.client import open_client
from realtime.settings import IN_PROCESS_BYTES_MAX
from services.users.model import Role
from sync.limits import KIB
from tests.interop.conftest import Board, Hub, OpenHub
from tests.interop.test_large_documents import TIMEOUT_S, grow, said, until
from tests.interop.test_native import put


@dataclass(frozen=True, slots=True)
class Hotel:
    """`is_remote`: documents live in replica processes."""

    hub: Hub
    is_remote: bool


@pytest_asyncio.fixture(params=[False, True], ids=["here", "there"])
async def hotel(hub_of: OpenHub, request: pytest.FixtureRequest) -> AsyncIterator[Hotel]:
    bytes_max = 4 * KIB if request.param else IN_PROCESS_BYTES_MAX
    async with hub_of(in_process_bytes_max=bytes_max, rest_after_s=0.1) as hub:
        yield Hotel(hub, request.param)


async def test_it_rests_is_joined_and_is_woken_by_an_edit(hotel: Hotel, board: Board) -> None:
    hub = hotel.hub
    async with asyncio.timeout(TIMEOUT_S), open_client(hub.websocket, board.name, board.token()) as ada:
        await grow(ada)
        await until(hub, "storyforge_replica_documents", float(hotel.is_remote))
        await until(hub, "storyforge_doc_at_rest", 1)
        async with open_client(hub.websocket, board.name, board.token(Role.VIEWER)) as rae:
            await rae.until(lambda client: len(said(client)) == 8)
            if not hotel.is_remote:
                assert (await hub.scraped())["storyforge_doc_at_rest"] == 1
            ada.edit(put("woken", "by this"))
            await ada.saved()
            await rae.until(lambda client: said(client).get("woken") == "by this")
            assert said(ada.client) == said(rae.client)
        await until(hub, "storyforge_doc_at_rest", 1)
        ada.cut()
        ada.edit(put("offline", "meanwhile"))
        await ada.until(lambda client: ada.connections == 2)
        await ada.saved()
    assert b"meanwhile" in (await board.rows())[-1]


async def test_rows_of_another_node_wake_it(hotel: Hotel, hub_b: Hub, board: Board) -> None:
    hub = hotel.hub
    async with (
        asyncio.timeout(TIMEOUT_S),
        open_client(hub.websocket, board.name, board.token()) as ada,
        open_client(hub_b.websocket, board.name, board.token(Role.OWNER)) as ben,
    ):
        await grow(ada)
        await until(hub, "storyforge_doc_at_rest", 1)
        for number in range(5):
            ben.edit(put("far", number))
        await ben.saved()
        await ada.until(lambda client: said(client).get("far") == 4)
        async with open_client(hub.websocket, board.name, board.token(Role.VIEWER)) as late:
            await late.until(lambda client: said(client).get("far") == 4)
        await until(hub, "storyforge_doc_at_rest", 1)


async def test_it_opens_at_rest_from_its_snapshot(hub_of: OpenHub, board: Board) -> None:
    async with hub_of(unload_after_s=0.1) as hub, asyncio.timeout(TIMEOUT_S):
        async with open_client(hub.websocket, board.name, board.token()) as ada:
            await grow(ada)
            assert (await hub.scraped())["storyforge_doc_at_rest"] == 0
        await until(hub, "storyforge_doc_open", 0)
        async with open_client(hub.websocket, board.name, board.token()) as ada:
            await ada.until(lambda client: len(said(client)) == 8)
            assert (await hub.scraped())["storyforge_doc_at_rest"] == 1
            ada.edit(put("woken", "by this"))
            await ada.saved()
            await until(hub, "storyforge_doc_at_rest", 0)
    assert b"woken" in (await board.rows())[-1]
