"""Storyboards of their own for every test, on the real stores."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from pycrdt import Doc, Map

from services.documents.editor import DocumentEditor, EditResult
from storage.bus import Bus
from storage.log import Batch, DocumentLog, Head
from storage.objects import Objects
from storage.postgres import open_pool
from storage.redis import RedisBus, open_redis
from storage.snapshots import Snapshots

SERVER_CLIENT = 4_123_456_789


@pytest.fixture
def log(pool: asyncpg.Pool, objects: Objects) -> DocumentLog:
    return DocumentLog(pool, objects)


@pytest.fixture
def snapshots(pool: asyncpg.Pool, objects: Objects) -> Snapshots:
    return Snapshots(pool, objects)


@pytest_asyncio.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    async with open_redis(redis_url) as client:
        yield RedisBus(client, redis_url, random.Random(1))


@pytest.fixture
def editor(log: DocumentLog, snapshots: Snapshots, bus: Bus, pool: asyncpg.Pool) -> DocumentEditor:
    return DocumentEditor(log, snapshots, bus, pool)


@pytest_asyncio.fixture
async def other_editor(database_url: str, objects: Objects, bus: Bus) -> AsyncIterator[DocumentEditor]:
    """Another process: a pool and replicas of its own."""
    async with open_pool(database_url, connections_max=4) as pool:
        yield DocumentEditor(DocumentLog(pool, objects), Snapshots(pool, objects), bus, pool)


@pytest.fixture
def new_storyboard(pool: asyncpg.Pool, log: DocumentLog) -> Callable[[], Awaitable[Head]]:
    """A seeded storyboard: row 1 is the seed, made by the server's client."""

    async def make() -> Head:
        user_id, project_id = uuid4(), uuid4()
        await pool.execute(
            "insert into users (id, email, name, colour) values ($1, $2, 'Test', '#000000')",
            user_id,
            f"{user_id}@test",
        )
        await pool.execute(
            "insert into projects (id, owner_id, title, kind, brain, format) values ($1, $2, 'T', 'short', 'b', 'f')",
            project_id,
            user_id,
        )
        await pool.execute("insert into episodes (id, project_id, ord, title) values ($1, $1, 'V', 'T')", project_id)
        seed: Doc[Map[object]] = Doc(client_id=SERVER_CLIENT)
        seed.get("ext", type=Map)["seeded"] = True
        async with pool.acquire() as connection, connection.transaction():
            return await log.create(connection, project_id, "sb", uuid4(), SERVER_CLIENT, seed.get_update())

    return make


def put(key: str, value: object) -> Callable[[Doc[Any]], None]:
    def change(doc: Doc[Any]) -> None:
        doc.get("ext", type=Map)[key] = value

    return change


def ext(doc: Doc[Any]) -> dict[str, Any]:
    shown: dict[str, Any] = doc.get("ext", type=Map).to_py() or {}
    return shown


async def edit(editor: DocumentEditor, head: Head, change: Callable[[Doc[Any]], None], **more: Any) -> EditResult:
    return await editor.edit(head.document_id, change, **{"origin": "test", "batch_id": uuid4(), **more})


async def rebuilt(log: DocumentLog, document_id: UUID) -> Doc[Any]:
    """The document from nothing but its rows."""
    head = await log.head(document_id)
    doc: Doc[Any] = Doc()
    async for row in log.tail(document_id, head.epoch, 0):
        doc.apply_update(row.bytes)
    return doc


async def grow_fat(log: DocumentLog, head: Head) -> None:
    """A hundred people set the same keys once each."""
    doc = await rebuilt(log, head.document_id)
    state = doc.get_update()
    batches = []
    for number in range(100):
        one: Doc[Any] = Doc()
        one.apply_update(state)
        before = one.get_state()
        one.get("ext", type=Map).update({"title": f"Take {number}", "count": number})
        change = one.get_update(before)
        batches.append(Batch(uuid4(), uuid4(), "edit", change, claims=(one.client_id,)))
        state = one.get_update()
    assert (await log.append({head.key: batches})).committed


def own_clocks(update: bytes, client_id: int) -> list[int]:
    """The clocks that an update of single structs brings for one client: a fresh Doc counts them."""
    position = 0
    values: list[int] = []
    while len(values) < 4:  # clients, structs, client, first clock
        value = shift = 0
        while True:
            byte = update[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        values.append(value)
    clients, structs, client, clock = values
    assert (clients, client) == (1, client_id)
    return list(range(clock, clock + structs))
