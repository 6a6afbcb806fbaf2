"""Old rows leave PostgreSQL a segment at a time, and nobody who reads the log can tell (C15)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from storage.errors import BatchRejected, RowsMissing, SegmentLost, StoreAway
from storage.log import Batch, DocumentKey, DocumentLog, Row
from storage.log_model import Located
from storage.mover import Mover
from storage.objects import FolderObjects, Objects
from storage.postgres import open_pool
from storage.snapshots import Snapshots
from storage.tables.documents import DOCUMENTS_MAX

NewKey = Callable[[], Awaitable[DocumentKey]]
ROWS = 10


async def grow(log: DocumentLog, key: DocumentKey, rows: int) -> list[Batch]:
    batches = [Batch(uuid4(), uuid4(), "edit", b"%d" % number * 5, uuid4()) for number in range(rows)]
    assert (await log.append({key: batches})).committed
    return batches


async def everything(log: DocumentLog, key: DocumentKey) -> list[Row]:
    return [row async for row in log.tail(key.document_id, key.epoch, 0)]


async def segments(pool: asyncpg.Pool, key: DocumentKey) -> list[tuple[int, int]]:
    found = await pool.fetch(
        "select first_seq, last_seq from document_segments where document_id = $1 order by last_seq", key.document_id
    )
    return [(row["first_seq"], row["last_seq"]) for row in found]


async def left(pool: asyncpg.Pool, key: DocumentKey) -> int:
    count: int = await pool.fetchval("select count(*) from document_log where document_id = $1", key.document_id)
    return count


@asynccontextmanager
async def held(pool: asyncpg.Pool, key: DocumentKey) -> AsyncIterator[None]:
    """As by a mover; waits for the one before."""
    async with pool.acquire() as connection, connection.transaction():
        lock = "select pg_advisory_xact_lock(hashtextextended('segments of ' || $1::uuid, 0))"
        await connection.execute(lock, key.document_id)
        yield


@pytest.fixture
def snapshots(pool: asyncpg.Pool, objects: Objects) -> Snapshots:
    return Snapshots(pool, objects)


@pytest.fixture
def mover(pool: asyncpg.Pool, objects: Objects) -> Mover:
    return Mover(pool, objects, timedelta(0), rows=ROWS)


@pytest_asyncio.fixture
async def old(log: DocumentLog, snapshots: Snapshots, new_key: NewKey) -> DocumentKey:
    """25 rows, of which a snapshot has 22."""
    key = await new_key()
    await grow(log, key, 25)
    assert await snapshots.put(key.document_id, 1, 22, b"state")
    return key


async def test_rows_move_and_the_log_reads_the_same(
    pool: asyncpg.Pool, log: DocumentLog, mover: Mover, old: DocumentKey
) -> None:
    before = await everything(log, old)
    assert [await mover.move(old.document_id) for _ in range(3)] == [10, 10, 0]
    assert (await segments(pool, old), await left(pool, old)) == ([(1, 10), (11, 20)], 5)
    assert await everything(log, old) == before
    for after in range(26):  # from anywhere, and across both seams
        assert [row async for row in log.tail(old.document_id, 1, after)] == before[after:]
    assert [row.seq for row in await log.read(old.document_id, 1, 8, 5)] == [9, 10]  # a segment ends a page early
    assert [row.seq for row in await log.read(old.document_id, 1, 3, 4)] == [4, 5, 6, 7]
    assert await log.read(old.document_id, 1, 25) == [] == await log.read(old.document_id, 2, 0)
    await grow(log, old, 1)
    assert [row.seq for row in await everything(log, old)] == list(range(1, 27))


async def test_only_what_is_old_and_in_a_snapshot_moves(
    pool: asyncpg.Pool, objects: Objects, log: DocumentLog, snapshots: Snapshots, mover: Mover, new_key: NewKey
) -> None:
    key = await new_key()
    await grow(log, key, 15)
    assert await mover.move(key.document_id) == 0  # no snapshot
    await snapshots.put(key.document_id, 1, 9, b"nine")
    assert await mover.move(key.document_id) == 0  # not of enough
    await snapshots.put(key.document_id, 1, 15, b"fifteen")
    assert await Mover(pool, objects, timedelta(minutes=1), rows=ROWS).move(key.document_id) == 0
    assert await mover.move(uuid4()) == 0
    assert await segments(pool, key) == []
    assert await mover.move(key.document_id) == 10
    assert await mover.move(key.document_id) == 0  # five rows are no segment yet


async def test_a_segment_has_so_many_bytes_and_no_more(
    pool: asyncpg.Pool, objects: Objects, log: DocumentLog, old: DocumentKey
) -> None:
    before = await everything(log, old)
    mover = Mover(pool, objects, timedelta(0), rows=ROWS, bytes_max=20)
    while await mover.move(old.document_id):
        pass
    assert await segments(pool, old) == [(1, 4), (5, 8), (9, 11), (12, 13)]
    assert await everything(log, old) == before


async def test_every_document_has_its_turn(pool: asyncpg.Pool, mover: Mover, old: DocumentKey) -> None:
    documents = await pool.fetchval("select count(*) from documents")
    rounds = [await mover.due() for _ in range(2 * (documents // DOCUMENTS_MAX + 1))]
    assert sum(old.document_id in due for due in rounds) == 2


async def test_c8_a_batch_that_has_moved_is_still_known(
    pool: asyncpg.Pool, log: DocumentLog, snapshots: Snapshots, mover: Mover, new_key: NewKey
) -> None:
    key = await new_key()
    batches = await grow(log, key, 12)
    await snapshots.put(key.document_id, 1, 12, b"state")
    assert await mover.move(key.document_id) == 10
    assert await log.find(key.document_id, batches[3].batch_id) == Located(1, 4)
    assert await log.find(key.document_id, batches[11].batch_id) == Located(1, 12)
    assert await log.find(key.document_id, uuid4()) is None
    new = Batch(uuid4(), None, "edit", b"new")
    committed = (await log.append({key: [batches[3], new, batches[11]]})).committed[0]
    assert committed.seqs == {batches[3].batch_id: 4, new.batch_id: 13, batches[11].batch_id: 12}
    assert [row.seq for row in await everything(log, key)] == list(range(1, 14))
    await pool.execute("update documents set epoch = 2 where id = $1", key.document_id)
    next_epoch = DocumentKey(key.document_id, 2)
    (refused,) = (await log.append({next_epoch: [batches[3]]})).rejected.values()
    assert isinstance(refused, BatchRejected) and "epoch 1" in str(refused)


async def test_one_mover_at_a_time(pool: asyncpg.Pool, log: DocumentLog, mover: Mover, old: DocumentKey) -> None:
    before = await everything(log, old)
    async with held(pool, old):
        assert await mover.move(old.document_id) == 0
    moved = await asyncio.gather(*(mover.move(old.document_id) for _ in range(6)))
    while sum(moved) < 20:
        moved.append(await mover.move(old.document_id))
    assert await segments(pool, old) == [(1, 10), (11, 20)]
    assert await everything(log, old) == before


async def test_readers_and_writers_do_not_notice(
    pool: asyncpg.Pool, log: DocumentLog, snapshots: Snapshots, mover: Mover, old: DocumentKey
) -> None:
    await snapshots.put(old.document_id, 1, 25, b"state")
    done = asyncio.Event()
    rounds = 0

    async def read() -> None:
        nonlocal rounds
        while not done.is_set():
            seqs = [row.seq for row in await everything(log, old)]
            assert seqs == list(range(1, len(seqs) + 1))
            rounds += 1

    async def move() -> None:
        for _ in range(5):
            await grow(log, old, 10)
            await snapshots.put(old.document_id, 1, (await log.head(old.document_id)).seq, b"state")
            while await mover.move(old.document_id):
                pass
        done.set()

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(read())
        group.create_task(move())
    assert rounds > 3 and len(await everything(log, old)) == 75 and await left(pool, old) == 5


async def test_the_row_of_a_moment_is_found_on_both_sides(
    pool: asyncpg.Pool, log: DocumentLog, mover: Mover, old: DocumentKey
) -> None:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    await pool.execute(
        "update document_log set created_at = $2::timestamptz + seq * interval '1 minute' where document_id = $1",
        old.document_id,
        began,
    )

    async def at_every_half_minute() -> list[tuple[int, int]]:
        moments = [began + timedelta(seconds=30 * half) for half in range(54)]
        return [await log.place_at(await log.head(old.document_id), moment) for moment in moments]

    expected = [(1, min(half // 2, 25)) for half in range(54)]
    assert await at_every_half_minute() == expected
    for _ in range(2):
        assert await mover.move(old.document_id) == 10
        assert await at_every_half_minute() == expected


# What may go wrong -------------------------------------------------------------------------------

STEPS = ["hold", "due", "read", "put", "replace", "commit"]


class Killed(Exception):
    """The process ends here, and its connection with it."""


class Mortal:
    """A pool and objects for one mover that dies right behind one of its steps."""

    def __init__(self, pool: asyncpg.Pool, objects: Objects, last_step: str) -> None:
        self._pool = pool
        self._objects = objects
        self._last = STEPS.index(last_step)
        self._done = 0
        self._connection: Any = None

    def _did(self) -> None:
        self._done += 1
        if self._done > self._last:
            self._connection.terminate()
            raise Killed

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["Mortal"]:
        async with self._pool.acquire() as self._connection:
            yield self

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        async with self._connection.transaction():
            yield
        self._did()

    async def fetchval(self, *query: Any) -> Any:
        value = await self._connection.fetchval(*query)
        self._did()
        return value

    async def fetchrow(self, *query: Any) -> Any:
        row = await self._connection.fetchrow(*query)
        self._did()
        return row

    async def fetch(self, *query: Any) -> Any:
        rows = await self._connection.fetch(*query)
        self._did()
        return rows

    async def put(self, hash: str, data: bytes, content_type: str) -> None:
        await self._objects.put(hash, data, content_type)
        self._did()


@pytest.mark.parametrize("step", STEPS)
async def test_a_crash_behind_any_step_leaves_the_log_whole(
    step: str, database_url: str, pool: asyncpg.Pool, objects: Objects, log: DocumentLog, mover: Mover, old: DocumentKey
) -> None:
    before = await everything(log, old)
    async with open_pool(database_url, connections_max=1) as its_own:
        mortal = Mortal(its_own, objects, step)
        doomed = Mover(cast(asyncpg.Pool, mortal), cast(Objects, mortal), timedelta(0), rows=ROWS)
        with pytest.raises((Killed, StoreAway)):
            await doomed.move(old.document_id)
    assert mortal._done == STEPS.index(step) + 1
    async with held(pool, old):  # when PostgreSQL has noticed, too
        pass
    has_moved = step == "commit"
    assert await segments(pool, old) == ([(1, 10)] if has_moved else [])
    assert await left(pool, old) == (15 if has_moved else 25)
    assert await everything(log, old) == before
    assert await log.find(old.document_id, before[2].batch_id) == Located(1, 3)
    while await mover.move(old.document_id):  # the next one goes on
        pass
    assert await segments(pool, old) == [(1, 10), (11, 20)]
    assert await everything(log, old) == before


async def test_a_gap_in_the_log_is_told_and_stays_as_it_is(pool: asyncpg.Pool, mover: Mover, old: DocumentKey) -> None:
    await pool.execute("delete from document_log where document_id = $1 and seq = 4", old.document_id)
    with pytest.raises(RowsMissing):
        await mover.move(old.document_id)
    assert (await segments(pool, old), await left(pool, old)) == ([], 24)


async def test_a_lost_object_is_told_and_the_document_goes_on(
    pool: asyncpg.Pool, objects: FolderObjects, log: DocumentLog, mover: Mover, old: DocumentKey
) -> None:
    assert await mover.move(old.document_id) == 10
    await pool.execute("update document_log set created_at = now() where document_id = $1", old.document_id)
    query = "select hash, began_at from document_segments where document_id = $1"
    (segment,) = await pool.fetch(query, old.document_id)
    path = objects._path(segment["hash"])
    kept = path.read_bytes()
    for content in (b"rotten", None):
        path.unlink() if content is None else path.write_bytes(content)
        with pytest.raises(SegmentLost):
            await log.read(old.document_id, 1, 0)
        with pytest.raises(SegmentLost):
            await log.place_at(await log.head(old.document_id), segment["began_at"])
        assert [row.seq for row in await log.read(old.document_id, 1, 10, 1)] == [11]
        await grow(log, old, 1)
    path.write_bytes(kept)
    assert len(await everything(log, old)) == 27
