"""A restore reaches everybody who is connected, on every node, as an ordinary edit."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from deploy.local.demo.replicas import replayed
from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from services.history.model import Sequence
from services.history.service import History
from services.users.model import Role
from storage.bus import MemoryBus
from storage.objects import FolderObjects
from storage.snapshots import Snapshots
from tests.interop.conftest import Board, Hub
from tests.interop.replicas import PycrdtReplica, YpyReplica, sync_client


async def test_connected_clients_of_two_nodes_see_it(
    hub_a: Hub, hub_b: Hub, board: Board, pool: asyncpg.Pool, objects_url: str
) -> None:
    """Told over a bus that reaches nobody: the nodes find it by looking at their heads (C14)."""
    bus = MemoryBus()
    snapshots = Snapshots(pool, FolderObjects(Path(urlsplit(objects_url).path)))
    editor = DocumentEditor(board.log, snapshots, bus, pool)
    kept = KeptDocuments(editor)
    history = History(pool, board.log, snapshots, editor, Projector(kept, pool, bus), kept)
    scene, other = board.scenes
    async with (
        sync_client(PycrdtReplica(4_111_111_112), hub_a.websocket, board.name, board.token(Role.EDITOR)) as one,
        sync_client(YpyReplica(3_222_222_223), hub_b.websocket, board.name, board.token(Role.OWNER)) as two,
    ):
        for client in (one, two):
            await client.until(lambda content: set(board.scenes) <= set(content["scenes"]))
        before = one.replica.content()
        await one.edit(lambda replica: replica.type(scene, 0, "typed "))
        await two.edit(lambda replica: replica.set(other, "title", "Renamed"))
        for client in (one, two):
            await client.until(
                lambda content: (
                    content["scenes"][scene]["prompt"].startswith("typed ")
                    and content["scenes"][other]["title"] == "Renamed"
                )
            )
        await history.restore(board.people[Role.EDITOR], board.document_id, Sequence(1), datetime.now(UTC))
        await one.until(lambda content: content == before)
        await two.until(lambda content: content == before)
        await one.edit(lambda replica: replica.type(scene, 0, "again "))
        await two.until(lambda content: content["scenes"][scene]["prompt"] == "again Prompt 1.")
        hashes = {
            replayed(name, [client.replica.since(b"\x00")]).content_hash
            for name, client in (("one", one), ("two", two))
        }
    assert hashes == {replayed("log", await board.rows()).content_hash}
