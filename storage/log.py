"""The document log: append-only rows in the order of a counter in the document's head row (consistency.md C8, C9).

It does not look into the bytes and decides nothing about rights: what is submitted here was judged before.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from storage.errors import BatchRejected, DocumentMissing, EpochChanged, StorageError
from storage.log_plan import Batch, Committed, DocumentKey, Head, HeadVersion, Located, Plan, Row, plan
from storage.postgres import LOG_TRANSACTION, Connection, Executor, store_away
from storage.sql import load

__all__ = [
    "AppendResult",
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
    """Rows of all documents."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

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
        """One page of rows with `seq > after`. Only an empty page is the end: bytes may fill one before rows do."""
        with store_away():
            records = await (connection or self._pool).fetch(
                _QUERIES["read"], document_id, epoch, after, limit_rows, limit_bytes
            )
        return [Row(row["seq"], row["batch_id"], row["actor"], row["origin"], row["bytes"]) for row in records]

    async def tail(
        self, document_id: UUID, epoch: int, after: int, connection: Executor | None = None
    ) -> AsyncIterator[Row]:
        """All rows with `seq > after`, page by page."""
        while page := await self.read(document_id, epoch, after, connection=connection):
            for row in page:
                yield row
            after = page[-1].seq

    async def clients(self, document_id: UUID, epoch: int) -> dict[int, UUID]:
        """Whose each client id is."""
        with store_away():
            records = await self._pool.fetch(_QUERIES["clients"], document_id, epoch)
        return {row["client_id"]: row["actor"] for row in records}

    async def append(self, groups: Mapping[DocumentKey, Sequence[Batch]]) -> AppendResult:
        """One transaction for all. Raises `StoreAway`: whether it was committed is unknown, so repeat the same call."""
        try:
            return await self._append(groups)
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

    async def _append(self, groups: Mapping[DocumentKey, Sequence[Batch]]) -> AppendResult:
        assert len({key.document_id for key in groups}) == len(groups), "a document is there in one epoch"
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(LOG_TRANSACTION)
                locked = await connection.fetch(_QUERIES["lock_free_heads"], [key.document_id for key in groups])
                heads = {row["id"]: (row["epoch"], row["seq"]) for row in locked}
                result = AppendResult()
                await self._sort_out(connection, [key for key in groups if key.document_id not in heads], result)
                ours = {key: batches for key, batches in groups.items() if key.document_id in heads}
                plans = await self._plan(connection, ours, heads, result)
                await self._write(connection, plans)
            result.committed.extend(item.committed for item in plans)
            return result

    async def _sort_out(self, connection: Connection, keys: Sequence[DocumentKey], result: AppendResult) -> None:
        """What could not be locked is either held elsewhere or is not there."""
        if not keys:
            return
        records = await connection.fetch(_QUERIES["existing"], [key.document_id for key in keys])
        existing = {row["id"] for row in records}
        for key in keys:
            if key.document_id in existing:
                result.postponed.add(key)
            else:
                result.rejected[key] = DocumentMissing(str(key.document_id))

    async def _plan(
        self,
        connection: Connection,
        groups: Mapping[DocumentKey, Sequence[Batch]],
        heads: Mapping[UUID, tuple[int, int]],
        result: AppendResult,
    ) -> list[Plan]:
        known = await self._known(connection, groups)
        claimed = await self._claimed(connection, groups)
        plans: list[Plan] = []
        for key, batches in groups.items():
            epoch, seq = heads[key.document_id]
            document_id = key.document_id
            try:
                plans.append(
                    plan(
                        key,
                        batches,
                        head_epoch=epoch,
                        head_seq=seq,
                        known=known.get(document_id, {}),
                        claimed=claimed.get(document_id, {}),
                    )
                )
            except (EpochChanged, BatchRejected) as error:
                result.rejected[key] = error
        return plans

    async def _known(
        self, connection: Connection, groups: Mapping[DocumentKey, Sequence[Batch]]
    ) -> dict[UUID, dict[UUID, Located]]:
        asked = [(key.document_id, batch.batch_id) for key, batches in groups.items() for batch in batches]
        known: dict[UUID, dict[UUID, Located]] = {}
        if asked:
            for row in await connection.fetch(_QUERIES["known_batches"], *_columns(asked, 2)):
                known.setdefault(row["document_id"], {})[row["batch_id"]] = Located(row["epoch"], row["seq"])
        return known

    async def _claimed(
        self, connection: Connection, groups: Mapping[DocumentKey, Sequence[Batch]]
    ) -> dict[UUID, dict[int, UUID]]:
        asked = [
            (key.document_id, key.epoch, client_id)
            for key, batches in groups.items()
            for batch in batches
            for client_id in batch.claims
        ]
        claimed: dict[UUID, dict[int, UUID]] = {}
        if asked:
            for row in await connection.fetch(_QUERIES["claimed"], *_columns(asked, 3)):
                claimed.setdefault(row["document_id"], {})[row["client_id"]] = row["actor"]
        return claimed

    async def _write(self, connection: Connection, plans: Sequence[Plan]) -> None:
        rows = [
            (*_place(item), seq, batch.batch_id, batch.actor, batch.origin, batch.relayed_by, batch.bytes)
            for item in plans
            for seq, batch in item.rows
        ]
        if not rows:
            return
        claims = [(*_place(item), client_id, actor) for item in plans for client_id, actor in item.claims.items()]
        moved = [(item.committed.document_id, item.committed.head_seq) for item in plans if item.rows]
        await connection.execute(_QUERIES["write"], *_columns(rows, 8), *_columns(claims, 4), *_columns(moved, 2))

    async def lock_head(self, connection: Connection, document_id: UUID) -> Head:
        """Waits at most LOG_LOCK_TIMEOUT_MS. `connection` is in a transaction. Raises `DocumentMissing`."""
        await connection.execute(LOG_TRANSACTION)
        return _head(document_id, await connection.fetchrow(_QUERIES["lock_head"], document_id))

    async def append_locked(self, connection: Connection, head: Head, batches: Sequence[Batch]) -> Committed:
        """Rows of one document under the lock of `lock_head`. Raises `EpochChanged`, `BatchRejected`."""
        result = AppendResult()
        heads = {head.document_id: (head.epoch, head.seq)}
        plans = await self._plan(connection, {head.key: batches}, heads, result)
        if result.rejected:
            raise result.rejected[head.key]
        await self._write(connection, plans)
        return plans[0].committed

    async def find(self, document_id: UUID, batch_id: UUID, connection: Executor | None = None) -> Located | None:
        """Where the batch is, if it is in the log already."""
        with store_away():
            row = await (connection or self._pool).fetchrow(_QUERIES["known_batches"], [document_id], [batch_id])
        return None if row is None else Located(row["epoch"], row["seq"])

    async def create(
        self,
        connection: Connection,
        project_id: UUID,
        kind: str,
        document_id: UUID,
        server_client: int,
        seed: bytes | None,
    ) -> Head:
        """The project's document of this kind, made exactly once; `seed` becomes row 1 of a new one."""
        assert 0 < server_client < 2**32, "y-py truncates longer client ids"
        record = await connection.fetchrow(_QUERIES["create"], document_id, project_id, kind, server_client)
        if record is None:  # another was faster; its row is visible now
            return _head(document_id, await connection.fetchrow(_QUERIES["head_of_kind"], project_id, kind))
        head = _head(document_id, record)
        if seed is not None:
            await self.append_locked(connection, head, [Batch(document_id, None, "seed", seed)])
        return await self.head(document_id, connection)


def _head(document_id: UUID, record: asyncpg.Record | None) -> Head:
    if record is None:
        raise DocumentMissing(str(document_id))
    return Head(
        record["id"], record["project_id"], record["kind"], record["epoch"], record["seq"], record["server_client"]
    )


def _place(item: Plan) -> tuple[UUID, int]:
    return item.committed.document_id, item.committed.epoch


def _columns(rows: Iterable[tuple[object, ...]], width: int) -> list[list[object]]:
    """Rows to the arrays that `unnest` takes."""
    columns: list[list[object]] = [[] for _ in range(width)]
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    return columns


def _rejection(batches: Sequence[Batch], error: Exception) -> BatchRejected:
    rejected = BatchRejected(batches[0].batch_id if len(batches) == 1 else None, f"PostgreSQL: {error}")
    rejected.__cause__ = error
    return rejected
