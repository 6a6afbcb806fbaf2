"""Rows of `assets` as jobs: which worker holds one and what it found out. What people see is in `assets.py`.

A worker that holds one writes under its epoch, so that a late one changes nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from storage.postgres import Connection, Executor
from storage.sql import load
from storage.tables.assets import Part

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class IngestRow:
    """A held one. `hash`: None until the file was read; `attempt` counts from 1."""

    id: UUID
    project_id: UUID
    kind: str
    content_type: str
    bytes: int
    hash: str | None
    pct: int
    epoch: int
    attempt: int


async def lease_next(executor: Executor, owner: str, lease_s: float) -> IngestRow | None:
    """The oldest that nobody holds, now held; None: there is none."""
    row = await executor.fetchrow(_QUERIES["lease_next"], owner, timedelta(seconds=lease_s))
    if row is None:
        return None
    return IngestRow(
        row["id"],
        row["project_id"],
        row["kind"],
        row["content_type"],
        row["bytes"],
        row["hash"],
        row["pct"],
        row["epoch"],
        row["attempt"],
    )


async def renew(executor: Executor, row: IngestRow, lease_s: float) -> bool:
    """False: it is somebody else's, or nobody wants it any more."""
    return await executor.fetchval(_QUERIES["renew"], row.id, row.epoch, timedelta(seconds=lease_s)) is not None


async def hold(connection: Connection, row: IngestRow) -> bool:
    """Locks it until the commit. False: as `renew`."""
    return await connection.fetchval(_QUERIES["hold"], row.id, row.epoch) is not None


async def hand_back(executor: Executor, row: IngestRow, *, keep_attempt: bool) -> None:
    """Free for another worker at once."""
    await executor.execute(_QUERIES["hand_back"], row.id, row.epoch, 0 if keep_attempt else 1)


async def advance(connection: Connection, row: IngestRow, stage: str, pct: int) -> None:
    """What is being done, and how much is."""
    await connection.execute(_QUERIES["advance"], row.id, row.epoch, stage, pct)


async def identify(connection: Connection, row: IngestRow, hash: str) -> None:
    """The file has this hash; its media row is there already."""
    await connection.execute(_QUERIES["identify"], row.id, row.epoch, hash)


async def finish(connection: Connection, row: IngestRow, state: str, error: Mapping[str, Any] | None = None) -> None:
    """`ready` or `failed`."""
    spelled = None if error is None else json.dumps(error)
    await connection.execute(_QUERIES["finish"], row.id, row.epoch, state, spelled)


async def parts_of(executor: Executor, source: str) -> dict[str, Part]:
    """What was made of a file, whoever brought it."""
    rows = await executor.fetch(_QUERIES["parts"], source)
    return {row["part"]: Part(row["made"], json.loads(row["facts"])) for row in rows}


async def put_part(executor: Executor, source: str, name: str, part: Part) -> None:
    """Unless somebody was faster."""
    await executor.execute(_QUERIES["put_part"], source, name, part.made, json.dumps(part.facts))


async def give_parts(executor: Executor, project_id: UUID, source: str) -> None:
    """The project may see all that was made of the file."""
    await executor.execute(_QUERIES["give_parts"], project_id, source)
