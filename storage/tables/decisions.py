"""Rows of `review_decisions`: what reviewers decided, in the order in which they did. None is ever changed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from storage.postgres import Connection, Executor
from storage.sql import load
from storage.tables.users import UserKind

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewDecision:
    """What `add` writes. `epoch`, `seq`: of the document, as it was looked at. `role`: of whoever decides, then."""

    id: UUID
    project_id: UUID
    document_id: UUID
    subject: str
    scene_id: str | None
    take_id: UUID | None
    verdict: str
    note: str
    epoch: int
    seq: int
    decided_by: UUID
    role: str


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """`is_current`: what was looked at is still what is there."""

    id: UUID
    document_id: UUID
    subject: str
    scene_id: str | None
    take_id: UUID | None
    verdict: str
    note: str
    epoch: int
    seq: int
    decided_by: UUID
    name: str
    kind: UserKind
    role: str
    decided_at: datetime
    is_current: bool


async def add(connection: Connection, new: NewDecision) -> bool:
    """False: it is there already."""
    values = (new.id, new.project_id, new.document_id, new.subject, new.scene_id, new.take_id, new.verdict, new.note)
    seen = (new.epoch, new.seq, new.decided_by, new.role)
    return await connection.fetchval(_QUERIES["add"], *values, *seen) is not None


async def decision(executor: Executor, document_id: UUID, decision_id: UUID) -> DecisionRow | None:
    """One of a document."""
    row = await executor.fetchrow(_QUERIES["decisions"], document_id, None, None, None, 1, decision_id)
    return None if row is None else DecisionRow(*row)


async def decisions(
    executor: Executor,
    document_id: UUID,
    scene_id: str | None,
    take_id: UUID | None,
    before: UUID | None,
    limit_rows: int,
) -> list[DecisionRow]:
    """Newest first, older than `before`; of one scene or take, or of all."""
    rows = await executor.fetch(_QUERIES["decisions"], document_id, scene_id, take_id, before, limit_rows, None)
    return [DecisionRow(*row) for row in rows]
