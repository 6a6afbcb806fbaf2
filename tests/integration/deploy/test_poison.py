"""Bytes that end native code: the hub's process dies of them, comes back without them, and nobody else has lost a word.

Real processes under `./dev up`; what crashes and spins is injected into each by `poison/sitecustomize.py`.
"""

import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pycrdt import Doc, Map
from websockets.exceptions import WebSocketException

from realtime.client import LiveClient, open_client
from storage.log import Batch, DocumentKey, DocumentLog
from storage.postgres import open_pool
from storage.settings import StoreSettings
from storage.stores import open_objects
from storage.tasks import beside
from sync import names
from tests.integration.deploy.studio import Studio, command, start, until
from tests.interop.wire import CollabSocket, Said, collab_socket

POISON = Path(__file__).with_name("poison")
CRASHES, SPINS = "poison: crashes", "poison: spins"
BACK_S_MAX = 60.0
"""Far above what is promised: other tests run beside this one."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    environ = {**os.environ, "PYTHONPATH": str(POISON)}
    running = start(tmp_path_factory.mktemp("poison") / "data", environ=environ)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def boards(studio: Studio) -> list[tuple[str, str]]:
    return make_boards(studio, 6)


def make_boards(studio: Studio, count: int) -> list[tuple[str, str]]:
    """(name, token of an editor) of documents that nobody has touched."""
    file = studio.data.with_name("documents.tsv")
    arguments = command("documents", "--data", str(studio.data), "--count", str(count), "--out", str(file))
    subprocess.run(arguments, check=True, capture_output=True)
    lines = [line.split("\t") for line in file.read_text().splitlines()]
    return [(name, token) for name, token in lines]


class Editor:
    """One participant of one document, who waits for what the hub says."""

    def __init__(self, socket: CollabSocket, document: str) -> None:
        self.doc: Doc[Any] = Doc()
        self.socket = socket
        self.document = document
        self.scope = ""

    async def enter(self, token: str) -> None:
        await self.socket.authenticate(self.document, token)
        self.scope = (await self.socket.until("authenticated")).text
        await self.socket.step1(self.document, self.doc.get_state())
        self.doc.apply_update((await self.socket.until("step2")).payload)
        scopes = [said.text for said in self.socket.said if said.kind == "authenticated"]
        self.scope = scopes[-1]
        await self.socket.step2(self.document)
        await self.socket.until("status")

    async def send(self, key: str, value: str) -> bytes:
        before = self.doc.get_state()
        self.doc.get("ext", type=Map)[key] = value
        update = self.doc.get_update(before)
        await self.socket.update(self.document, update)
        return update

    async def save(self, key: str, value: str) -> Said:
        await self.send(key, value)
        return await self.socket.until("status")

    def said(self) -> dict[str, Any]:
        return dict(self.doc.get("ext", type=Map).to_py() or {})


@asynccontextmanager
async def editor(studio: Studio, board: tuple[str, str]) -> AsyncIterator[Editor]:
    """Tries until the hub is there."""
    document, token = board
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(BACK_S_MAX):
            while True:
                try:
                    socket = await stack.enter_async_context(collab_socket(studio.url.replace("http", "ws")))
                    entered = Editor(socket, document)
                    await entered.enter(token)
                    break
                except (WebSocketException, OSError, TimeoutError):
                    await asyncio.sleep(0.02)
        yield entered


async def metric(studio: Studio, name: str) -> float:
    async with httpx.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"{studio.url}/metrics")).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


@pytest.mark.parametrize(("place", "how"), [(0, CRASHES), (1, SPINS)])
async def test_c5_the_room_is_back_without_its_poison(
    studio: Studio, boards: list[tuple[str, str]], place: int, how: str
) -> None:
    board, other = boards[place], boards[place + 2]
    hub = until("a hub", lambda: studio.child("hub"))
    async with editor(studio, board) as one, editor(studio, other) as beside:
        assert (await one.save("kept", "before")).text == "1"
        assert (await beside.save("kept", "beside")).text == "1"
        poison = await one.send("bad", how)
        with pytest.raises(WebSocketException):
            await one.socket.until("status")
    async with editor(studio, board) as again, editor(studio, other) as still:
        assert again.said() == {"kept": "before"}
        assert still.said() == {"kept": "beside"}
        assert studio.child("hub") != hub
        await again.socket.update(again.document, poison)
        assert (await again.socket.until("denied")).text == "update.quarantined"
    async with editor(studio, board) as after:
        assert after.scope == "read-write"
        assert (await after.save("more", "after")).text == "1"


async def test_c5_a_row_of_the_log_that_ends_the_process_is_left_out(
    studio: Studio, boards: list[tuple[str, str]]
) -> None:
    board = boards[4]
    async with editor(studio, board) as one:
        assert (await one.save("kept", "before")).text == "1"
        await _append(studio, board[0], one.doc.get_update(), CRASHES)
        with pytest.raises(WebSocketException):  # the row comes to those who are in, and ends the hub
            while True:
                await one.socket.next()
    async with editor(studio, board) as after:
        assert after.said() == {"kept": "before"}
        assert (await after.save("more", "after")).text == "1"


async def _append(studio: Studio, document: str, state: bytes, value: str) -> None:
    """A committed row of another node, whose library had nothing against it."""
    doc: Doc[Any] = Doc()
    doc.apply_update(state)
    before = doc.get_state()
    doc.get("ext", type=Map)["bad"] = value
    name = names.parse(document)
    settings = StoreSettings.from_env(_variables(studio))
    async with open_pool(settings.database_url, connections_max=1) as pool:
        key = DocumentKey(name.id, name.epoch)
        log = DocumentLog(pool, await open_objects(settings))
        result = await log.append({key: [Batch(uuid4(), None, "edit", doc.get_update(before))]})
        assert result.committed


def _variables(studio: Studio) -> dict[str, str]:
    ended = subprocess.run(
        command("env", "--data", str(studio.data)), check=True, capture_output=True, text=True
    ).stdout
    return dict(re.findall(r"^export (\w+)='?([^'\n]*)'?$", ended, re.MULTILINE))


async def test_w49_c5_a_document_that_ended_two_processes_is_only_read_until_it_is_forgiven(
    studio: Studio, boards: list[tuple[str, str]]
) -> None:
    board = boards[5]
    for how in (CRASHES, SPINS):
        async with editor(studio, board) as one:
            assert one.scope == "read-write"
            assert (await one.save(how[-3:], "kept")).text == "1"
            await one.send("bad", how)
            with pytest.raises(WebSocketException):
                await one.socket.until("status")
    async with editor(studio, board) as reader:
        assert reader.scope == "readonly"
        assert set(reader.said().values()) == {"kept"}
        assert (await reader.save("more", "refused")).text == "0"
        assert await metric(studio, "storyforge_read_only_documents") == 1
        subprocess.run(command("forgive", "--data", str(studio.data), board[0]), check=True, capture_output=True)
        assert (await reader.socket.until("authenticated")).text == "read-write"
        await reader.socket.until("step1")
        await reader.socket.step2(reader.document, reader.doc.get_update())
    async with editor(studio, board) as writer:
        assert writer.scope == "read-write"
        assert (await writer.save("then", "kept")).text == "1"


async def test_c5_long_work_that_gets_on_is_no_standstill(tmp_path: Path) -> None:
    """Somebody's days offline take longer to judge than the process may stand still."""

    def days(doc: Doc[Any]) -> None:
        ext = doc.get("ext", type=Map)
        for number in range(150_000):
            ext[f"k{number % 900}"] = number

    running = start(tmp_path / "data", environ={**os.environ, "STORYFORGE_STANDSTILL_CPU_S": "0.5"})
    try:
        hub = running.child("hub")
        ((document, token), *_) = make_boards(running, 1)
        base = running.url.replace("http", "ws")
        async with asyncio.timeout(BACK_S_MAX), open_client(base, document, token, Random(1)) as ada:
            await ada.saved()
        client = ada.client
        client.disconnected()
        client.edit(days)
        again = LiveClient(f"{base}/collab", client, Random(2))
        async with asyncio.timeout(BACK_S_MAX), beside(again.run()):
            assert await again.saved() == 1
            assert client.refused == []
        assert running.child("hub") == hub
    finally:
        running.stop()
