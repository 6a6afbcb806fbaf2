"""Writing what a storyboard shows into `scenes`: only what differs, and never with something older (C16).

`scenes.seq` is the sequence that last changed the row; `documents.projected_seq` is what all rows together show.
"""

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any
from uuid import UUID

from storage.postgres import Connection, Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class ProjectedScene:
    """One scene. `position`: from 0, in story order; `current_take`: its row's id."""

    id: str
    position: int
    number: str
    title: str
    slug: dict[str, Any]
    prompt: str
    status: str
    current_take: UUID | None
    est_frames: int | None


@dataclass(frozen=True, slots=True)
class Projection:
    """What one projection changed. `before`: None for a scene that is new."""

    project_id: UUID
    changed: list[tuple[ProjectedScene | None, ProjectedScene]]
    removed: list[str]


async def is_current(executor: Executor, document_id: UUID) -> bool:
    """Whether the rows show the head. False for a document that is not there."""
    return bool(await executor.fetchval(_QUERIES["is_current"], document_id))


async def project_scenes(
    connection: Connection, document_id: UUID, epoch: int, seq: int, scenes: Sequence[ProjectedScene]
) -> Projection | None:
    """In the caller's transaction. None: something as new is there already, or the epoch is over."""
    await connection.execute(_QUERIES["begin"], document_id.hex)
    document = await connection.fetchrow(_QUERIES["projected"], document_id)
    if document is None or document["epoch"] != epoch or document["projected_seq"] >= seq:
        return None
    shown = {
        row["id"]: ProjectedScene(**{**dict(row), "slug": json.loads(row["slug"])})
        for row in await connection.fetch(_QUERIES["shown"], document_id)
    }
    changed = [(shown.get(scene.id), scene) for scene in scenes if shown.get(scene.id) != scene]
    removed = sorted(shown.keys() - {scene.id for scene in scenes})
    if changed:
        rows = [(*astuple(scene)[:4], json.dumps(scene.slug), *astuple(scene)[5:]) for _, scene in changed]
        columns = [list(column) for column in zip(*rows, strict=True)]
        await connection.execute(_QUERIES["put"], document_id, document["project_id"], seq, *columns)
    if removed:
        await connection.execute(_QUERIES["remove"], document_id, removed)
    if await connection.execute(_QUERIES["end"], document_id, epoch, seq) != "UPDATE 1":
        raise AssertionError("projectors of a document take turns")
    return Projection(document["project_id"], changed, removed)
