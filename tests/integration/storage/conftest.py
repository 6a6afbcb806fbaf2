"""Projects and documents of their own for every test."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from storage.log import DocumentKey, DocumentLog, Head
from storage.objects import Objects

NewDocument = Callable[[], Awaitable[Head]]


async def new_project(pool: asyncpg.Pool) -> UUID:
    """A user and their project, straight into the tables. Its episode has the same id."""
    user_id, project_id = uuid4(), uuid4()
    await pool.execute(
        "insert into users (id, email, name, colour) values ($1, $2, 'Test', '#000000')", user_id, f"{user_id}@test"
    )
    await pool.execute(
        "insert into projects (id, owner_id, title, kind, brain, format) values ($1, $2, 'Test', 'short', 'b', 'f')",
        project_id,
        user_id,
    )
    await pool.execute("insert into episodes (id, project_id, ord, title) values ($1, $1, 'V', 'Test')", project_id)
    return project_id


def plan_nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Of `explain (format json)`: the plan and everything below it."""
    return [plan, *(node for child in plan.get("Plans", ()) for node in plan_nodes(child))]


@pytest.fixture
def log(pool: asyncpg.Pool, objects: Objects) -> DocumentLog:
    return DocumentLog(pool, objects)


@pytest.fixture
def new_document(pool: asyncpg.Pool, log: DocumentLog) -> NewDocument:
    """An empty storyboard."""

    async def make() -> Head:
        project_id = await new_project(pool)
        async with pool.acquire() as connection, connection.transaction():
            return await log.create(connection, project_id, "sb", uuid4(), 4_000_000_000, None)

    return make


@pytest.fixture
def new_key(new_document: NewDocument) -> Callable[[], Awaitable[DocumentKey]]:
    async def make() -> DocumentKey:
        return (await new_document()).key

    return make
