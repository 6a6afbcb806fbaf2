"""Streams end with the right to them, within a second and without being told by anybody but the database (P7)."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from api.audience import Audience
from api.follower import Follower, Source
from api.rights import Rights
from services.projects.model import Project
from services.shares.model import NewShare
from services.users.access import access_project
from services.users.model import Actor, Need, Role
from storage.bus import MemoryBus
from storage.events import ProjectFeed, read_events
from storage.tasks import beside
from tests.integration.api.studio import Person, Studio

NEVER_S = 3_600.0


@asynccontextmanager
async def following(pool: asyncpg.Pool, actor: Actor, project_id: UUID) -> AsyncIterator["asyncio.Task[None]"]:
    """A stream that looks by itself once an hour; the task is over when it has ended."""
    started = asyncio.Event()

    async def head() -> int:
        return (await access_project(pool, actor, project_id, Need.VIEW)).project.event_cursor

    async def rows(after: int, limit: int) -> list[Any]:
        return await read_events(pool, project_id, after, limit)

    async def receive() -> dict[str, str]:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message.get("body", b"").startswith(b"retry"):
            started.set()

    rights = Rights(pool)
    async with ProjectFeed(MemoryBus()) as feed, beside(rights.run()), asyncio.timeout(20):
        source = Source(project_id, actor.user_id, feed, rights, head, rows, NEVER_S, NEVER_S)
        stream = asyncio.create_task(Follower(source, Audience(), None)({"type": "http"}, receive, send))
        try:
            await started.wait()
            yield stream
        finally:
            stream.cancel()
            await asyncio.wait([stream])


async def removed(studio: Studio, owner: Person, project: Project, bob: Person) -> None:
    await studio.state.members.remove(owner.actor, project.id, bob.actor.user_id)


async def deleted(studio: Studio, owner: Person, project: Project, bob: Person) -> None:
    await studio.state.projects.delete(owner.actor, project.id)


@pytest.mark.parametrize("change", [removed, deleted])
async def test_who_loses_the_right_is_let_go(
    studio: Studio,
    ada: Person,
    bob: Person,
    change: Callable[[Studio, Person, Project, Person], Awaitable[None]],
) -> None:
    project = await studio.project(ada, viewer=bob)
    async with following(studio.state.stores.pool, bob.actor, project.id) as stream:
        began = time.monotonic()
        await change(studio, ada, project, bob)
        await stream
        assert time.monotonic() - began < 1.5, "a second, and what the machine takes"


async def test_a_revoked_link_lets_its_guests_go(studio: Studio, ada: Person) -> None:
    project, shares, tokens = await studio.project(ada), studio.state.shares, studio.state.tokens
    link, token = await shares.create(ada.actor, project.id, NewShare("", None, False, False, False, None), time.time())
    opened = await shares.open(token, None, "Gus", None, time.time())
    assert opened.session is not None
    claims = tokens.verify_session(opened.session.text, time.time())
    guest = Actor(claims.user_id, "Gus", "#aa33bb", claims.kind, str(claims.token_id))
    async with following(studio.state.stores.pool, guest, project.id) as stream:
        began = time.monotonic()
        await shares.revoke(ada.actor, project.id, link.id)
        await stream
        assert time.monotonic() - began < 1.5, "a second, and what the machine takes"


async def test_who_keeps_the_right_stays(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    asked: list[float] = []
    rights = Rights(studio.state.stores.pool, 0.01)
    changed = asyncio.Event()

    def notice() -> None:
        asked.append(time.monotonic())
        changed.set()

    async with beside(rights.run()), asyncio.timeout(10):
        with rights.watched(project.id, notice):
            await changed.wait()  # once for nothing
            changed.clear()
            await studio.state.members.change(ada.actor, project.id, bob.actor.user_id, Role.EDITOR)
            await changed.wait()
        assert len(asked) == 2
