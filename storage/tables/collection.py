"""Rows of `media` as their collector looks at them: which nothing refers to, and since when it was known.

Who refers to media is the view `media_uses`; when something goes is decided in `services/assets/collection.py`.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from storage.postgres import Connection, Executor
from storage.sql import load

WALKED_MAX = 500
"""Looked at in one go."""
TAKEN_MAX = 50

_QUERIES = load(__file__)


class Walk:
    """Goes round all media in the order of their hashes."""

    def __init__(self) -> None:
        self._reached = ""

    async def next(self, executor: Executor) -> list[str]:
        """The next ones; behind the last the first again."""
        found = [row["hash"] for row in await executor.fetch(_QUERIES["walk"], self._reached, WALKED_MAX)]
        self._reached = found[-1] if len(found) == WALKED_MAX else ""
        return found


async def forget_assets(executor: Executor, age: timedelta) -> None:
    """Those that were deleted so long ago."""
    await executor.execute(_QUERIES["forget_assets"], age, WALKED_MAX)


async def unused(executor: Executor, hashes: Collection[str], age: timedelta) -> list[str]:
    """Those of them that are so old and that nothing refers to, as far as documents were searched."""
    return [row["hash"] for row in await executor.fetch(_QUERIES["unused"], list(hashes), age)]


async def projects_of_media(executor: Executor, hashes: Collection[str]) -> list[UUID]:
    """Which may see any of them."""
    return [row["project_id"] for row in await executor.fetch(_QUERIES["projects_of_media"], list(hashes))]


async def condemn(executor: Executor, hashes: Collection[str]) -> None:
    """From now on they are known to be unused, if they still are."""
    await executor.execute(_QUERIES["condemn"], list(hashes))


async def condemned(executor: Executor, grace: timedelta) -> list[str]:
    """A few of those that were condemned so long ago."""
    return [row["hash"] for row in await executor.fetch(_QUERIES["condemned"], grace, TAKEN_MAX)]


async def lock(connection: Connection, hash: str, grace: timedelta) -> int | None:
    """Its bytes; held until the commit. None: it is not condemned any more, or another collector has it."""
    size: int | None = await connection.fetchval(_QUERIES["lock"], hash, grace)
    return size


async def is_used(executor: Executor, hash: str) -> bool:
    """Or might be: a document of a project that has it was not searched to its end."""
    return bool(await executor.fetchval(_QUERIES["is_used"], hash))


async def pardon(executor: Executor, hash: str) -> None:
    """It stays."""
    await executor.execute(_QUERIES["pardon"], hash)


async def forget(connection: Connection, hash: str) -> None:
    """Every row that knows it; what was made of it is media that nothing refers to then."""
    for name in ("forget_parts", "forget_rights", "forget"):
        await connection.execute(_QUERIES[name], hash)
