"""Large documents live in a replica process (consistency.md C21): nobody notices but by what they no longer wait for.

Large is more than 4 KiB here, so that it is quick. What crashes and spins is injected into the processes by
`tests/integration/deploy/poison/sitecustomize.py`.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from pycrdt import Doc, Map

from realtime.client import LiveClient, open_client
from realtime.hub import Hub as Process
from services.users.model import Role
from sync.client import Client
from sync.limits import KIB
from tests.interop.conftest import Board, Hub, MakeBoard, OpenHub
from tests.interop.test_native import put

TIMEOUT_S = 30.0
LARGE_BYTES = 4 * KIB
POISON = Path(__file__).parents[1] / "integration" / "deploy" / "poison"


@pytest_asyncio.fixture
async def hub(hub_of: OpenHub, tmp_path: Path) -> AsyncIterator[Hub]:
    """With figures and replica processes of its own."""
    async with hub_of(in_process_bytes_max=LARGE_BYTES, announcements_folder=tmp_path, unload_after_s=0.2) as hub:
        yield hub


@pytest.fixture
async def large(make_board: MakeBoard) -> Board:
    return await make_board()


async def until(hub: Hub, sample: str, value: float) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while (await hub.scraped()).get(sample) != value:
            pass


def pids(process: Process) -> list[int]:
    return process._parts.loader.replicas.pids()


def said(client: Client) -> dict[str, Any]:
    return dict(client.doc.get("ext", type=Map).to_py() or {})


async def grow(client: LiveClient, count: int = 8) -> None:
    for place in range(count):
        client.edit(put(f"long{place}", "x" * 1000))
    async with asyncio.timeout(TIMEOUT_S):
        await client.saved()


async def test_c21_it_moves_when_it_has_grown_and_opens_there_from_then_on(
    hub: Hub, board: Board, large: Board
) -> None:
    async with (
        asyncio.timeout(TIMEOUT_S),
        open_client(hub.websocket, board.name, board.token()) as small,
        open_client(hub.websocket, large.name, large.token()) as ada,
        open_client(hub.websocket, large.name, large.token(Role.OWNER)) as ben,
    ):
        await grow(ada)
        await until(hub, "storyforge_replica_moves_total", 1)
        assert (await hub.scraped())["storyforge_replica_documents"] == 1
        small.edit(put("where", "here"))
        await small.saved()
        for number in range(20):
            ada.edit(put("ada", number))
            ben.edit(put("ben", number))
        await ada.saved()
        await ben.saved()
        await ben.until(lambda client: said(client).get("ada") == 19)
        await ada.until(lambda client: said(client).get("ben") == 19)
        assert said(ada.client) == said(ben.client)
        assert ada.connections == ben.connections == 1
    await until(hub, "storyforge_replica_documents", 0)
    async with open_client(hub.websocket, large.name, large.token()) as again, asyncio.timeout(TIMEOUT_S):
        await again.until(lambda client: said(client).get("ben") == 19)
        again.edit(put("again", "there"))
        await again.saved()
        samples = await hub.scraped()
    assert samples["storyforge_replica_documents"] == samples["storyforge_replica_moves_total"] == 1
    assert samples["storyforge_replica_bytes"] > LARGE_BYTES and samples["storyforge_replica_processes"] == 1


async def test_c21_what_somebody_brings_after_days_offline_is_judged_there(
    hub: Hub, board: Board, large: Board
) -> None:
    async with (
        asyncio.timeout(TIMEOUT_S),
        open_client(hub.websocket, board.name, board.token()) as small,
        open_client(hub.websocket, large.name, large.token()) as ada,
    ):
        await ada.saved()

        def long(doc: Doc[Any]) -> None:
            for place in range(100):
                doc.get("ext", type=Map)[f"k{place}"] = "x" * 1000

        ada.edit(long)
        small.edit(put("meanwhile", "other documents go on"))
        await small.saved()
        await ada.saved()
    assert (await hub.scraped())["storyforge_replica_moves_total"] == 1
    shown: Doc[Any] = Doc()
    for row in await large.rows():
        shown.apply_update(row)
    assert len(shown.get("ext", type=Map)) == 100


async def quarantined(pool: asyncpg.Pool, board: Board) -> int:
    return int(await pool.fetchval("select count(*) from quarantine where document_id = $1", board.document_id))


async def test_c21_a_process_that_is_killed_in_the_middle_loses_nothing_that_was_acknowledged(
    hub: Hub, board: Board, large: Board, pool: asyncpg.Pool
) -> None:
    async with (
        asyncio.timeout(3 * TIMEOUT_S),
        open_client(hub.websocket, board.name, board.token()) as small,
        open_client(hub.websocket, large.name, large.token()) as ada,
    ):
        await grow(ada)
        await until(hub, "storyforge_replica_moves_total", 1)
        for number in range(60):
            ada.edit(put(f"n{number}", number))
            if number in (20, 40):
                await until(hub, "storyforge_replica_processes", 1)
                os.kill(pids(hub.process)[0], signal.SIGKILL)
            small.edit(put("small", number))
            await small.saved()
            if number == 30:
                await ada.saved()
        await ada.saved()
        acknowledged = said(ada.client)
        assert ada.connections >= 3 and small.connections == 1
    await until(hub, 'storyforge_replica_ends_total{how="SIGKILL"}', 2)
    assert {f"n{number}" for number in range(60)} <= acknowledged.keys()
    async with open_client(hub.websocket, large.name, large.token()) as again, asyncio.timeout(TIMEOUT_S):
        await again.until(lambda client: said(client) == acknowledged)
    assert await quarantined(pool, large) == 0


@pytest.mark.parametrize(("poison", "how"), [("poison: crashes", "SIGSEGV"), ("poison: spins", "SIGPROF")])
async def test_c5_bytes_that_end_a_replica_process_end_no_other(
    hub: Hub, board: Board, large: Board, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch, poison: str, how: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(POISON))  # of the hub's children, not its own
    async with (
        asyncio.timeout(3 * TIMEOUT_S),
        open_client(hub.websocket, board.name, board.token()) as small,
        open_client(hub.websocket, large.name, large.token()) as ada,
        open_client(hub.websocket, large.name, large.token(Role.OWNER)) as ben,
    ):
        await grow(ada)
        await until(hub, "storyforge_replica_moves_total", 1)
        ben.edit(put("kept", "before"))
        await ben.saved()
        ada.edit(put("bad", poison))
        await until(hub, f'storyforge_replica_ends_total{{how="{how}"}}', 1)
        ben.edit(put("kept", "after"))
        await ben.saved()
        small.edit(put("small", "goes on"))
        await small.saved()
        assert small.connections == 1
    assert await quarantined(pool, large) == 1
    assert (await hub.scraped())[f'storyforge_replica_ends_total{{how="{how}"}}'] == 1
    async with open_client(hub.websocket, large.name, large.token()) as again, asyncio.timeout(TIMEOUT_S):
        await again.until(lambda client: said(client).get("kept") == "after")
        assert "bad" not in said(again.client)


async def test_c21_a_process_that_does_not_answer_is_replaced(hub: Hub, large: Board) -> None:
    async with asyncio.timeout(3 * TIMEOUT_S), open_client(hub.websocket, large.name, large.token()) as ada:
        await grow(ada)
        await until(hub, "storyforge_replica_moves_total", 1)
        (process,) = hub.process._parts.loader.replicas._processes
        process._answer_timeout_s = 0.5
        os.kill(process.pid, signal.SIGSTOP)
        ada.edit(put("late", "but saved"))
        await ada.saved()
        assert ada.connections == 2
