"""The document log: append-only rows in the order of a counter in the document's head row (consistency.md C8, C9).

It does not look into the bytes and decides nothing about rights: what is submitted here was judged before. Whether a
row still is a row or has moved to a segment (`mover.py`), its readers do not see.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

import asyncpg

from storage.errors import BatchRejected, ClientClaimed, DocumentMissing, EpochChanged, LockedMeanwhile, StorageError
from storage.log_model import Appendable, Batch, Committed, DocumentKey, Head, HeadVersion, Located, Row
from storage.objects import Objects
from storage.postgres import LOG_TRANSACTION, Connection, Executor, store_away
from storage.segments import page_of, read_segment
from storage.sql import load

__all__ = [
    "AppendResult",
    "Appendable",
    "Batch",
    "Committed",
    "DocumentKey",
    "DocumentLog",
    "Head",
    "HeadVersion",
    "Row",
]

READ_ROWS_MAX = 1_000
READ_BYTES_MAX = 16 * 1024 * 1024
"""Of one page; a single larger row still comes."""

_QUERIES = load(__file__)
_NEVER = (
    asyncpg.exceptions.DataError,
    asyncpg.exceptions.IntegrityConstraintViolationError,
    asyncpg.exceptions.ProgramLimitExceededError,
)
"""What PostgreSQL says about the rows themselves."""


@dataclass(frozen=True, slots=True)
class AppendResult:
    """Each document of the call is in exactly one of the three."""

    committed: list[Committed] = field(default_factory=list)
    postponed: set[DocumentKey] = field(default_factory=set)
    """Their heads are locked elsewhere; nothing of theirs was written."""
    rejected: dict[DocumentKey, StorageError] = field(default_factory=dict)
    """`EpochChanged`, `DocumentMissing` or `BatchRejected`; nothing of theirs was written."""


class DocumentLog:
    """Rows of all documents. `objects`: where the oldest are."""

    def __init__(self, pool: asyncpg.Pool, objects: Objects) -> None:
        self._pool = pool
        self._objects = objects

    async def head(self, document_id: UUID, connection: Executor | None = None) -> Head:
        """Raises `DocumentMissing`."""
        with store_away():
            record = await (connection or self._pool).fetchrow(_QUERIES["head"], document_id)
        return _head(document_id, record)

    async def heads(self, document_ids: Sequence[UUID]) -> list[HeadVersion]:
        """Of those that exist."""
        with store_away():
            records = await self._pool.fetch(_QUERIES["heads"], document_ids)
        return [HeadVersion(row["id"], row["epoch"], row["seq"], row["access_version"]) for row in records]

    async def read(
        self,
        document_id: UUID,
        epoch: int,
        after: int,
        limit_rows: int = READ_ROWS_MAX,
        limit_bytes: int = READ_BYTES_MAX,
        connection: Executor | None = None,
    ) -> list[Row]:
        """One page of rows with `seq > after`. Only an empty page is the end: bytes, or a segment, may end one early.

        Raises `SegmentLost`.
        """
        with store_away():
            records = await (connection or self._pool).fetch(
                _QUERIES["read"], document_id, epoch, after, limit_rows, limit_bytes
            )
        if records and records[0]["segment"] is not None:
            moved = await read_segment(self._objects, records[0]["segment"])
            return page_of(moved, after, limit_rows, limit_bytes)
        return [Row(*columns) for _, *columns in records]

    async def tail(
        self, document_id: UUID, epoch: int, after: int, connection: Executor | None = None
    ) -> AsyncIterator[Row]:
        """All rows with `seq > after`, page by page."""
        while page := await self.read(document_id, epoch, after, connection=connection):
            for row in page:
                yield row
            after = page[-1].seq

    async def place_at(self, head: Head, moment: datetime) -> tuple[int, int]:
        """The epoch and the last row that was written by `moment`; sequence 0 before the first. Raises `SegmentLost`.

        A binary search, because sequences have no gaps and rise with time: no index has to be kept for it on every
        append.
        """
        document_id = head.document_id
        with store_away():
            async with (
                self._pool.acquire() as connection,
                # One view of all of it: a row that moves meanwhile would be missed.
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                epoch = await connection.fetchval(_QUERIES["epoch_at"], document_id, head.epoch, moment) or head.epoch
                high = head.seq
                if epoch != head.epoch:
                    high = await connection.fetchval(_QUERIES["end_of_epoch"], document_id, epoch)
                moved: int = await connection.fetchval(_QUERIES["moved_through"], document_id, epoch)
                found = await _row_at(connection, document_id, epoch, moved, high, moment)
                if found > moved or moved == 0:
                    return epoch, found
                segment = await connection.fetchval(_QUERIES["segment_at"], document_id, epoch, moment)
        if segment is None:
            return epoch, 0
        rows = await read_segment(self._objects, segment)
        return epoch, max(row.seq for row in rows if row.created_at <= moment)

    async def clients(self, document_id: UUID, epoch: int) -> dict[int, UUID]:
        """Whose each client id is."""
        with store_away():
            records = await self._pool.fetch(_QUERIES["clients"], document_id, epoch)
        return {row["client_id"]: row["actor"] for row in records}

    async def append(self, groups: Mapping[DocumentKey, Sequence[Appendable]]) -> AppendResult:
        """One statement, so one transaction for all, and one round trip.

        Raises `StoreAway`: whether it was committed is unknown, so repeat the same call.
        """
        try:
            with store_away():
                async with self._pool.acquire() as connection:
                    return await self._append(connection, groups)
        except _NEVER as error:
            if len(groups) == 1:
                (key,) = groups
                return AppendResult(rejected={key: _rejection(groups[key], error)})
        alone = [await self.append({key: batches}) for key, batches in groups.items()]
        return AppendResult(
            committed=[committed for result in alone for committed in result.committed],
            postponed={key for result in alone for key in result.postponed},
            rejected={key: error for result in alone for key, error in result.rejected.items()},
        )

    async def _append(self, connection: Connection, groups: Mapping[DocumentKey, Sequence[Appendable]]) -> AppendResult:
        assert len({key.document_id for key in groups}) == len(groups), "a document is there in one epoch"
        return _result(groups, await connection.fetch(_QUERIES["append"], *_arguments(groups)))

    async def lock_head(self, connection: Connection, document_id: UUID) -> Head:
        """Waits at most LOG_LOCK_TIMEOUT_MS. `connection` is in a transaction. Raises `DocumentMissing`."""
        await connection.execute(LOG_TRANSACTION)
        return _head(document_id, await connection.fetchrow(_QUERIES["lock_head"], document_id))

    async def append_locked(self, connection: Connection, head: Head, batches: Sequence[Batch]) -> Committed:
        """Rows of one document under the lock of `lock_head`. Raises `EpochChanged`, `BatchRejected`."""
        result = await self._append(connection, {head.key: batches})
        if result.rejected:
            raise result.rejected[head.key]
        (committed,) = result.committed
        return committed

    async def begin_epoch(self, connection: Connection, head: Head, server_client: int, seed: bytes) -> Head:
        """Under the lock of `lock_head`: `seed` becomes row 1 of the next epoch; the rows of this one stay."""
        assert 0 < server_client < 2**32, "y-py truncates longer client ids"
        record = await connection.fetchrow(_QUERIES["begin_epoch"], head.document_id, head.epoch, server_client)
        begun = _head(head.document_id, record)
        batch_id = uuid5(head.document_id, f"epoch {begun.epoch}")
        await self.append_locked(connection, begun, [Batch(batch_id, None, "rebase", seed)])
        return begun

    async def find(self, document_id: UUID, batch_id: UUID, connection: Executor | None = None) -> Located | None:
        """Where the batch is, if it is in the log already."""
        with store_away():
            row = await (connection or self._pool).fetchrow(_QUERIES["find"], document_id, batch_id)
        return None if row is None else Located(row["epoch"], row["seq"])

    async def create(
        self,
        connection: Connection,
        episode_id: UUID,
        kind: str,
        document_id: UUID,
        server_client: int,
        seed: bytes | None,
    ) -> Head:
        """The episode's document of this kind, made exactly once; `seed` becomes row 1 of a new one.

        Raises `DocumentMissing` when there is no such episode.
        """
        assert 0 < server_client < 2**32, "y-py truncates longer client ids"
        record = await connection.fetchrow(_QUERIES["create"], document_id, episode_id, kind, server_client)
        if record is None:  # another was faster; its row is visible now
            return _head(document_id, await connection.fetchrow(_QUERIES["head_of_kind"], episode_id, kind))
        head = _head(document_id, record)
        if seed is not None:
            await self.append_locked(connection, head, [Batch(document_id, None, "seed", seed)])
        return await self.head(document_id, connection)


async def _row_at(connection: Connection, document_id: UUID, epoch: int, low: int, high: int, moment: datetime) -> int:
    """The last row behind `low` that was written by then, or `low`."""
    while low < high:
        middle = (low + high + 1) // 2
        written: datetime | None = await connection.fetchval(_QUERIES["time_of"], document_id, epoch, middle)
        if written is not None and written <= moment:
            low = middle
        else:
            high = middle - 1
    return low


def _head(document_id: UUID, record: asyncpg.Record | None) -> Head:
    if record is None:
        raise DocumentMissing(str(document_id))
    return Head(
        record["id"], record["project_id"], record["kind"], record["epoch"], record["seq"], record["server_client"]
    )


def _arguments(groups: Mapping[DocumentKey, Sequence[Appendable]]) -> Iterator[list[object]]:
    """The arrays of `append_to_log`: documents, their rows, and the rows' claims."""
    rows = [(place, batch) for place, batches in enumerate(groups.values(), 1) for batch in batches]
    claims = [(place, client) for place, (_, batch) in enumerate(rows, 1) for client in batch.claims]
    assert all(batch.actor is not None for _, batch in rows if batch.claims), "only an actor claims a client id"
    yield [key.document_id for key in groups]
    yield [key.epoch for key in groups]
    yield [place for place, _ in rows]
    yield [batch.batch_id for _, batch in rows]
    yield [batch.actor for _, batch in rows]
    yield [batch.origin for _, batch in rows]
    yield [batch.relayed_by for _, batch in rows]
    yield [batch.bytes for _, batch in rows]
    yield [place for place, _ in claims]
    yield [client for _, client in claims]
    yield [batch.seen for _, batch in rows]


def _result(groups: Mapping[DocumentKey, Sequence[Appendable]], answers: Iterable[asyncpg.Record]) -> AppendResult:
    """What `append_to_log` has answered, outcome by outcome."""
    keys = list(groups)
    rows = [(key, batch) for key, batches in groups.items() for batch in batches]
    result = AppendResult()
    heads: dict[DocumentKey, int] = {}
    seq_of: dict[int, int] = {}
    for outcome, places, numbers in answers:
        answered = dict(zip(places, numbers, strict=True))
        match outcome:
            case "row":
                seq_of = answered
            case "committed":
                heads = {keys[place - 1]: number for place, number in answered.items()}
            case "postponed":
                result.postponed.update(keys[place - 1] for place in places)
            case _:
                result.rejected.update(_rejections(outcome, answered, keys, rows))
    seqs: dict[DocumentKey, dict[UUID, int]] = {key: {} for key in heads}
    for place, (key, batch) in enumerate(rows, 1):
        if key in heads:
            seqs[key][batch.batch_id] = seq_of[place]
    for key, head_seq in heads.items():
        first_seq = min(seqs[key].values(), default=head_seq + 1)
        result.committed.append(Committed(key.document_id, key.epoch, first_seq, head_seq, seqs[key]))
    return result


def _rejections(
    outcome: str,
    answered: Mapping[int, int],
    keys: Sequence[DocumentKey],
    rows: Sequence[tuple[DocumentKey, Appendable]],
) -> Iterator[tuple[DocumentKey, StorageError]]:
    """`answered`: places, of documents or of rows, and what is said of each."""
    for place, number in answered.items():
        if outcome == "missing":
            yield keys[place - 1], DocumentMissing(str(keys[place - 1].document_id))
        elif outcome == "epoch":
            yield keys[place - 1], EpochChanged(keys[place - 1].document_id, number)
        else:
            key, batch = rows[place - 1]
            yield key, _refusal(outcome, batch, number)


def _refusal(outcome: str, batch: Appendable, number: int) -> BatchRejected:
    if outcome == "locked":
        return LockedMeanwhile(batch.batch_id, f"row {number} locked something that it was judged without")
    if outcome == "claimed":
        return ClientClaimed(batch.batch_id, f"client {number} belongs to another actor")
    assert outcome == "batch_epoch", outcome
    return BatchRejected(batch.batch_id, f"the batch was committed in epoch {number}")


def _rejection(batches: Sequence[Appendable], error: Exception) -> BatchRejected:
    rejected = BatchRejected(batches[0].batch_id if len(batches) == 1 else None, f"PostgreSQL: {error}")
    rejected.__cause__ = error
    return rejected
