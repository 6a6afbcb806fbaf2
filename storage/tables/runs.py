"""Rows of `runs`: the truth about a generation as a whole; its steps are in `steps`.

No rules: what may follow what is decided in `services.generation.model`.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from storage.postgres import Connection, Executor
from storage.sql import load
from storage.tables.episodes import Episodes

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewRun:
    """What `add_run` writes. `request`: the scene as it stood; `wish`: how it is made; `replays`: which earlier run.

    `traceparent`: in which trace it was asked for.
    """

    id: UUID
    project_id: UUID
    document_id: UUID
    scene_id: str
    requested_by: UUID
    idempotency_key: str | None
    request: Mapping[str, Any]
    wish: Mapping[str, Any] = field(default_factory=dict)
    traceparent: str | None = None
    replays: UUID | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run. `epoch` rises when an attempt is lost, `milestones` counts its edits of the document."""

    id: UUID
    project_id: UUID
    document_id: UUID
    scene_id: str
    requested_by: UUID
    state: str
    stage: str
    pct: int
    epoch: int
    attempt: int
    cancel_requested: bool
    milestones: int
    request: dict[str, Any]
    error: dict[str, Any] | None
    take_id: UUID | None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    traceparent: str | None
    wish: dict[str, Any]
    replays: UUID | None
    cost_microcredits: int | None


@dataclass(frozen=True, slots=True)
class Manner:
    """`brain`: what scenes look like unless they say otherwise. `kind`: of film. `tenant`: for whom work is done, and
    who pays."""

    brain: str
    kind: str
    tenant: UUID


@dataclass(frozen=True, slots=True)
class Fence:
    """What a writer has to look at before it writes for a run."""

    state: str
    pct: int
    milestones: int
    cancel_requested: bool


async def add_run(executor: Executor, run: NewRun) -> None:
    """Raises `asyncpg.UniqueViolationError` when the idempotency key is taken."""
    await executor.execute(
        _QUERIES["add_run"],
        run.id,
        run.project_id,
        run.document_id,
        run.scene_id,
        run.requested_by,
        run.idempotency_key,
        json.dumps(run.request),
        json.dumps(run.wish),
        run.traceparent,
        run.replays,
    )


async def run_of_id(executor: Executor, run_id: UUID) -> RunRow | None:
    """None when there is none."""
    return _maybe(await executor.fetchrow(_QUERIES["run_of_id"], run_id))


async def runs_of_project(
    executor: Executor, project_id: UUID, state: str | None, before: UUID | None, limit: int, seen: Episodes = None
) -> list[RunRow]:
    """Newest first; those behind `before`."""
    rows = await executor.fetch(_QUERIES["runs_of_project"], project_id, state, before, limit, seen)
    return [_run(row) for row in rows]


async def failed_of_project(
    executor: Executor,
    project_id: UUID,
    codes: Collection[str] | None,
    since: datetime | None,
    limit_rows: int,
    seen: Episodes = None,
) -> list[RunRow]:
    """The newest run of each scene, where it failed; who has waited longest first. `codes`: of errors, None: all."""
    spelled = None if codes is None else list(codes)
    rows = await executor.fetch(_QUERIES["failed_of_project"], project_id, spelled, since, limit_rows, seen)
    return [_run(row) for row in rows]


async def run_of_key(executor: Executor, user_id: UUID, key: str) -> RunRow | None:
    """The run that this user started under this idempotency key."""
    return _maybe(await executor.fetchrow(_QUERIES["run_of_key"], user_id, key))


async def unfinished_run_of_scene(executor: Executor, document_id: UUID, scene_id: str) -> RunRow | None:
    """Queued or running."""
    return _maybe(await executor.fetchrow(_QUERIES["unfinished_run_of_scene"], document_id, scene_id))


async def manner_of_project(executor: Executor, project_id: UUID) -> Manner | None:
    """None when there is no such project."""
    row = await executor.fetchrow(_QUERIES["manner_of_project"], project_id)
    return None if row is None else Manner(row["brain"], row["kind"], row["owner_id"])


async def lock(connection: Connection, run_id: UUID) -> Fence | None:
    """Until the end of the transaction."""
    row = await connection.fetchrow(_QUERIES["lock"], run_id)
    return None if row is None else Fence(row["state"], row["pct"], row["milestones"], row["cancel_requested"])


async def advance(executor: Executor, run_id: UUID, stage: str, pct: int) -> None:
    """A milestone was written."""
    await executor.execute(_QUERIES["advance"], run_id, stage, pct)


async def finish(
    executor: Executor,
    run_id: UUID,
    state: str,
    stage: str,
    pct: int,
    cost_microcredits: int,
    error: Mapping[str, Any] | None = None,
    take_id: UUID | None = None,
) -> None:
    """The end of the run. `cost_microcredits`: what its holder paid."""
    spelled = None if error is None else json.dumps(error)
    await executor.execute(_QUERIES["finish"], run_id, state, stage, pct, spelled, take_id, cost_microcredits)


async def ask_cancel(executor: Executor, run_id: UUID) -> RunRow | None:
    """From here on nothing of the run is written. None when it has ended."""
    return _maybe(await executor.fetchrow(_QUERIES["ask_cancel"], run_id))


async def unfinished_cancels(executor: Executor, age_s: float, limit_rows: int) -> list[UUID]:
    """Runs whose cancellation was asked for and not completed."""
    rows = await executor.fetch(_QUERIES["unfinished_cancels"], timedelta(seconds=age_s), limit_rows)
    return [row["id"] for row in rows]


def _maybe(row: asyncpg.Record | None) -> RunRow | None:
    return None if row is None else _run(row)


def _run(row: asyncpg.Record) -> RunRow:
    return RunRow(
        id=row["id"],
        project_id=row["project_id"],
        document_id=row["document_id"],
        scene_id=row["scene_id"],
        requested_by=row["requested_by"],
        state=row["state"],
        stage=row["stage"],
        pct=row["pct"],
        epoch=row["epoch"],
        attempt=row["attempt"],
        cancel_requested=row["cancel_requested"],
        milestones=row["milestones"],
        request=json.loads(row["request"]),
        error=None if row["error"] is None else json.loads(row["error"]),
        take_id=row["take_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        finished_at=row["finished_at"],
        traceparent=row["traceparent"],
        wish=json.loads(row["wish"]),
        replays=row["replays"],
        cost_microcredits=row["cost_microcredits"],
    )
