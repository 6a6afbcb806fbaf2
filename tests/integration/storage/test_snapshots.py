"""Snapshots are caches of the log: written once, never ahead of it, and their loss costs time only (C15)."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from storage.log import Batch, DocumentKey, DocumentLog
from storage.objects import FolderObjects, hash_of
from storage.snapshots import Snapshot, Snapshots

NewKey = Callable[[], Awaitable[DocumentKey]]


@pytest.fixture
def objects(tmp_path: Path) -> FolderObjects:
    return FolderObjects(tmp_path)


@pytest.fixture
def snapshots(pool: asyncpg.Pool, objects: FolderObjects) -> Snapshots:
    return Snapshots(pool, objects)


async def grow(log: DocumentLog, key: DocumentKey, rows: int) -> None:
    await log.append({key: [Batch(uuid4(), None, "test", b"x") for _ in range(rows)]})


async def test_the_newest_comes_back(log: DocumentLog, snapshots: Snapshots, new_key: NewKey) -> None:
    key = await new_key()
    await grow(log, key, 5)
    assert await snapshots.latest(key.document_id, 1) is None
    assert await snapshots.put(key.document_id, 1, 2, b"two")
    assert await snapshots.put(key.document_id, 1, 5, b"five")
    assert await snapshots.put(key.document_id, 1, 3, b"three")
    assert await snapshots.latest(key.document_id, 1) == Snapshot(5, b"five")


async def test_only_the_first_at_a_sequence_counts(log: DocumentLog, snapshots: Snapshots, new_key: NewKey) -> None:
    key = await new_key()
    await grow(log, key, 1)
    results = await asyncio.gather(*(snapshots.put(key.document_id, 1, 1, b"%d" % number) for number in range(4)))
    assert sorted(results) == [False, False, False, True]
    assert await snapshots.latest(key.document_id, 1) == Snapshot(1, b"%d" % results.index(True))


async def test_never_ahead_of_the_log_nor_of_another_epoch(
    pool: asyncpg.Pool, log: DocumentLog, snapshots: Snapshots, new_key: NewKey
) -> None:
    key = await new_key()
    await grow(log, key, 1)
    assert not await snapshots.put(key.document_id, 1, 2, b"future")
    assert not await snapshots.put(uuid4(), 1, 1, b"nowhere")
    assert await snapshots.put(key.document_id, 1, 1, b"one")
    await pool.execute("update documents set epoch = 2 where id = $1", key.document_id)
    assert not await snapshots.put(key.document_id, 1, 1, b"late")
    assert await snapshots.latest(key.document_id, 2) is None


async def test_one_whose_bytes_are_lost_or_rotten_is_passed_over(
    log: DocumentLog, objects: FolderObjects, snapshots: Snapshots, new_key: NewKey, tmp_path: Path
) -> None:
    key = await new_key()
    await grow(log, key, 3)
    datas = [f"{key.document_id} {number}".encode() for number in (1, 2, 3)]
    for seq, data in enumerate(datas, 1):
        await snapshots.put(key.document_id, 1, seq, data)
    paths = [next(tmp_path.rglob(hash_of(data))) for data in datas]
    paths[2].unlink()
    assert await snapshots.latest(key.document_id, 1) == Snapshot(2, datas[1])
    paths[1].write_bytes(b"rotten")
    assert await snapshots.latest(key.document_id, 1) == Snapshot(1, datas[0])
    paths[0].unlink()
    assert await snapshots.latest(key.document_id, 1) is None


async def test_a_crash_before_the_row_leaves_an_orphan_object_only(
    pool: asyncpg.Pool, log: DocumentLog, objects: FolderObjects, snapshots: Snapshots, new_key: NewKey
) -> None:
    class Crashing(FolderObjects):
        async def put(self, hash: str, data: object, content_type: str) -> None:
            await objects.put(hash, b"state", content_type)
            raise RuntimeError("killed here")

    key = await new_key()
    await grow(log, key, 1)
    with pytest.raises(RuntimeError):
        await Snapshots(pool, Crashing(Path("unused"))).put(key.document_id, 1, 1, b"state")
    assert await objects.exists(hash_of(b"state"))
    assert await snapshots.latest(key.document_id, 1) is None
    assert await snapshots.put(key.document_id, 1, 1, b"state")
    assert await snapshots.latest(key.document_id, 1) == Snapshot(1, b"state")
