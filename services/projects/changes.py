"""A change to what a project consists of: one at a time, by who may edit, and told to everybody who follows it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import asyncpg

from services.users.access import access_project
from services.users.model import Actor, Need
from storage.errors import StoreAway
from storage.events import ProjectFeed, append_event
from storage.postgres import Connection
from storage.tables import projects


@asynccontextmanager
async def changing(
    pool: asyncpg.Pool, feed: ProjectFeed, actor: Actor, project_id: UUID, kind: str, id: str
) -> AsyncIterator[Connection]:
    """A transaction that holds the project's row and ends with an event of this kind about `id`.

    Raises `NoSuchProject`, `Forbidden`, `ProjectArchived`.
    """
    async with pool.acquire() as connection, connection.transaction():
        await projects.lock_project(connection, project_id)
        await access_project(connection, actor, project_id, Need.EDIT)
        yield connection
        cursor = await append_event(connection, project_id, kind, {"id": id})
    with suppress(StoreAway):  # followers also look by themselves
        await feed.publish(project_id, {"type": "event", "cursor": cursor})
