"""pycrdt and y-py edit one storyboard together with yjs through `/sync/{document}`, on two nodes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.local.demo.editors import describe_replay, open_editor
from deploy.local.demo.replicas import replayed
from services.users.model import Role
from storage.log import DocumentLog
from tests.interop.conftest import Board, Hub
from tests.interop.replicas import PycrdtReplica, SyncClient, YpyReplica, sync_client

PYCRDT_CLIENT, YPY_CLIENT, YJS_CLIENT = 4_111_111_111, 3_222_222_222, 2_333_333_333


@asynccontextmanager
async def both(hub_a: Hub, hub_b: Hub, board: Board) -> AsyncIterator[tuple[SyncClient, SyncClient]]:
    async with (
        sync_client(PycrdtReplica(PYCRDT_CLIENT), hub_a.websocket, board.name, board.token(Role.EDITOR)) as one,
        sync_client(YpyReplica(YPY_CLIENT), hub_b.websocket, board.name, board.token(Role.OWNER)) as two,
    ):
        for client in (one, two):
            await client.until(lambda content: set(board.scenes) <= set(content["scenes"]))
        yield one, two


async def test_w33_all_replicas_agree(node: str, hub_a: Hub, hub_b: Hub, board: Board) -> None:
    scene = board.scenes[0]
    url = f"{hub_a.websocket}/sync"
    yjs = open_editor(node, "y-websocket", url, board.name, board.token(Role.OWNER), client=YJS_CLIENT)
    async with both(hub_a, hub_b, board) as (by_pycrdt, by_ypy), yjs as editor:
        await editor.event("synced", state=True)
        prompt = ["scenes", scene, "prompt"]
        async with asyncio.TaskGroup() as together:
            together.create_task(by_pycrdt.edit(lambda replica: replica.type(scene, 0, "pycrdt ")))
            together.create_task(by_ypy.edit(lambda replica: replica.type(scene, 0, "ypy ")))
            together.create_task(editor.edit({"op": "insert", "path": prompt, "at": 0, "text": "yjs "}))
        typed = await by_pycrdt.until(
            lambda content: all(word in content["scenes"][scene]["prompt"] for word in ("pycrdt ", "ypy ", "yjs "))
        )
        assert len(typed["scenes"][scene]["prompt"]) == len("pycrdt ypy yjs Prompt 1.")
        await by_ypy.until(lambda content: content == typed)
        await by_ypy.edit(lambda replica: replica.erase(scene, 0, 3))
        await by_pycrdt.edit(lambda replica: replica.note("pycrdt", "was here"))
        await by_ypy.edit(lambda replica: replica.note("ypy", "was here"))
        await by_pycrdt.edit(lambda replica: replica.set(scene, "title", "by pycrdt"))
        await by_ypy.edit(lambda replica: replica.set(scene, "ord", "zz"))
        done = await by_pycrdt.until(lambda content: set(content["ext"]) == {"pycrdt", "ypy"})
        await by_ypy.edit(lambda replica: replica.forget("ypy"))
        final = await by_pycrdt.until(
            lambda content: set(content["ext"]) == {"pycrdt"} and content["scenes"][scene]["ord"] == "zz"
        )
        assert len(done["scenes"][scene]["prompt"]) == len("pycrdt ypy yjs Prompt 1.") - 3
        await by_ypy.until(lambda content: content == final)
        state = await editor.until_state(lambda state: state["content"] == final, "the same content in yjs")
    await _equals_log(node, board, state["snapshot_hash"], state["content_hash"])


async def _equals_log(node: str, board: Board, snapshot_hash: str, content_hash: str) -> None:
    """Deletions included: the hashes are of state vector and delete set."""
    rows = await board.rows()
    by_yjs = await describe_replay(node, rows)
    by_pycrdt = replayed("log", rows)
    assert (by_yjs["snapshot_hash"], by_yjs["content_hash"]) == (snapshot_hash, content_hash)
    assert (by_pycrdt.snapshot_hash, by_pycrdt.content_hash) == (snapshot_hash, content_hash)


async def test_w33_the_servers_client_ids_stay_below_2_to_the_32(board: Board) -> None:
    log: DocumentLog = board.log
    assert 0 < (await log.head(board.document_id)).server_client < 2**32
