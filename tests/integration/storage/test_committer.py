"""Group commit: order, repetition after a lost answer, postponement, refusal, limits and the end (C9, C10)."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import uuid4

import asyncpg
import pytest

from storage.committer import GroupCommitter
from storage.errors import BacklogFull, BatchRejected, CommitterClosed, DocumentMissing, EpochChanged, StoreAway
from storage.log import Appendable, AppendResult, Batch, Committed, DocumentKey, DocumentLog
from storage.objects import Objects
from storage.postgres import Connection, open_pool

NewKey = Callable[[], Awaitable[DocumentKey]]


def batch(data: bytes = b"x", origin: str = "test") -> Batch:
    return Batch(batch_id=uuid4(), actor=None, origin=origin, bytes=data)


async def contents(log: DocumentLog, key: DocumentKey) -> list[bytes]:
    rows = [row async for row in log.tail(key.document_id, key.epoch, 0)]
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    return [row.bytes for row in rows]


class Gate(DocumentLog):
    """The real log, with a door before it and a list of what went through."""

    def __init__(self, pool: asyncpg.Pool, objects: Objects) -> None:
        super().__init__(pool, objects)
        self.open = asyncio.Event()
        self.entered = asyncio.Event()
        self.calls: list[dict[DocumentKey, list[bytes]]] = []
        self.away_before = 0
        """So many calls fail before they reach PostgreSQL."""
        self.away_after = 0
        """So many calls are committed and their answer is lost."""

    async def append(self, groups: Mapping[DocumentKey, Sequence[Appendable]]) -> AppendResult:
        self.calls.append({key: [batch.bytes for batch in batches] for key, batches in groups.items()})
        self.entered.set()
        await self.open.wait()
        if self.away_before:
            self.away_before -= 1
            raise StoreAway("before")
        result = await super().append(groups)
        if self.away_after:
            self.away_after -= 1
            raise StoreAway("after")
        return result


async def test_c9_submissions_gather_into_one_commit_and_keep_their_order(
    pool: asyncpg.Pool, objects: Objects, new_key: NewKey
) -> None:
    log, one, two = Gate(pool, objects), await new_key(), await new_key()
    log.open.set()
    async with GroupCommitter(log) as committer:
        futures = [
            committer.submit(one, [batch(b"1"), batch(b"2")]),
            committer.submit(two, [batch(b"a")]),
            committer.submit(one, [batch(b"3")]),
        ]
        committed = await asyncio.gather(*futures)
    assert log.calls == [{one: [b"1", b"2", b"3"], two: [b"a"]}]
    assert [item.first_seq for item in committed] == [1, 1, 3]
    assert [len(item.seqs) for item in committed] == [2, 1, 1]
    assert await contents(log, one) == [b"1", b"2", b"3"]


async def test_c9_one_commit_is_in_flight(pool: asyncpg.Pool, objects: Objects, new_key: NewKey) -> None:
    log, key = Gate(pool, objects), await new_key()
    async with GroupCommitter(log) as committer:
        first = committer.submit(key, [batch(b"1")])
        await log.entered.wait()
        later = [committer.submit(key, [batch(b"%d" % number)]) for number in range(2, 5)]
        assert len(log.calls) == 1
        log.open.set()
        await asyncio.gather(first, *later)
    assert log.calls == [{key: [b"1"]}, {key: [b"2", b"3", b"4"]}]


async def test_c8_a_store_that_is_away_gets_the_same_rows_again_in_order(
    pool: asyncpg.Pool, objects: Objects, new_key: NewKey
) -> None:
    log, key = Gate(pool, objects), await new_key()
    log.open.set()
    log.away_before, log.away_after = 2, 2
    async with GroupCommitter(log, random.Random(4711)) as committer:
        futures = []
        for number in range(20):
            futures.append(committer.submit(key, [batch(b"%d" % number)]))
            await asyncio.sleep(0)
        committed = await asyncio.gather(*futures)
    assert [seq for item in committed for seq in item.seqs.values()] == list(range(1, 21))
    assert await contents(log, key) == [b"%d" % number for number in range(20)]


async def test_c9_a_document_that_is_held_is_retried_while_others_commit(
    pool: asyncpg.Pool, log: DocumentLog, new_key: NewKey
) -> None:
    held, free = await new_key(), await new_key()
    async with GroupCommitter(log) as committer:
        async with pool.acquire() as connection, connection.transaction():
            await log.lock_head(connection, held.document_id)
            await connection.execute("set local idle_in_transaction_session_timeout = 0")
            waiting = [committer.submit(held, [batch(b"1")]), committer.submit(held, [batch(b"2")])]
            for number in range(10):
                await committer.submit(free, [batch(b"%d" % number)])
            waiting.append(committer.submit(held, [batch(b"3")]))
            assert not any(future.done() for future in waiting)
        await asyncio.gather(*waiting)
    assert await contents(log, held) == [b"1", b"2", b"3"]
    assert len(await contents(log, free)) == 10


async def test_c9_a_refused_row_keeps_what_came_before_and_takes_what_came_after(
    log: DocumentLog, new_key: NewKey
) -> None:
    """What was submitted after a refused edit may stand on it: it fails with the same error."""
    key, other = await new_key(), await new_key()
    async with GroupCommitter(log) as committer:
        before = committer.submit(key, [batch(b"before")])
        bad = committer.submit(key, [batch(b"bad", origin="nul\x00")])
        after = committer.submit(key, [batch(b"after")])
        elsewhere = committer.submit(other, [batch(b"elsewhere")])
        outcomes = await asyncio.gather(before, bad, after, elsewhere, return_exceptions=True)
        assert isinstance(outcomes[1], BatchRejected)
        assert outcomes[2] is outcomes[1]
        assert await contents(log, key) == [b"before"]
        assert await contents(log, other) == [b"elsewhere"]
        assert (await committer.submit(key, [batch(b"anew")])).first_seq == 2


async def test_c6_nothing_slips_in_between_a_refusal_and_its_being_heard(log: DocumentLog, new_key: NewKey) -> None:
    key = await new_key()
    slipped: list[asyncio.Future[Committed]] = []
    async with GroupCommitter(log) as committer:
        bad = committer.submit(key, [batch(origin="nul\x00")])
        # Runs in the same turn of the loop as whoever awaits `bad`, before them.
        bad.add_done_callback(lambda _: slipped.append(committer.submit(key, [batch()])))
        with pytest.raises(BatchRejected):
            await bad
        with pytest.raises(BatchRejected):
            await slipped[0]
    assert await contents(log, key) == []


async def test_an_unknown_document_and_an_old_epoch_fail_by_name(
    pool: asyncpg.Pool, log: DocumentLog, new_key: NewKey
) -> None:
    key = await new_key()
    await pool.execute("update documents set epoch = 2 where id = $1", key.document_id)
    now = DocumentKey(key.document_id, 2)
    async with GroupCommitter(log) as committer:
        futures = [
            committer.submit(DocumentKey(uuid4(), 1), [batch()]),
            committer.submit(key, [batch()]),
            committer.submit(now, [batch()]),
        ]
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [DocumentMissing, EpochChanged, Committed]


async def test_p14_the_backlog_is_bounded_in_bytes(pool: asyncpg.Pool, objects: Objects, new_key: NewKey) -> None:
    log, key = Gate(pool, objects), await new_key()
    async with GroupCommitter(log, backlog_bytes_max=100) as committer:
        waiting = committer.submit(key, [batch(b"x" * 60)])
        with pytest.raises(BacklogFull):
            committer.submit(key, [batch(b"x" * 41)])
        full = committer.submit(key, [batch(b"x" * 40)])
        assert committer.backlog_bytes == 100
        log.open.set()
        await asyncio.gather(waiting, full)
        assert committer.backlog_bytes == 0
        await committer.submit(key, [batch(b"x" * 100)])


async def test_p14_a_commit_is_bounded_in_rows_and_documents_take_turns(
    pool: asyncpg.Pool, objects: Objects, new_key: NewKey
) -> None:
    log, busy, quiet = Gate(pool, objects), await new_key(), await new_key()
    log.open.set()
    async with GroupCommitter(log, rows_max=4) as committer:
        futures = [committer.submit(busy, [batch(b"%d" % number)]) for number in range(10)]
        futures.append(committer.submit(quiet, [batch(b"q")]))
        await asyncio.gather(*futures)
    assert log.calls[0] == {busy: [b"0", b"1", b"2", b"3"]}
    assert log.calls[1][quiet] == [b"q"]
    assert await contents(log, busy) == [b"%d" % number for number in range(10)]


async def test_a_larger_submission_than_a_commit_still_goes(log: DocumentLog, new_key: NewKey) -> None:
    key = await new_key()
    async with GroupCommitter(log, rows_max=4) as committer:
        committed = await committer.submit(key, [batch() for _ in range(9)])
    assert committed.head_seq == 9


async def test_p15_leaving_commits_what_waits_and_takes_no_more(
    pool: asyncpg.Pool, objects: Objects, new_key: NewKey
) -> None:
    log, keys = Gate(pool, objects), [await new_key() for _ in range(3)]
    async with GroupCommitter(log) as committer:
        futures = [committer.submit(key, [batch(b"%d" % number)]) for number in range(5) for key in keys]
        asyncio.get_running_loop().call_later(0.01, log.open.set)
    assert all(future.done() and future.exception() is None for future in futures)
    assert [len(await contents(log, key)) for key in keys] == [5, 5, 5]
    with pytest.raises(CommitterClosed):
        committer.submit(keys[0], [batch()])


async def test_p15_what_cannot_be_committed_in_time_is_told(
    pool: asyncpg.Pool, objects: Objects, new_key: NewKey
) -> None:
    log, key = Gate(pool, objects), await new_key()
    log.open.set()
    log.away_before = 1_000_000
    async with GroupCommitter(log, drain_timeout_s=0.05) as committer:
        futures = [committer.submit(key, [batch()]) for _ in range(3)]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [CommitterClosed] * 3


async def test_the_error_of_the_block_comes_out_as_itself_after_the_drain(log: DocumentLog, new_key: NewKey) -> None:
    key = await new_key()
    with pytest.raises(KeyError):
        async with GroupCommitter(log) as committer:
            future = committer.submit(key, [batch()])
            raise KeyError
    assert future.result().first_seq == 1


async def test_an_error_of_ours_ends_the_block_and_every_future(
    pool: asyncpg.Pool, objects: Objects, new_key: NewKey
) -> None:
    class Broken(DocumentLog):
        async def append(self, groups: Mapping[DocumentKey, Sequence[Appendable]]) -> AppendResult:
            raise ZeroDivisionError

    key = await new_key()
    with pytest.raises(ExceptionGroup) as caught:
        async with GroupCommitter(Broken(pool, objects)) as committer:
            future = committer.submit(key, [batch()])
            await asyncio.Event().wait()
    assert caught.group_contains(ZeroDivisionError)
    assert isinstance(future.exception(), CommitterClosed)


async def test_an_owner_that_went_away_disturbs_nobody(pool: asyncpg.Pool, objects: Objects, new_key: NewKey) -> None:
    log, key = Gate(pool, objects), await new_key()
    async with GroupCommitter(log) as committer:
        gone, stays = committer.submit(key, [batch(b"1")]), committer.submit(key, [batch(b"2")])
        gone.cancel()
        log.open.set()
        assert (await stays).first_seq == 2
    assert await contents(log, key) == [b"1", b"2"]


class Unlucky(DocumentLog):
    """Loses its connection in every third commit: before it, or after it and before the answer."""

    def __init__(self, pool: asyncpg.Pool, objects: Objects, rng: random.Random) -> None:
        super().__init__(pool, objects)
        self.rng = rng
        self.losses = 0

    async def _append(self, connection: Connection, groups: Mapping[DocumentKey, Sequence[Appendable]]) -> AppendResult:
        luck = self.rng.randrange(6)
        if luck == 0:
            self.losses += 1
            connection.terminate()
        result = await super()._append(connection, groups)
        if luck == 1:
            self.losses += 1
            connection.terminate()
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        return result


async def test_p1_seed_4711_connections_that_break_again_and_again_cost_no_row_and_no_order(
    database_url: str, objects: Objects, log: DocumentLog, new_key: NewKey
) -> None:
    keys, rng = [await new_key() for _ in range(3)], random.Random(4711)
    async with open_pool(database_url, connections_max=2) as pool:
        unlucky = Unlucky(pool, objects, rng)
        async with GroupCommitter(unlucky, rng) as committer:
            futures: list[asyncio.Future[Committed]] = []
            for number in range(60):
                futures.extend(committer.submit(key, [batch(b"%d" % number)]) for key in keys)
                await futures[rng.randrange(len(futures))]
    assert unlucky.losses > 5
    for position, key in enumerate(keys):
        assert await contents(log, key) == [b"%d" % number for number in range(60)]
        told = [seq for future in futures[position::3] for seq in future.result().seqs.values()]
        assert told == list(range(1, 61))
