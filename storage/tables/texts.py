"""Rows of `texts`: what can be found by its words in a project. Written by the projector only."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from storage.postgres import Executor
from storage.sql import load
from storage.tables.episodes import Episodes

BODY_CHARS_MAX = 20_000
"""Of a body that is answered: what stands behind that is found, but not shown."""

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Place:
    """Of a hit among the others: best rank first, then by kind, document and id."""

    rank: int
    kind: str
    document_id: UUID
    id: str


@dataclass(frozen=True, slots=True)
class FoundText:
    """`scene_id`: of a scene and a shot. `frame`: of a marker."""

    place: Place
    episode_id: UUID
    seq: int
    scene_id: str | None
    frame: int | None
    title: str
    body: str


async def found(
    executor: Executor,
    project_id: UUID,
    asked: str,
    kinds: Collection[str],
    limit: int,
    after: Place | None,
    seen: Episodes = None,
) -> list[FoundText]:
    """Best first, behind `after`. `asked`: for `websearch_to_tsquery`."""
    behind = (None,) * 4 if after is None else (after.rank, after.kind, after.document_id, after.id)
    wanted = (project_id, asked, list(kinds), limit)
    rows = await executor.fetch(_QUERIES["found"], *wanted, *behind, BODY_CHARS_MAX, seen)
    return [
        FoundText(
            place=Place(row["rank"], row["kind"], row["document_id"], row["id"]),
            episode_id=row["episode_id"],
            seq=row["seq"],
            scene_id=row["scene_id"],
            frame=row["frame"],
            title=row["title"],
            body=row["body"],
        )
        for row in rows
    ]
