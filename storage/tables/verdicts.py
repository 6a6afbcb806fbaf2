"""Rows of `safety_verdicts` and `safety_appeals`: what was judged and how, and what people say against it.

Who judges, who may appeal and who decides is `services/safety`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewVerdict:
    """`digest`: SHA-256 of the words, or the hash of the output, which is `media` then. `opinions`: plain JSON."""

    id: UUID
    project_id: UUID
    asked_by: UUID
    subject: str
    digest: str
    media: str | None
    run_id: UUID | None
    safety: str
    policy: str
    outcome: str
    opinions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class AppealRow:
    """`state`: open, upheld or overturned; `note`: why, once it is decided."""

    made_by: UUID
    words: str
    made_at: datetime
    state: str
    decided_by: UUID | None
    decided_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """A verdict as it stands there, with the appeal against it."""

    verdict: NewVerdict
    created_at: datetime
    appeal: AppealRow | None


async def add_verdict(executor: Executor, verdict: NewVerdict) -> None:
    """Once and for all."""
    await executor.execute(
        _QUERIES["add_verdict"],
        verdict.id,
        verdict.project_id,
        verdict.asked_by,
        verdict.subject,
        verdict.digest,
        verdict.media,
        verdict.run_id,
        verdict.safety,
        verdict.policy,
        verdict.outcome,
        json.dumps(verdict.opinions),
    )


async def verdict_of_id(executor: Executor, verdict_id: UUID) -> VerdictRow | None:
    row = await executor.fetchrow(_QUERIES["verdict"], verdict_id)
    return None if row is None else _row(row)


async def verdicts_of_project(
    executor: Executor, project_id: UUID, outcome: str | None, before: UUID | None, limit_rows: int
) -> list[VerdictRow]:
    """Newest first, older than the verdict `before`."""
    found = await executor.fetch(_QUERIES["verdicts"], project_id, outcome, before, limit_rows)
    return [_row(row) for row in found]


async def open_appeals(executor: Executor, behind: UUID | None, limit_rows: int) -> list[VerdictRow]:
    """Of the whole studio, the oldest first, behind that against the verdict `behind`."""
    return [_row(row) for row in await executor.fetch(_QUERIES["open_appeals"], behind, limit_rows)]


async def overturned(executor: Executor, project_id: UUID, subject: str, digest: str) -> UUID | None:
    """The verdict on the same thing that an operator has overturned last."""
    found: UUID | None = await executor.fetchval(_QUERIES["overturned"], project_id, subject, digest)
    return found


async def is_refused(executor: Executor, project_id: UUID, media: str) -> bool:
    """Whether it is, or belongs to, an output of the project that is refused as things stand."""
    return bool(await executor.fetchval(_QUERIES["is_refused"], project_id, media))


async def add_appeal(executor: Executor, verdict_id: UUID, project_id: UUID, made_by: UUID, words: str) -> bool:
    """False: there is one already."""
    return await executor.fetchval(_QUERIES["add_appeal"], verdict_id, project_id, made_by, words) is not None


async def decide(executor: Executor, verdict_id: UUID, state: str, by: UUID, note: str) -> bool:
    """False: there is no open appeal against it."""
    return await executor.fetchval(_QUERIES["decide"], verdict_id, state, by, note) is not None


def _row(row: asyncpg.Record) -> VerdictRow:
    verdict = NewVerdict(
        row["id"],
        row["project_id"],
        row["asked_by"],
        row["subject"],
        row["digest"],
        row["media"],
        row["run_id"],
        row["safety"],
        row["policy"],
        row["outcome"],
        json.loads(row["opinions"]),
    )
    appeal = None
    if row["made_by"] is not None:
        decided = (row["decided_by"], row["decided_at"], row["note"])
        appeal = AppealRow(row["made_by"], row["words"], row["made_at"], row["state"], *decided)
    return VerdictRow(verdict, row["created_at"], appeal)
