"""What is near a vector: by cosine, within one partition of one project. Nominates; never an answer by itself.

Whoever asks reads the rows that the ids name and looks at their partition again: this may be late, it may not be wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import asyncpg

from storage.postgres import store_away
from storage.sql import load

DIMENSIONS = 512
NEAREST_MAX = 100

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Near:
    """`score`: cosine of the angle between the two, at most 1."""

    id: UUID
    score: float


class Vectors(Protocol):
    """`put` replaces what has the same id. All raise `StoreAway`."""

    async def put(self, project_id: UUID, partition: str, id: UUID, vector: Sequence[float]) -> None: ...

    async def nearest(self, project_id: UUID, partition: str, vector: Sequence[float], limit: int) -> list[Near]:
        """The nearest first. `limit` <= `NEAREST_MAX`."""
        ...

    async def remove(self, project_id: UUID, ids: Sequence[UUID]) -> None: ...

    async def forget(self, project_id: UUID) -> None:
        """Everything of the project."""
        ...


class PostgresVectors:
    """pgvector. Vectors go with their project's row."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def put(self, project_id: UUID, partition: str, id: UUID, vector: Sequence[float]) -> None:
        with store_away():
            await self._pool.execute(_QUERIES["put"], id, project_id, partition, _text(vector))

    async def nearest(self, project_id: UUID, partition: str, vector: Sequence[float], limit: int) -> list[Near]:
        assert limit <= NEAREST_MAX
        with store_away():
            rows = await self._pool.fetch(_QUERIES["nearest"], project_id, partition, _text(vector), limit)
        return [Near(row["id"], row["score"]) for row in rows]

    async def remove(self, project_id: UUID, ids: Sequence[UUID]) -> None:
        with store_away():
            await self._pool.execute(_QUERIES["remove"], project_id, list(ids))

    async def forget(self, project_id: UUID) -> None:
        with store_away():
            await self._pool.execute(_QUERIES["forget"], project_id)


def _text(vector: Sequence[float]) -> str:
    assert len(vector) == DIMENSIONS
    return "[" + ",".join(map(repr, map(float, vector))) + "]"
