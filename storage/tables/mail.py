"""Rows of `outgoing_mail`: mail that is to be sent, and what became of it.

`due_at` of one that is being sent is the end of its lease. No text and no address: who writes the mail finds them by
the subject.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class MailRow:
    """One that is in somebody's hands. `subject_id`: by its kind, of an invitation. `attempt` counts from 1."""

    id: UUID
    kind: str
    subject_id: UUID
    attempt: int


async def add(executor: Executor, mail_id: UUID, kind: str, subject_id: UUID) -> None:
    """Due at once; in the transaction that causes it. What still waits about the same subject is dropped."""
    await executor.execute(_QUERIES["supersede"], kind, subject_id)
    await executor.execute(_QUERIES["add"], mail_id, kind, subject_id)


async def lease(executor: Executor, lease_for: timedelta, mail_id: UUID | None) -> MailRow | None:
    """The one that is due for longest, or this one. None: there is none."""
    row = await executor.fetchrow(_QUERIES["lease"], lease_for, mail_id)
    return None if row is None else MailRow(*row)


async def settle(executor: Executor, row: MailRow, state: str, error: str | None) -> None:
    """The end: `sent`, `dead` or `dropped`. Nothing happens where another has it meanwhile."""
    await executor.execute(_QUERIES["settle"], row.id, row.attempt, state, error)


async def hand_back(executor: Executor, row: MailRow, after: timedelta, error: str) -> None:
    """For another attempt later."""
    await executor.execute(_QUERIES["hand_back"], row.id, row.attempt, after, error)


async def forget(executor: Executor, older_than: timedelta, limit_rows: int) -> None:
    """Those that were sent, or that nobody wanted. What is dead stays until somebody looks at it."""
    await executor.execute(_QUERIES["forget"], older_than, limit_rows)
