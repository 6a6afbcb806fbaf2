"""`@hocuspocus/provider` and `y-websocket` from npm, unchanged, on two nodes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from deploy.local.demo.editors import Dialect, Editor, describe_replay, open_editor
from services.users.model import Role
from tests.interop.conftest import Board, Hub, OpenHub

PATHS: dict[Dialect, str] = {"hocuspocus": "/collab", "y-websocket": "/sync"}


@asynccontextmanager
async def editor_at(
    node: str, dialect: Dialect, hub: Hub, board: Board, role: Role = Role.EDITOR, **options: Any
) -> AsyncIterator[Editor]:
    url = hub.websocket + PATHS[dialect]
    async with open_editor(node, dialect, url, board.name, board.token(role), **options) as editor:
        await editor.event("synced", state=True)
        yield editor


async def test_stock_clients_agree_by_content_and_hash_with_deletions(
    node: str, hub_a: Hub, hub_b: Hub, board: Board
) -> None:
    one, two = board.scenes
    async with (
        editor_at(node, "hocuspocus", hub_a, board) as ada,
        editor_at(node, "y-websocket", hub_b, board, Role.OWNER) as ben,
    ):
        prompt = ["scenes", one, "prompt"]
        for number in range(1, 21):
            async with asyncio.TaskGroup() as together:
                together.create_task(ada.edit(_type(prompt, -1, f"[a{number}]"), number=number))
                together.create_task(ben.edit(_type(prompt, 0, f"[b{number}]")))
        await ada.edit({"op": "erase", "path": prompt, "at": 2, "length": 9}, number=21)
        await ben.edit({"op": "strike", "path": prompt, "text": "Prompt"})
        await ben.edit({"op": "set", "path": ["scenes", two], "key": "ord", "value": "1"})
        await ada.edit({"op": "set", "path": ["ext"], "key": "gone", "value": 1}, number=22)
        await ada.edit({"op": "unset", "path": ["ext"], "key": "gone"}, number=23)
        await ada.until_state(lambda state: state["unsynced"] == 0 and len(state["acknowledged"]) == 23, "all saved")
        await _settle(node, board, ada, ben)


def _type(path: list[str], at: int, text: str) -> dict[str, object]:
    return {"op": "insert", "path": path, "at": at, "text": text}


async def _settle(node: str, board: Board, *editors: Editor) -> None:
    """Every replica becomes what real yjs makes of the log: content, state vector and deletions."""
    for _ in range(len(editors) * 10):
        described = await describe_replay(node, await board.rows())
        keys = ("snapshot_hash", "content_hash", "pending")
        wanted = {key: described[key] for key in keys}
        states = [await editor.state() for editor in editors]
        if all({key: state[key] for key in keys} == wanted for state in states):
            assert wanted["pending"] is False
            return
    assert [state["content"] for state in states] == [described["content"]] * len(states)
    assert [state["snapshot_hash"] for state in states] == [described["snapshot_hash"]] * len(states)


async def test_w20_has_unsynced_changes_ends_only_with_the_commit(
    node: str, hub_a: Hub, board: Board, pool: asyncpg.Pool
) -> None:
    async with editor_at(node, "hocuspocus", hub_a, board) as ada:
        await ada.until_state(lambda state: state["unsynced"] == 0, "saved after joining")
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("select 1 from documents where id = $1 for update", board.document_id)
            await ada.edit({"op": "set", "path": ["ext"], "key": "k", "value": "v"}, number=1)
            async with editor_at(node, "y-websocket", hub_a, board, Role.OWNER) as other:
                state = await other.state()
                assert state["content"]["ext"] == {"k": "v"}, "seen by others while it is being committed"
            assert (await ada.state())["unsynced"] == 1
            await transaction.rollback()
        state = await ada.until_state(lambda state: state["unsynced"] == 0, "saved")
        assert state["acknowledged"] == [1]
        assert any(b"\x03ext" in row for row in await board.rows())


async def test_w22_an_offline_queue_is_saved_only_when_all_of_it_is(
    node: str, hub_a: Hub, board: Board, pool: asyncpg.Pool
) -> None:
    async with editor_at(node, "hocuspocus", hub_a, board) as ada:
        await ada.until_state(lambda state: state["unsynced"] == 0, "saved after joining")
        since = len(ada.events)
        await ada.command("disconnect")
        await ada.event("status", since, status="disconnected")
        for number in range(1, 6):
            await ada.edit({"op": "set", "path": ["ext"], "key": f"k{number}", "value": number}, number=number)
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("select 1 from documents where id = $1 for update", board.document_id)
            back = len(ada.events)
            await ada.command("connect")
            await ada.event("authenticated", back)
            async with editor_at(node, "y-websocket", hub_a, board, Role.OWNER) as other:
                await other.until_state(lambda state: len(state["content"]["ext"]) == 5, "all five edits")
            state = await ada.state()
            assert state["unsynced"] > 0 and state["acknowledged"] == []
            await transaction.rollback()
        state = await ada.until_state(lambda state: len(state["acknowledged"]) == 5, "all acknowledged")
        assert state["unsynced"] == 0


async def test_w25_a_viewers_provider_keeps_its_unsynced_changes(node: str, hub_a: Hub, board: Board) -> None:
    async with editor_at(node, "hocuspocus", hub_a, board, Role.VIEWER) as rae:
        await rae.until_state(lambda state: state["unsynced"] == 0, "in step")
        await rae.edit({"op": "set", "path": ["ext"], "key": "k", "value": "v"}, number=1)
        state = await rae.until_state(lambda state: state["refused"] == 1, "SyncStatus 0")
        assert state["unsynced"] == 1 and state["acknowledged"] == []
    assert not any(b"\x03ext" in row for row in await board.rows())


async def test_w34_y_websocket_gives_up_after_44xx_and_comes_back_after_others(
    node: str, hub_a: Hub, board: Board
) -> None:
    async with editor_at(node, "y-websocket", hub_a, board) as ben:
        await ben.edit({"op": "set", "path": ["takes"], "key": "k", "value": "v"})
        gave_up = await ben.event("gave_up")
        assert (gave_up["code"], gave_up["reason"]) == (4422, "schema.server_only")
    url = hub_a.websocket + PATHS["y-websocket"]
    async with open_editor(node, "y-websocket", url, board.name, board.expired()) as late:
        first = await late.event("closed", code=4501)
        again = late.events.index(first) + 1
        await late.event("closed", since=again, code=4501)
        assert not [event for event in late.events if event["event"] == "gave_up"]


async def test_w27_the_provider_hears_permission_denied(node: str, hub_a: Hub, board: Board) -> None:
    async with editor_at(node, "hocuspocus", hub_a, board) as ada:
        await ada.edit({"op": "set", "path": ["jobs"], "key": "k", "value": "v"}, number=1)
        assert (await ada.event("denied"))["reason"] == "schema.server_only"
        assert (await ada.state())["acknowledged"] == []


@pytest.mark.parametrize("dialect", ["hocuspocus", "y-websocket"])
async def test_w35_w36_stock_presence_is_stamped_and_leaves(
    node: str, dialect: Dialect, hub_a: Hub, hub_b: Hub, board: Board
) -> None:
    async with editor_at(node, "y-websocket", hub_a, board, Role.OWNER) as other:
        async with editor_at(node, dialect, hub_b, board) as somebody:
            await somebody.command("present", field="user", value={"name": "not my name", "hat": "red"})
            client = str((await somebody.state())["client"])
            user = await _presence(other, client)
            assert user == {"name": "The editor", "color": "#3d8f7d", "hat": "red", "id": user["id"]}
            await somebody.command("stop")
        while client in (await other.command("presence"))["states"]:
            await other.event("awareness", since=len(other.events))


async def _presence(editor: Editor, client: str) -> dict[str, object]:
    """What `editor` sees of that client, once there is a user in it."""
    while True:
        since = len(editor.events)
        states = (await editor.command("presence"))["states"]
        user = states.get(client, {}).get("user")
        if user is not None:
            assert isinstance(user, dict)
            return user
        await editor.event("awareness", since=since)


async def test_w42_an_idle_provider_stays_connected(node: str, hub_of: OpenHub, board: Board) -> None:
    """Its watchdog and the hub's interval are shortened: 2.5 s of silence end it, something comes every second."""
    async with hub_of(keepalive_interval_s=0.5) as hub:
        async with editor_at(node, "hocuspocus", hub, board, idle_ms=2500) as idle:
            for _ in range(4):
                await idle.event("heard", since=len(idle.events), timeout_s=3.0)
            assert not [event for event in idle.events if event["event"] == "closed"]
