"""Rows of what may be used again: takes with what their prompts say, components, decisions, figures, policies."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class TakeRow:
    """What was made once. `slots`: what its prompt says, slot -> texts."""

    id: UUID
    key: str
    stage: str
    prompt: str
    slots: dict[str, tuple[str, ...]]
    output: dict[str, Any]
    cost_microcredits: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """Why a take was offered, or not. `differences`: [slot, of the take's prompt, of the asked one]."""

    id: UUID
    partition: str
    key: str
    stage: str
    verdict: str
    take_id: UUID | None
    score: float | None
    threshold: float
    nominated: int
    differences: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    saves_microcredits: int
    answer: str | None = None
    shadow: str | None = None
    decided_at: datetime | None = None
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """Of some days together."""

    layer: str
    stage: str
    requests: int
    spent_microcredits: int
    saved_microcredits: int


@dataclass(frozen=True, slots=True)
class ShadowRow:
    """How offers that were made anew all the same compared."""

    offered: int
    accepted: int
    declined: int
    same: int
    different: int


async def add_take(executor: Executor, project_id: UUID, partition: str, row: TakeRow) -> UUID:
    """The id of the one that is there: this, or an earlier one of the same key. Its time is today."""
    slots, output = json.dumps(row.slots), json.dumps(row.output)
    id = await executor.fetchval(
        _QUERIES["add_take"],
        row.id,
        project_id,
        partition,
        row.key,
        row.stage,
        row.prompt,
        slots,
        output,
        row.cost_microcredits,
    )
    assert isinstance(id, UUID)
    return id


async def unplaced(
    executor: Executor, project_id: UUID, partition: str, age: timedelta, limit_rows: int
) -> list[tuple[UUID, str]]:
    """(id, prompt) of those that have no vector yet."""
    rows = await executor.fetch(_QUERIES["unplaced"], project_id, partition, age, limit_rows)
    return [(row["id"], row["prompt"]) for row in rows]


async def place(executor: Executor, project_id: UUID, ids: Sequence[UUID]) -> None:
    """They have vectors now."""
    await executor.execute(_QUERIES["place"], project_id, list(ids))


async def has_takes(executor: Executor, project_id: UUID, partition: str, age: timedelta) -> bool:
    return bool(await executor.fetchval(_QUERIES["has_takes"], project_id, partition, age))


async def takes(
    executor: Executor, project_id: UUID, partition: str, ids: Sequence[UUID], age: timedelta
) -> list[TakeRow]:
    """Those of the ids that are of this partition and not older, in no order."""
    rows = await executor.fetch(_QUERIES["takes"], project_id, partition, list(ids), age)
    return [_take(row) for row in rows]


async def take(executor: Executor, project_id: UUID, partition: str, take_id: UUID) -> TakeRow | None:
    """However old."""
    row = await executor.fetchrow(_QUERIES["take"], project_id, partition, take_id)
    return None if row is None else _take(row)


async def old_takes(executor: Executor, age: timedelta, limit_rows: int) -> list[tuple[UUID, UUID]]:
    """(project, id)."""
    return [(row["project_id"], row["id"]) for row in await executor.fetch(_QUERIES["old_takes"], age, limit_rows)]


async def remove_takes(executor: Executor, ids: Sequence[UUID]) -> None:
    await executor.execute(_QUERIES["remove_takes"], list(ids))


async def remove_old_decisions(executor: Executor, age: timedelta, limit_rows: int) -> bool:
    """Whether there were any."""
    return await executor.fetchval(_QUERIES["remove_old_decisions"], age, limit_rows) is not None


async def component(executor: Executor, project_id: UUID, kind: str, key: str) -> tuple[dict[str, Any], int] | None:
    """Its output, and what it had cost."""
    row = await executor.fetchrow(_QUERIES["component"], project_id, kind, key)
    return None if row is None else (json.loads(row["output"]), row["cost_microcredits"])


async def add_component(
    executor: Executor, project_id: UUID, kind: str, key: str, output: Mapping[str, Any], cost_microcredits: int
) -> dict[str, Any]:
    """The output that is there: the first one stays."""
    made = json.dumps(dict(output))
    kept: dict[str, Any] = json.loads(
        await executor.fetchval(_QUERIES["add_component"], project_id, kind, key, made, cost_microcredits)
    )
    return kept


async def remove_components(executor: Executor, project_id: UUID, keys: Sequence[str]) -> None:
    await executor.execute(_QUERIES["remove_components"], project_id, list(keys))


async def add_decision(executor: Executor, project_id: UUID, row: DecisionRow) -> None:
    await executor.execute(
        _QUERIES["add_decision"],
        row.id,
        project_id,
        row.partition,
        row.key,
        row.stage,
        row.verdict,
        row.take_id,
        row.score,
        row.threshold,
        row.nominated,
        json.dumps(row.differences),
        row.saves_microcredits,
        row.shadow,
        row.run_id,
    )


async def decision(executor: Executor, project_id: UUID, decision_id: UUID) -> DecisionRow | None:
    row = await executor.fetchrow(_QUERIES["decision"], project_id, decision_id)
    return None if row is None else _decision(row)


async def offer_of_run(executor: Executor, run_id: UUID) -> DecisionRow | None:
    """What the run's artist was offered, answered or not."""
    row = await executor.fetchrow(_QUERIES["offer_of_run"], run_id)
    return None if row is None else _decision(row)


async def decisions(executor: Executor, project_id: UUID, before: UUID | None, limit_rows: int) -> list[DecisionRow]:
    """The newest first, those before `before`."""
    rows = await executor.fetch(_QUERIES["decisions"], project_id, before, limit_rows)
    return [_decision(row) for row in rows]


async def answer_decision(executor: Executor, project_id: UUID, decision_id: UUID, answer: str) -> bool | None:
    """Whether it is the first time. None: nothing was offered, or it was answered otherwise."""
    is_first: bool | None = await executor.fetchval(_QUERIES["answer"], project_id, decision_id, answer)
    return is_first


async def compare_decision(executor: Executor, project_id: UUID, decision_id: UUID, shadow: str) -> bool:
    """False: nobody wanted it compared, or it was already."""
    return await executor.fetchval(_QUERIES["compare"], project_id, decision_id, shadow) is not None


async def count(
    executor: Executor, project_id: UUID, layer: str, stage: str, *, spent_microcredits: int, saved_microcredits: int
) -> None:
    """One request more on today's figures."""
    await executor.execute(_QUERIES["count"], project_id, layer, stage, spent_microcredits, saved_microcredits)


async def figures(executor: Executor, project_id: UUID, days: int) -> list[FigureRow]:
    """Of the last days, today included, by layer and stage."""
    return [FigureRow(**dict(row)) for row in await executor.fetch(_QUERIES["figures"], project_id, days)]


async def shadows(executor: Executor, project_id: UUID) -> ShadowRow:
    """Of all decisions that are kept."""
    row = await executor.fetchrow(_QUERIES["shadows"], project_id)
    assert row is not None
    return ShadowRow(**dict(row))


async def policy(executor: Executor, project_id: UUID) -> tuple[str, bool] | None:
    """Mode, and whether the owner agreed that next scenes are prepared."""
    row = await executor.fetchrow(_QUERIES["policy"], project_id)
    return None if row is None else (row["mode"], row["prepares_ahead"])


async def set_policy(executor: Executor, project_id: UUID, mode: str, prepares_ahead: bool) -> None:
    await executor.execute(_QUERIES["set_policy"], project_id, mode, prepares_ahead)


def _take(row: asyncpg.Record) -> TakeRow:
    return TakeRow(
        id=row["id"],
        key=row["key"],
        stage=row["stage"],
        prompt=row["prompt"],
        slots={slot: tuple(values) for slot, values in json.loads(row["slots"]).items()},
        output=json.loads(row["output"]),
        cost_microcredits=row["cost_microcredits"],
        made_at=row["made_at"],
    )


def _decision(row: asyncpg.Record) -> DecisionRow:
    differences = tuple((slot, tuple(made), tuple(asked)) for slot, made, asked in json.loads(row["differences"]))
    return DecisionRow(**{**dict(row), "differences": differences})
