"""The document log on a real PostgreSQL: order, repetition, refusal and what is locked elsewhere (C3, C8, C9)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast
from uuid import UUID, uuid4

import asyncpg
import pytest

from storage.errors import BatchRejected, ClientClaimed, DocumentMissing, EpochChanged, StoreAway
from storage.log import Batch, DocumentKey, DocumentLog, Head
from storage.objects import Objects
from storage.postgres import open_pool

NewDocument = Callable[[], Awaitable[Head]]
NewKey = Callable[[], Awaitable[DocumentKey]]


def batch(data: bytes = b"x", *, actor: UUID | None = None, claims: tuple[int, ...] = ()) -> Batch:
    return Batch(batch_id=uuid4(), actor=actor, origin="test", bytes=data, claims=claims)


async def contents(log: DocumentLog, key: DocumentKey) -> list[tuple[int, bytes]]:
    return [(row.seq, row.bytes) async for row in log.tail(key.document_id, key.epoch, 0)]


async def test_c8_rows_are_numbered_from_one_without_gaps(log: DocumentLog, new_key: NewKey) -> None:
    key = await new_key()
    first = await log.append({key: [batch(b"a"), batch(b"b")]})
    second = await log.append({key: [batch(b"c")]})
    assert [list(result.committed[0].seqs.values()) for result in (first, second)] == [[1, 2], [3]]
    assert (second.committed[0].first_seq, second.committed[0].head_seq) == (3, 3)
    assert await contents(log, key) == [(1, b"a"), (2, b"b"), (3, b"c")]
    assert (await log.head(key.document_id)).seq == 3


async def test_c8_many_appenders_give_dense_numbers_in_the_order_of_commits(
    database_url: str, objects: Objects, new_key: NewKey
) -> None:
    """A reader that polls while 8 connections append never sees a number before a smaller one."""
    keys = [await new_key() for _ in range(2)]
    async with open_pool(database_url, connections_max=10) as pool:
        log = DocumentLog(pool, objects)
        stop = asyncio.Event()
        seen: dict[DocumentKey, list[int]] = {key: [] for key in keys}

        async def follow(key: DocumentKey) -> None:
            finished = False
            while not finished:
                finished = stop.is_set()
                after = seen[key][-1] if seen[key] else 0
                seen[key] += [row.seq for row in await log.read(key.document_id, key.epoch, after)]

        async def appender() -> None:
            for _ in range(15):
                waiting = {key: [batch(), batch()] for key in keys}
                while waiting:
                    result = await log.append(waiting)
                    waiting = {key: waiting[key] for key in result.postponed}

        async with asyncio.TaskGroup() as group:
            for key in keys:
                group.create_task(follow(key))
            async with asyncio.TaskGroup() as appenders:
                for _ in range(8):
                    appenders.create_task(appender())
            stop.set()
    assert [seen[key] for key in keys] == [list(range(1, 8 * 15 * 2 + 1))] * 2


async def test_c8_a_repeated_batch_keeps_its_number(log: DocumentLog, new_key: NewKey) -> None:
    key = await new_key()
    old, new = batch(b"old"), batch(b"new")
    await log.append({key: [old]})
    await log.append({key: [batch(b"between")]})
    committed = (await log.append({key: [old, new, new]})).committed[0]
    assert committed.seqs == {old.batch_id: 1, new.batch_id: 3}
    assert await contents(log, key) == [(1, b"old"), (2, b"between"), (3, b"new")]


class Silenced:
    """A pool that lends a connection on which the first answer is lost, after PostgreSQL has committed."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.losses = 1

    def acquire(self) -> Any:
        return _Silent(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)


class _Silent:
    def __init__(self, silenced: Silenced) -> None:
        self._silenced = silenced
        self._acquired = silenced._pool.acquire()

    async def __aenter__(self) -> Any:
        self._connection: Any = await self._acquired.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._acquired.__aexit__(*error)

    async def fetch(self, *query: Any) -> Any:
        answer = await self._connection.fetch(*query)
        if self._silenced.losses:
            self._silenced.losses -= 1
            self._connection.terminate()
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        return answer


async def test_c8_a_commit_whose_answer_is_lost_is_repeated_without_a_second_row(
    pool: asyncpg.Pool, objects: Objects, new_key: NewKey
) -> None:
    key = await new_key()
    silenced = DocumentLog(cast(asyncpg.Pool, Silenced(pool)), objects)
    batches = [batch(b"1"), batch(b"2")]
    with pytest.raises(StoreAway):
        await silenced.append({key: batches})
    assert [seq for seq, _ in await contents(silenced, key)] == [1, 2]  # it was committed all the same
    committed = (await silenced.append({key: batches})).committed[0]
    assert committed.seqs == {batches[0].batch_id: 1, batches[1].batch_id: 2}
    assert await contents(silenced, key) == [(1, b"1"), (2, b"2")]


async def test_a_backend_that_ends_in_the_middle_is_store_away_and_leaves_nothing(
    database_url: str, pool: asyncpg.Pool, objects: Objects, log: DocumentLog, new_key: NewKey
) -> None:
    key = await new_key()
    async with open_pool(database_url, connections_max=1) as fragile:
        async with fragile.acquire() as connection:
            backend = connection.get_server_pid()
        async with pool.acquire() as other, other.transaction():
            # The append will wait here, after its head was locked, for a row that nobody else may write.
            await other.execute("lock table document_log in access exclusive mode")
            appending = asyncio.ensure_future(DocumentLog(fragile, objects).append({key: [batch()]}))
            while not await other.fetchval(
                "select exists (select from pg_locks where pid = $1 and not granted)", backend
            ):
                pass
            await other.execute("select pg_terminate_backend($1)", backend)
            with pytest.raises(StoreAway):
                await appending
        assert await contents(log, key) == []
        assert (await DocumentLog(fragile, objects).append({key: [batch()]})).committed[0].first_seq == 1


async def test_c9_a_head_locked_elsewhere_is_postponed_and_the_others_commit(
    pool: asyncpg.Pool, log: DocumentLog, new_key: NewKey
) -> None:
    held, free = await new_key(), await new_key()
    async with pool.acquire() as connection, connection.transaction():
        await log.lock_head(connection, held.document_id)
        await connection.execute("set local idle_in_transaction_session_timeout = 0")
        result = await asyncio.wait_for(log.append({held: [batch()], free: [batch()]}), 5)
    assert result.postponed == {held}
    assert [committed.document_id for committed in result.committed] == [free.document_id]
    assert (await log.append({held: [batch()]})).committed[0].first_seq == 1


async def test_c9_a_row_that_refers_to_a_document_does_not_hold_up_its_log(
    pool: asyncpg.Pool, log: DocumentLog, new_key: NewKey
) -> None:
    key = await new_key()
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "insert into document_snapshots (document_id, epoch, seq, hash, bytes) values ($1, 1, 0, '', 0)",
            key.document_id,
        )
        assert (await log.append({key: [batch()]})).postponed == set()


async def test_c9_waiting_for_a_head_ends_after_200_ms(pool: asyncpg.Pool, log: DocumentLog, new_key: NewKey) -> None:
    key = await new_key()
    async with pool.acquire() as holder, holder.transaction():
        await log.lock_head(holder, key.document_id)
        await holder.execute("set local idle_in_transaction_session_timeout = 0")
        async with pool.acquire() as waiter:
            with pytest.raises(asyncpg.LockNotAvailableError):
                async with waiter.transaction():
                    await log.lock_head(waiter, key.document_id)


async def test_c9_a_transaction_that_sleeps_on_a_head_is_ended_after_one_second(
    database_url: str, log: DocumentLog, new_key: NewKey
) -> None:
    key = await new_key()
    connection = await asyncpg.connect(database_url)
    ended = asyncio.Event()
    connection.add_termination_listener(lambda _: ended.set())
    await connection.execute("begin")
    await log.lock_head(connection, key.document_id)
    await asyncio.wait_for(ended.wait(), 10)
    assert (await log.append({key: [batch()]})).committed[0].first_seq == 1


@pytest.mark.parametrize("origin", ["nul\x00", "half \ud800"])
async def test_c9_a_row_that_postgresql_refuses_fails_only_its_document(
    log: DocumentLog, new_key: NewKey, origin: str
) -> None:
    good, bad, late = await new_key(), await new_key(), await new_key()
    refused = Batch(uuid4(), None, origin, b"x")
    result = await log.append({good: [batch()], bad: [batch(), refused], late: [batch()]})
    assert {committed.document_id for committed in result.committed} == {good.document_id, late.document_id}
    assert list(result.rejected) == [bad]
    assert isinstance(result.rejected[bad], BatchRejected)
    assert await contents(log, bad) == []


async def test_c13_another_epoch_is_refused_with_the_current_one(
    pool: asyncpg.Pool, log: DocumentLog, new_key: NewKey
) -> None:
    key, other = await new_key(), await new_key()
    await pool.execute("update documents set epoch = 2 where id = $1", key.document_id)
    result = await log.append({key: [batch()], other: [batch()]})
    error = result.rejected[key]
    assert isinstance(error, EpochChanged)
    assert error.current == 2
    assert [committed.document_id for committed in result.committed] == [other.document_id]


async def test_c13_a_batch_of_an_old_epoch_is_not_committed_again_in_the_new(
    pool: asyncpg.Pool, log: DocumentLog, new_key: NewKey
) -> None:
    key = await new_key()
    old = batch()
    await log.append({key: [old]})
    await pool.execute("update documents set epoch = 2, seq = 0 where id = $1", key.document_id)
    now = DocumentKey(key.document_id, 2)
    error = (await log.append({now: [old]})).rejected[now]
    assert isinstance(error, BatchRejected)
    assert error.batch_id == old.batch_id


async def test_an_unknown_document_is_missing(log: DocumentLog, new_key: NewKey) -> None:
    key, nowhere = await new_key(), DocumentKey(uuid4(), 1)
    result = await log.append({nowhere: [batch()], key: [batch()]})
    assert isinstance(result.rejected[nowhere], DocumentMissing)
    assert len(result.committed) == 1
    with pytest.raises(DocumentMissing):
        await log.head(nowhere.document_id)


async def test_c3_a_client_id_belongs_to_its_first_actor(log: DocumentLog, new_key: NewKey) -> None:
    key, other = await new_key(), await new_key()
    ann, bob = uuid4(), uuid4()
    await log.append({key: [batch(actor=ann, claims=(7, 2**53 - 1))]})
    assert await log.clients(key.document_id, key.epoch) == {7: ann, 2**53 - 1: ann}
    again = await log.append({key: [batch(actor=ann, claims=(7,))]})
    assert again.committed[0].first_seq == 2
    thief = batch(actor=bob, claims=(8, 7))
    result = await log.append({key: [batch(), thief], other: [batch(actor=bob, claims=(7,))]})
    error = result.rejected[key]
    assert isinstance(error, ClientClaimed)
    assert error.batch_id == thief.batch_id
    assert [committed.document_id for committed in result.committed] == [other.document_id]
    assert len(await contents(log, key)) == 2
    assert 8 not in await log.clients(key.document_id, key.epoch)


async def test_c3_two_claims_in_one_commit_conflict_too(log: DocumentLog, new_key: NewKey) -> None:
    key = await new_key()
    result = await log.append({key: [batch(actor=uuid4(), claims=(7,)), batch(actor=uuid4(), claims=(7,))]})
    assert isinstance(result.rejected[key], ClientClaimed)
    assert await log.clients(key.document_id, key.epoch) == {}


async def test_c14_heads_tell_sequence_and_rights_version(
    pool: asyncpg.Pool, log: DocumentLog, new_document: NewDocument
) -> None:
    head = await new_document()
    await log.append({head.key: [batch()]})
    await pool.execute("update projects set access_version = 5 where id = $1", head.project_id)
    (version,) = await log.heads([head.document_id, uuid4()])
    assert (version.document_id, version.epoch, version.seq, version.access_version) == (head.document_id, 1, 1, 5)


async def test_pages_end_at_rows_and_at_bytes_and_one_large_row_still_comes(log: DocumentLog, new_key: NewKey) -> None:
    key = await new_key()
    sizes = [10, 10, 100, 10]
    await log.append({key: [batch(b"x" * size) for size in sizes]})

    async def seqs(after: int, rows: int, size: int) -> list[int]:
        return [row.seq for row in await log.read(key.document_id, 1, after, rows, size)]

    assert await seqs(0, 3, 1_000) == [1, 2, 3]
    assert await seqs(0, 10, 25) == [1, 2]
    assert await seqs(2, 10, 25) == [3]
    assert await seqs(3, 10, 25) == [4]
    assert await seqs(4, 10, 25) == []


async def test_a_document_is_created_exactly_once(
    pool: asyncpg.Pool, log: DocumentLog, new_document: NewDocument
) -> None:
    project_id = (await new_document()).project_id

    async def create() -> Head:
        async with pool.acquire() as connection, connection.transaction():
            return await log.create(connection, project_id, "tl", uuid4(), 3_000_000_000, b"seed")

    heads = await asyncio.gather(*(create() for _ in range(4)))
    assert len(set(heads)) == 1
    assert (heads[0].seq, heads[0].kind, heads[0].epoch) == (1, "tl", 1)
    (row,) = await log.read(heads[0].document_id, 1, 0)
    assert (row.bytes, row.origin, row.actor) == (b"seed", "seed", None)


async def test_bytes_and_authors_come_back_as_they_went(log: DocumentLog, new_key: NewKey) -> None:
    key = await new_key()
    actor, helper = uuid4(), uuid4()
    sent = Batch(uuid4(), actor, "sync", bytes(range(256)), relayed_by=helper)
    await log.append({key: [sent]})
    (row,) = await log.read(key.document_id, 1, 0)
    assert (row.batch_id, row.actor, row.origin, row.bytes) == (sent.batch_id, actor, "sync", sent.bytes)


async def test_a_pool_that_cannot_connect_is_store_away(database_url: str, objects: Objects, new_key: NewKey) -> None:
    key = await new_key()
    async with open_pool(database_url, connections_max=1) as pool:
        pool.set_connect_args("postgresql://nobody@127.0.0.1:1/nothing", timeout=1)
        await pool.expire_connections()
        with pytest.raises(StoreAway):
            await DocumentLog(pool, objects).append({key: [batch()]})
