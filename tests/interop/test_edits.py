"""PROTOCOL.md, Edits and acknowledgement, Limits and Liveness, over real sockets and two nodes."""

import time
from typing import Any

import asyncpg
import pytest
from pycrdt import Doc, Map

from services.users.model import Role
from sync.limits import Limits
from tests.interop.conftest import Board, Hub, OpenHub
from tests.interop.participants import DIALECTS, Dialect, Participant, join
from tests.interop.replicas import Bulk
from tests.interop.wire import Closed, presences, set_key

ADA, BEN = 81, 82


async def saved(participant: Participant, times: int = 1) -> None:
    for _ in range(times):
        assert (await participant.until("status")).text == "1"


async def test_w20_a_status_comes_only_after_the_commit(hub_a: Hub, board: Board, pool: asyncpg.Pool) -> None:
    async with (
        join("/collab", hub_a.websocket, board.name, board.token()) as writer,
        join("/sync", hub_a.websocket, board.name, board.token(Role.OWNER)) as reader,
    ):
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("select 1 from documents where id = $1 for update", board.document_id)
            await writer.update(set_key(ADA, 0, "ext", "k", "not yet committed"))
            assert b"not yet committed" in (await reader.until("update")).payload, "others hear it at once (W19)"
            await writer.ask_presence()
            assert not [said for said in writer.socket.said if said.kind == "status"][1:], (
                "no ack while the row is not there"
            )
            await transaction.rollback()
        await saved(writer)
    assert any(b"not yet committed" in row for row in await board.rows())


async def test_w20_every_message_has_its_own_status(hub_a: Hub, board: Board) -> None:
    async with join("/collab", hub_a.websocket, board.name, board.token()) as writer:
        for clock in range(20):
            await writer.update(set_key(ADA, clock, "ext", f"k{clock}", "v"))
        await saved(writer, 20)
        rows = [row for row in await board.rows() if b"\x03ext" in row]
        assert len(rows) == 20
        await writer.ask_presence()
        assert len([said for said in writer.socket.said if said.kind == "status"]) == 21  # one was for the first Step2


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_w19_w24_both_nodes_hear_an_edit(dialect: Dialect, hub_a: Hub, hub_b: Hub, board: Board) -> None:
    update = set_key(ADA, 0, "ext", "k", "hear this")
    async with (
        join("/sync", hub_a.websocket, board.name, board.token()) as writer,
        join(dialect, hub_a.websocket, board.name, board.token(Role.OWNER)) as near,
        join(dialect, hub_b.websocket, board.name, board.token(Role.OWNER)) as far,
    ):
        await writer.update(update)
        assert (await near.until("update")).payload == update
        assert (await far.until("update")).payload == update
        await writer.ask_presence()
        assert not [said for said in writer.socket.said if said.kind == "update"], "no echo"


async def test_w23_an_acknowledged_edit_survives_its_hub(hub_of: OpenHub, hub_b: Hub, board: Board) -> None:
    async with hub_of() as dying, join("/collab", dying.websocket, board.name, board.token()) as writer:
        await writer.update(set_key(ADA, 0, "ext", "k", "acknowledged"))
        await saved(writer)
    async with join("/sync", hub_b.websocket, board.name, board.token()) as later:
        assert b"acknowledged" in await later.content()


async def test_a_hub_that_stops_says_1012(hub_of: OpenHub, board: Board) -> None:
    async with hub_of() as stopping:
        joined = join("/sync", stopping.websocket, board.name, board.token())
        participant = await joined.__aenter__()
    closed = await participant.closed()
    assert closed.code in (1001, 1012)
    await joined.__aexit__(None, None, None)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_w39_over_the_rate_the_hub_stops_reading(dialect: Dialect, hub_of: OpenHub, board: Board) -> None:
    async with (
        hub_of(updates_per_s_max=20, burst_s=1.0) as hub,
        join(dialect, hub.websocket, board.name, board.token()) as flood,
    ):
        begun_s = time.monotonic()
        for clock in range(40):
            await flood.update(set_key(ADA, clock, "ext", "k", "v"))
        await flood.ask_presence()  # read only when the forty before it have been paid for
        assert time.monotonic() - begun_s > 0.9


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_w39_far_above_the_rate_it_closes(dialect: Dialect, hub_of: OpenHub, board: Board) -> None:
    async with (
        hub_of(update_bytes_per_s_max=1000, burst_s=1.0) as hub,
        join(dialect, hub.websocket, board.name, board.token()) as flood,
    ):
        await flood.update(Bulk(ADA).edit("k"))
        assert await flood.closed() == Closed(4529, "rate")


RAISED = {
    "updates_per_s_max": 100_000,
    "update_bytes_per_s_max": 10**9,
    "document_bytes_max": 10**9,
    "outbox_frames_max": 8,
    "outbox_bytes_max": 1_000_000,
}


async def flood(writer: Participant, bulk: Bulk, first: int, count: int) -> None:
    """More than a socket's buffers hold, a new key an edit."""
    for number in range(first, first + count):
        await writer.update(bulk.edit(f"k{number}"))
        await saved(writer)


async def read_until(slow: Participant, keys: int) -> list[str]:
    """The kinds of what brought this many keys."""
    doc: Doc[Any] = Doc()
    brought = []
    while sum(key.startswith("k") for key in doc.get("ext", type=Map)) < keys:
        said = await slow.socket.next()
        if said.kind in ("update", "step2"):
            doc.apply_update(said.payload)
            brought.append(said.kind)
    return brought


async def test_w41_a_slow_reader_gets_what_it_lacks_at_once(hub_of: OpenHub, board: Board) -> None:
    async with (
        hub_of(**RAISED) as hub,
        join("/sync", hub.websocket, board.name, board.token()) as slow,
        join("/collab", hub.websocket, board.name, board.token(Role.OWNER)) as writer,
    ):
        bulk = Bulk(ADA)
        slow.socket.connection.transport.pause_reading()
        await flood(writer, bulk, 0, 60)
        slow.socket.connection.transport.resume_reading()
        brought = await read_until(slow, 60)
        assert brought[-1] == "step2" and 0 < brought.count("update") < 60
        await flood(writer, bulk, 60, 1)
        assert b"k60" in (await slow.until("update")).payload


async def test_w41_who_falls_behind_again_soon_is_closed(hub_of: OpenHub, board: Board) -> None:
    async with (
        hub_of(**RAISED) as hub,
        join("/sync", hub.websocket, board.name, board.token()) as slow,
        join("/collab", hub.websocket, board.name, board.token(Role.OWNER)) as writer,
    ):
        bulk = Bulk(ADA)
        for first in (0, 60):
            slow.socket.connection.transport.pause_reading()
            await flood(writer, bulk, first, 60)
            slow.socket.connection.transport.resume_reading()
            if first == 0:
                await read_until(slow, 60)
        assert (await slow.closed()).code == 1013


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_w42_a_silent_session_hears_something(dialect: Dialect, hub_of: OpenHub, board: Board) -> None:
    async with (
        hub_of(keepalive_interval_s=0.5) as hub,
        join(dialect, hub.websocket, board.name, board.token()) as idle,
    ):
        heard = [presences((await idle.until("awareness")).payload) for _ in range(3)]
        clients = {client for entries in heard for client in entries}
        clocks = [clock for entries in heard for clock, _ in entries.values()]
        assert len(clients) == 1 and clocks == sorted(set(clocks)), "the server's entry with a raised clock"


def test_w42_the_interval_is_below_what_stock_clients_bear() -> None:
    assert Limits().keepalive_interval_s == 20.0
