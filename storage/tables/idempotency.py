"""Rows of `idempotency_keys`: which requests were made under which keys, and what they were answered.

What is in an answer, and when a request may be made again, is decided in `api/once.py`.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)

KEPT = timedelta(hours=24)
"""For so long a repetition is answered; afterwards the key is like a new one."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """`answer` None: the request is on its way, or whoever served it went away."""

    id: UUID
    fingerprint: bytes
    answer: bytes | None


async def claim(
    executor: Executor, actor: UUID, key_hash: bytes, fresh_id: UUID, fingerprint: bytes, held_s: float
) -> UUID | None:
    """Whoever gets an id serves the request, for `held_s` alone; another id than `fresh_id` says that somebody began
    it before. None: `known` says why not."""
    held = timedelta(seconds=held_s)
    given: UUID | None = await executor.fetchval(_QUERIES["claim"], actor, key_hash, fresh_id, fingerprint, held, KEPT)
    return given


async def known(executor: Executor, actor: UUID, key_hash: bytes) -> KeyRow | None:
    row = await executor.fetchrow(_QUERIES["known"], actor, key_hash)
    return None if row is None else KeyRow(row["id"], row["fingerprint"], row["answer"])


async def keep(executor: Executor, actor: UUID, key_hash: bytes, id: UUID, answer: bytes) -> None:
    """The first answer stays."""
    await executor.execute(_QUERIES["keep"], actor, key_hash, id, answer)


async def let_go(executor: Executor, actor: UUID, key_hash: bytes, id: UUID) -> None:
    """Nobody knows whether the request had its effect; the next one with this key may find out."""
    await executor.execute(_QUERIES["let_go"], actor, key_hash, id)


async def forget(executor: Executor, actor: UUID, key_hash: bytes, id: UUID) -> None:
    """The request was refused and had no effect."""
    await executor.execute(_QUERIES["forget"], actor, key_hash, id)


async def forget_old(executor: Executor, rows_max: int) -> int:
    """Those past their time, the oldest first. How many."""
    status = await executor.execute(_QUERIES["forget_old"], KEPT, rows_max)
    return int(status.rpartition(" ")[2])
