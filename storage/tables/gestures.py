"""Rows of `gesture_answers`: what a request's gestures have made, kept as long as the log knows its batch (C8).

That a batch is in the log once is `storage/log.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """`seq`: where the document held them. `made`: an id for each gesture that gave one."""

    seq: int
    made: tuple[str | None, ...]


async def add_answer(
    executor: Executor, document_id: UUID, batch_id: UUID, seq: int, made: Sequence[str | None]
) -> None:
    """In the transaction of the edit. The first answer of a batch stays."""
    await executor.execute(_QUERIES["add_answer"], document_id, batch_id, seq, list(made))


async def answer_of(executor: Executor, document_id: UUID, batch_id: UUID) -> AnswerRow | None:
    """None: no such request has been done."""
    row = await executor.fetchrow(_QUERIES["answer"], document_id, batch_id)
    return None if row is None else AnswerRow(row["seq"], tuple(row["made"]))
