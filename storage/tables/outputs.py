"""Rows of `run_outputs`, what was made in a run and how it was judged, and of `take_parts`, what belongs to a take.

The judging is `services.generation.quality`; the bytes are media.
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
class NewOutput:
    """`step`: that judged it, or whose provider sent it. `report`: all measures, plain JSON."""

    run_id: UUID
    project_id: UUID
    step: str
    media: str
    accepted: bool
    verdict: str
    score: float
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OutputRow:
    """As it stands there."""

    output: NewOutput
    made_at: datetime


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of a take, with what its media is."""

    take_id: UUID
    name: str
    media: str
    facts: dict[str, Any]
    content_type: str
    bytes: int


async def add_output(executor: Executor, output: NewOutput) -> None:
    """Once; its media is known."""
    await executor.execute(
        _QUERIES["add_output"],
        output.run_id,
        output.project_id,
        output.step,
        output.media,
        output.accepted,
        output.verdict,
        output.score,
        json.dumps(output.report),
    )


async def outputs_of_run(executor: Executor, run_id: UUID) -> list[OutputRow]:
    """In the order in which they were judged."""
    return [_output(row) for row in await executor.fetch(_QUERIES["outputs_of_run"], run_id)]


async def add_part(
    executor: Executor, take_id: UUID, project_id: UUID, name: str, media: str, facts: Mapping[str, Any]
) -> None:
    """Once; its media is known."""
    await executor.execute(_QUERIES["add_part"], take_id, project_id, name, media, json.dumps(facts))


async def share_parts(executor: Executor, source_id: UUID, take_id: UUID) -> None:
    """A take that shows what another of its project shows has the same parts."""
    await executor.execute(_QUERIES["share_parts"], source_id, take_id)


async def parts_of_takes(executor: Executor, take_ids: Sequence[UUID]) -> dict[UUID, list[PartRow]]:
    """Of those that have any, by name."""
    found: dict[UUID, list[PartRow]] = {}
    for row in await executor.fetch(_QUERIES["parts_of_takes"], list(take_ids)):
        part = PartRow(
            row["take_id"], row["name"], row["media"], json.loads(row["facts"]), row["content_type"], row["bytes"]
        )
        found.setdefault(part.take_id, []).append(part)
    return found


def _output(row: asyncpg.Record) -> OutputRow:
    output = NewOutput(
        row["run_id"],
        row["project_id"],
        row["step"],
        row["media"],
        row["accepted"],
        row["verdict"],
        row["score"],
        json.loads(row["report"]),
    )
    return OutputRow(output, row["made_at"])
