"""Rows of `media` and `project_media`: what the object store holds for people, and which projects may see it.

Not the bytes; and not the intermediate results of runs, which nobody but workers reads.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class MediaRow:
    """One object. `hash`: sha256, lower-case hex."""

    hash: str
    content_type: str
    bytes: int


async def add_media(executor: Executor, project_id: UUID, media: MediaRow) -> None:
    """Known to everyone who has the hash, and given to the project; both idempotent. It is not to go, if it was."""
    await executor.execute(_QUERIES["add_media"], media.hash, media.content_type, media.bytes)
    await executor.execute(_QUERIES["give_to_project"], project_id, media.hash)


async def media(executor: Executor, hash: str) -> MediaRow | None:
    """None when there is none."""
    return _maybe(await executor.fetchrow(_QUERIES["media"], hash))


async def media_of_project(executor: Executor, project_id: UUID, hash: str) -> MediaRow | None:
    """None when the project does not have it."""
    return _maybe(await executor.fetchrow(_QUERIES["media_of_project"], project_id, hash))


async def media_given(executor: Executor, project_id: UUID, hashes: Collection[str]) -> set[str]:
    """Which of them the project has and will keep."""
    return {row["hash"] for row in await executor.fetch(_QUERIES["media_given"], project_id, list(hashes))}


def _maybe(row: asyncpg.Record | None) -> MediaRow | None:
    return None if row is None else MediaRow(row["hash"], row["content_type"], row["bytes"])
