"""PROTOCOL.md, Event: what happens in a project reaches native sessions of every node, in order and once."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from realtime import project_events
from realtime.client import open_client
from services.projects.episode_roles import EpisodeRoles
from services.projects.episodes import Episodes
from services.projects.members import Members
from services.projects.model import ProjectKind
from services.projects.service import Projects
from services.users.model import EpisodeRole, Role
from storage.bus import Bus
from storage.events import ProjectFeed, append_event
from storage.settings import StoreSettings
from storage.stores import open_stores
from sync.dialects.hocuspocus import PermissionDenied, Token
from sync.messages import Event, Follow
from tests.interop.conftest import Board, Hub
from tests.interop.test_native import Talk, talk
from tests.interop.wire import TIMEOUT_S


@pytest_asyncio.fixture
async def bus(database_url: str, redis_url: str, objects_url: str) -> AsyncIterator[Bus]:
    """Another process'."""
    async with open_stores(StoreSettings(database_url, redis_url, objects_url)) as stores:
        yield stores.bus


@pytest.fixture
def feed(bus: Bus) -> ProjectFeed:
    """Says that something happened."""
    return ProjectFeed(bus)


async def happen(board: Board, *numbers: int, feed: ProjectFeed | None = None) -> int:
    """One event each, in a transaction of their own; `feed`: who is told. The last one's cursor."""
    cursor = 0
    for number in numbers:
        async with board.pool.acquire() as connection, connection.transaction():
            cursor = await append_event(connection, board.project_id, "scene", {"n": number})
    if feed is not None:
        await feed.publish(board.project_id, {"type": "event", "cursor": cursor})
    return cursor


async def told(talking: Talk, kind: str) -> Event:
    """The next of this kind; events are in order, so one that came before it was not awaited."""
    while (event := await talking.hear(Event)).kind != kind:
        pass
    return event


async def numbers(talking: Talk, count: int) -> list[int]:
    """Of the next so many that happened here; the board's projection tells of its scenes when it gets to it."""
    found: list[int] = []
    while len(found) < count:
        payload = json.loads((await told(talking, "scene")).payload)
        if "n" in payload:
            found.append(payload["n"])
    return found


async def test_w65_events_come_in_order_on_every_node_and_behind_the_last_known_one(
    hub_a: Hub, hub_b: Hub, board: Board, feed: ProjectFeed
) -> None:
    before = await happen(board, 1, 2)
    async with talk(hub_a, board) as ada, talk(hub_b, board, Role.VIEWER) as rae:
        await ada.say(Follow(None))
        await rae.say(Follow(before - 1))
        assert await ada.hear(Event) == Event(before, "following", "{}")
        assert await rae.hear(Event) == Event(before - 1, "following", "{}")
        assert await rae.hear(Event) == Event(before, "scene", '{"n":2}')
        last = await happen(board, *range(3, 303), feed=feed)
        for talking in (ada, rae):
            assert await numbers(talking, 300) == list(range(3, 303))
        await ada.say(Follow(last - 2))
        assert await told(ada, "following") == Event(last - 2, "following", "{}")
        assert await numbers(ada, 2) == [301, 302]


async def test_w65_a_lost_notice_costs_time_and_no_event(
    hub_a: Hub, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_events, "LOOK_S", 0.1)
    async with talk(hub_a, board) as ada:
        await ada.say(Follow(None))
        await told(ada, "following")
        await happen(board, 1)
        assert await numbers(ada, 1) == [1]


async def test_w65_progress_comes_without_a_cursor_the_latest_of_each_run(
    hub_a: Hub, board: Board, feed: ProjectFeed
) -> None:
    async with talk(hub_a, board) as ada:
        await ada.say(Follow(None))
        await told(ada, "following")
        for pct in range(100):
            await feed.publish(board.project_id, {"type": "tick", "run": "run_a", "pct": pct})
        seen = [await told(ada, "tick")]
        while json.loads(seen[-1].payload)["pct"] < 99:
            seen.append(await told(ada, "tick"))
        assert {event.cursor for event in seen} == {None} and len(seen) < 50
        assert json.loads(seen[-1].payload) == {"run": "run_a", "pct": 99}


async def test_w65_a_client_that_comes_back_misses_nothing_and_hears_nothing_twice(
    hub_a: Hub, board: Board, feed: ProjectFeed
) -> None:
    heard: list[Event] = []
    async with open_client(hub_a.websocket, board.name, board.token()) as live, asyncio.timeout(TIMEOUT_S):
        live.client.happened = heard.append
        live.follow()  # before it is let in
        await live.until(lambda client: client.cursor is not None)
        await happen(board, 1, feed=feed)
        await live.until(lambda client: len(heard) == 2)
        live.cut()
        await live.until(lambda client: client.status == "offline")
        last = await happen(board, 2, 3)
        await live.until(lambda client: client.cursor == last)
    told_here = [json.loads(event.payload) for event in heard if event.kind == "scene"]
    assert [payload["n"] for payload in told_here if "n" in payload] == [1, 2, 3]


async def test_w66_who_is_too_far_behind_or_beyond_the_newest_begins_at_the_newest(hub_a: Hub, board: Board) -> None:
    await happen(board, 0)
    async with board.pool.acquire() as connection, connection.transaction():
        for number in range(project_events.EVENTS_BEHIND_MAX):
            head = await append_event(connection, board.project_id, "scene", {"n": number})
    async with talk(hub_a, board) as ada:
        for asked, answer in (
            (head - 501, Event(head, "reset", "{}")),
            (head + 1, Event(head, "reset", "{}")),
            (head, Event(head, "following", "{}")),
        ):
            await ada.say(Follow(asked))
            assert await ada.hear(Event) == answer
        await board.pool.execute(
            "delete from project_events where project_id = $1 and cursor < $2", board.project_id, head - 3
        )
        await ada.say(Follow(head - 100))
        assert await ada.hear(Event) == Event(head - 100, "following", "{}")
        assert await ada.hear(Event) == Event(head - 4, "reset", "{}")
        assert [(await ada.hear(Event)).cursor for _ in range(4)] == [head - 3, head - 2, head - 1, head]


async def test_w66_who_may_not_see_the_project_any_more_is_told_nothing(
    hub_a: Hub, board: Board, feed: ProjectFeed
) -> None:
    async with talk(hub_a, board, Role.VIEWER) as rae, talk(hub_a, board, Role.OWNER) as ben:
        for talking in (rae, ben):
            await talking.say(Follow(None))
            await told(talking, "following")
        owner, viewer = board.people[Role.OWNER], board.people[Role.VIEWER]
        await Members(board.pool).remove(owner, board.project_id, viewer.user_id)
        assert await rae.hear(PermissionDenied) == PermissionDenied("document.missing")
        await happen(board, 1, feed=feed)
        assert await numbers(ben, 1) == [1]
        await rae.say(Token(board.token(Role.VIEWER)))
        await rae.hear(PermissionDenied)
        assert not any(b'"n":1' in frame for frame in rae.frames)


async def test_w66_who_sees_one_episode_hears_of_that_and_that_there_was_something_else(
    hub_a: Hub, board: Board, bus: Bus, feed: ProjectFeed
) -> None:
    owner, viewer = board.people[Role.OWNER], board.people[Role.VIEWER]
    series = await Projects(board.pool, board.log).create(owner, "Apart", ProjectKind.SERIES, time.time())
    episodes = Episodes(board.pool, board.log, bus)
    other = await episodes.add(owner, series.id, "The other", time.time())
    [first, _] = (await episodes.outline(owner, series.id)).episodes
    email = f"{viewer.user_id.hex}@studio.test"
    await EpisodeRoles(board.pool).add(owner, series.id, first.id, email, EpisodeRole.VIEWER)
    apart = replace(board, name=str(series.storyboard), document_id=series.storyboard.id, project_id=series.id)
    async with talk(hub_a, apart, Role.VIEWER) as rae, talk(hub_a, apart, Role.OWNER) as ben:
        for talking in (rae, ben):
            await talking.say(Follow(None))
            await told(talking, "following")
        for number, document_id in ((1, other.storyboard.id), (2, series.storyboard.id)):
            async with board.pool.acquire() as connection, connection.transaction():
                cursor = await append_event(connection, series.id, "scene", {"n": number}, document_id)
        await feed.publish(series.id, {"type": "event", "cursor": cursor})
        assert await numbers(ben, 2) == [1, 2]
        assert await rae.hear(Event) == Event(cursor - 1, "elsewhere", "{}")
        assert await rae.hear(Event) == Event(cursor, "scene", '{"n":2}')
        await feed.publish(series.id, {"type": "tick", "run": "run_a", "pct": 1})
        await told(ben, "tick")
        await rae.say(Follow(cursor))
        assert (await rae.hear(Event)).kind == "following"  # and no tick before it
