"""Who leaves takes everything along: nothing waits for the collector, which a hub runs rarely (deploy/local/serve)."""

import asyncio
import gc
from collections import Counter

import pytest

from realtime.collab_door import CollabDoor
from realtime.fast_wire import FastWire
from realtime.host import RoomHost
from realtime.sync_door import SyncDoor
from services.users.model import Role
from sync.room import Room
from tests.interop.conftest import Board, Hub, OpenHub
from tests.interop.participants import DIALECTS, Dialect, join
from tests.interop.wire import presence, set_key

KINDS = (FastWire, SyncDoor, CollabDoor, RoomHost, Room)
CLIENT = 95
TIMEOUT_S = 15.0


def alive() -> Counter[str]:
    return Counter(type(one).__name__ for one in gc.get_objects() if type(one) in KINDS)


async def empty(hub: Hub) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while hub.process.hosts or hub.process.wires:
            await hub.scraped()


async def left_over(hub: Hub, before: Counter[str]) -> Counter[str]:
    """What is not freed in time. A round of the hub's upkeep may still hold the document that it has just closed."""
    until_s = asyncio.get_running_loop().time() + TIMEOUT_S
    while (left := alive() - before) and asyncio.get_running_loop().time() < until_s:
        await hub.scraped()
    return left


async def visit(hub: Hub, board: Board, dialect: Dialect, client: int, *, vanish: bool) -> None:
    async with join(dialect, hub.websocket, board.name, board.token(Role.EDITOR)) as one:
        await one.update(set_key(client, 0, "ext", f"k{client}", "v"))
        await one.awareness(presence(client, 1, "{}"))
        await one.content()
        if vanish:
            one.socket.connection.transport.abort()


async def test_connections_and_documents_are_freed_when_they_end(hub_of: OpenHub, board: Board) -> None:
    async with hub_of(unload_after_s=0.0) as hub:
        gc.collect()
        before = alive()
        gc.disable()
        try:
            for number, dialect in enumerate(DIALECTS * 4):
                await visit(hub, board, dialect, CLIENT + number, vanish=number >= 4)
            async with join("/sync", hub.websocket, board.name, board.token(Role.EDITOR)) as refused:
                await refused.update(set_key(CLIENT + 50, 0, "nowhere", "k", "v"))
                await refused.refusal()
            await empty(hub)
            left = await left_over(hub, before)
        finally:
            gc.enable()
    assert left == Counter(), left


@pytest.mark.parametrize("said", [b"", b"GET /sy", b"GET /sync/sb:x HTTP/1.1\r\nHost: x\r\n"])
async def test_w48_who_does_not_say_what_he_wants_is_closed(hub_of: OpenHub, said: bytes) -> None:
    async with hub_of(authentication_timeout_s=0.1) as hub:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(hub.websocket.rpartition(":")[2]))
        writer.write(said)
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
        await writer.wait_closed()
