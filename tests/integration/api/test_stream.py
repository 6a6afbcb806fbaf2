"""The event stream over a real socket: nothing lost, nothing twice, and nobody stays who may not."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import uvicorn

from api.audience import STREAMS_PER_USER_MAX, Audience
from api.main import application
from services.projects.model import Project
from services.users.sessions import Session, sign_out
from storage.events import append_event
from tests.integration.api.studio import Person, Studio, path

TIMEOUT_S = 20


@dataclass(frozen=True)
class Event:
    kind: str
    data: dict[str, Any]
    cursor: int | None


@pytest_asyncio.fixture(scope="session")
async def address(studio: Studio) -> AsyncIterator[str]:
    """The door behind a real server on a port of its own."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(application(studio.state), lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listener]))
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            studio.state.audience.close()
            server.should_exit = True


@asynccontextmanager
async def following(
    address: str, person: Person, project: Project, cursor: int | None = None, last_event: int | None = None
) -> AsyncIterator[AsyncIterator[Event | str]]:
    """Events, and comments as text."""
    headers = {"Authorization": f"Bearer {person.session}"}
    if last_event is not None:
        headers["Last-Event-ID"] = str(last_event)
    params = {} if cursor is None else {"cursor": cursor}
    async with (
        asyncio.timeout(TIMEOUT_S),
        httpx.AsyncClient(base_url=address, headers=headers, timeout=TIMEOUT_S) as http,
        http.stream("GET", f"{path(project)}/stream", params=params) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        async with contextlib.aclosing(events(answer)) as stream:
            yield stream


async def events(answer: httpx.Response) -> AsyncGenerator[Event | str, None]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line.startswith(":"):
            yield line
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            cursor = int(fields["id"]) if "id" in fields else None
            yield Event(fields["event"], json.loads(fields["data"]), cursor)
            fields = {}
        else:
            fields = {}


async def take(stream: AsyncIterator[Event | str], count: int) -> list[Event]:
    found: list[Event] = []
    async for item in stream:
        if isinstance(item, Event):
            found.append(item)
            if len(found) == count:
                break
    return found


async def happen(studio: Studio, project_id: UUID, number: int, tell: bool = True) -> int:
    async with studio.state.stores.pool.acquire() as connection, connection.transaction():
        cursor = await append_event(connection, project_id, "scene", {"scn": None, "n": number})
    if tell:
        await studio.state.feed.publish(project_id, {"type": "event", "cursor": cursor})
    return cursor


async def test_a_reader_who_comes_back_misses_nothing_and_hears_nothing_twice(
    studio: Studio, ada: Person, address: str
) -> None:
    project, total = await studio.project(ada), 120
    heard: list[Event] = []

    async def write() -> None:
        for number in range(total):
            await happen(studio, project.id, number, tell=number % 3 > 0)

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        while len(heard) < total:
            last = heard[-1].cursor if heard else None
            async with following(address, ada, project, cursor=0, last_event=last) as stream:
                heard += await take(stream, min(17, total - len(heard)))
    assert [event.cursor for event in heard] == list(range(1, total + 1))
    assert [event.data["n"] for event in heard] == list(range(total))


async def test_without_a_cursor_it_starts_now(studio: Studio, ada: Person, address: str) -> None:
    project = await studio.project(ada)
    await happen(studio, project.id, 1)
    async with following(address, ada, project) as stream:
        assert isinstance(await anext(stream), str)  # a heartbeat: it follows
        await happen(studio, project.id, 2)
        [event] = await take(stream, 1)
    assert (event.cursor, event.data["n"]) == (2, 2)


async def test_a_lost_message_costs_only_time(studio: Studio, ada: Person, address: str) -> None:
    project = await studio.project(ada)
    async with following(address, ada, project, cursor=0) as stream:
        assert isinstance(await anext(stream), str)
        await happen(studio, project.id, 1, tell=False)
        assert [event.cursor for event in await take(stream, 1)] == [1]


async def test_ticks_pass_between_events(studio: Studio, ada: Person, address: str) -> None:
    project = await studio.project(ada)
    async with following(address, ada, project, cursor=0) as stream:
        assert isinstance(await anext(stream), str)
        await studio.state.feed.publish(project.id, {"type": "tick", "run": "run_1", "scn": "scn_1", "pct": 7})
        await happen(studio, project.id, 1)
        found = await take(stream, 2)
    tick = next(event for event in found if event.kind == "tick")
    assert (tick.cursor, tick.data) == (None, {"run": "run_1", "scn": "scn_1", "pct": 7})


@pytest.mark.parametrize("cursor", [99, 1])
async def test_a_cursor_that_means_nothing_any_more_is_reset(
    studio: Studio, ada: Person, address: str, cursor: int
) -> None:
    project = await studio.project(ada)
    for number in range(5):
        await happen(studio, project.id, number)
    await studio.state.stores.pool.execute(
        "delete from project_events where project_id = $1 and cursor <= 3", project.id
    )
    async with following(address, ada, project, cursor=cursor) as stream:
        [reset] = await take(stream, 1)
        assert (reset.kind, reset.data, reset.cursor) == ("reset", {"cursor": 5}, 5)
        await happen(studio, project.id, 6)
        assert [event.cursor for event in await take(stream, 1)] == [6]


async def test_who_loses_the_right_stops_hearing(studio: Studio, ada: Person, bob: Person, address: str) -> None:
    project = await studio.project(ada, viewer=bob)
    async with following(address, bob, project, cursor=0) as stream:
        assert isinstance(await anext(stream), str)
        await studio.state.members.remove(ada.actor, project.id, bob.actor.user_id)
        await happen(studio, project.id, 1, tell=False)
        rest = [item async for item in stream]
    assert len([item for item in rest if isinstance(item, Event)]) <= 1  # rights are at most a second old
    assert (await bob.http.get(f"{path(project)}/stream")).status_code == 404


async def test_signing_out_ends_the_stream(studio: Studio, ada: Person, address: str) -> None:
    project = await studio.project(ada)
    async with following(address, ada, project) as stream:
        assert isinstance(await anext(stream), str)
        await sign_out(studio.state.stores.pool, Session(ada.actor, 2**33))
        assert [item async for item in stream if isinstance(item, Event)] == []
    assert (await ada.http.get(f"{path(project)}/stream")).status_code == 401


async def test_what_is_refused_before_it_starts(studio: Studio, ada: Person, bob: Person) -> None:
    project = await studio.project(ada)
    where = f"{path(project)}/stream"
    assert (await bob.http.get(where)).json()["code"] == "project.missing"
    for query, field in (("cursor=-1", "cursor"), ("cursor=x", "cursor"), ("from=1", "from")):
        answer = await ada.http.get(f"{where}?{query}")
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    answer = await ada.http.get(where, headers={"Last-Event-ID": "9" * 19})
    assert (answer.status_code, answer.json()["limit"]) == (400, 18)


async def test_a_user_follows_only_so_many_streams(studio: Studio, ada: Person) -> None:
    project, audience = await studio.project(ada), Audience()
    state = replace(studio.state, audience=audience)
    transport = httpx.ASGITransport(application(state))
    with contextlib.ExitStack() as stack:
        for _ in range(STREAMS_PER_USER_MAX):
            stack.enter_context(audience.join(ada.actor.user_id))
        async with httpx.AsyncClient(transport=transport, base_url="http://studio.test") as http:
            headers = {"Authorization": f"Bearer {ada.session}"}
            answer = await http.get(f"{path(project)}/stream", headers=headers)
    assert (answer.status_code, answer.json()["limit"]) == (429, STREAMS_PER_USER_MAX)
