"""Removing what was deleted long ago, in steps of bounded size: first what there is much of, then the row and all else.

What refers to it goes with it (`on delete cascade`); when that may be is said by the caller.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from storage.postgres import Executor
from storage.sql import load

ROWS_MAX = 5_000
"""Removed by one statement."""
DUE_MAX = 20

Kind = Literal["project", "episode", "character"]

_QUERIES = load(__file__)


async def due(executor: Executor, age: timedelta) -> list[tuple[Kind, UUID]]:
    """What was deleted longer ago than that."""
    return [(row["kind"], row["id"]) for row in await executor.fetch(_QUERIES["due"], age, DUE_MAX)]


async def begin(executor: Executor, kind: Kind, id: UUID, age: timedelta) -> bool:
    """From here on it cannot be restored. False: it was, or it is gone already."""
    return await executor.fetchval(_QUERIES[f"begin_{kind}"], id, age) is not None


async def documents(executor: Executor, kind: Kind, id: UUID) -> list[UUID]:
    """In no order. A character has none."""
    if kind == "character":
        return []
    return [row["id"] for row in await executor.fetch(_QUERIES[f"documents_of_{kind}"], id)]


async def forget_rows(executor: Executor, documents: Sequence[UUID]) -> int:
    """Some rows of their logs; 0 when there are none left."""
    found = 0
    for query in ("forget_rows", "forget_batches"):
        found += _count(await executor.execute(_QUERIES[query], list(documents), ROWS_MAX))
    return found


async def forget_events(executor: Executor, project_id: UUID) -> int:
    """Some of its events; 0 when there are none left."""
    return _count(await executor.execute(_QUERIES["forget_events"], project_id, ROWS_MAX))


async def objects(executor: Executor, documents: Sequence[UUID], after: str) -> list[str]:
    """Hashes of what only these documents have in the object store, behind `after`, in order; empty at the end."""
    return [row["hash"] for row in await executor.fetch(_QUERIES["objects"], list(documents), after, ROWS_MAX)]


async def remove(executor: Executor, kind: Kind, id: UUID) -> bool:
    """The row and everything that refers to it. False: another was faster."""
    return _count(await executor.execute(_QUERIES[f"remove_{kind}"], id)) == 1


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])
