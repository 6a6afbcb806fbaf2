"""Timelines on a hub: two people cut at once through the native client, and the server writes back what has to be."""

import asyncio
import time
from random import Random
from typing import Any

import asyncpg
import pytest_asyncio
from pycrdt import Doc

from realtime.client import LiveClient, open_client
from services.users.model import Role
from storage.events import project_channel, read_events
from storage.redis import RedisBus, open_redis
from storage.tasks import beside
from sync.client import Change, Client
from sync.ids import DocumentId
from sync.limits import Limits
from sync.names import DocumentName, Kind
from sync.timeline.content import MAIN_TRACK
from sync.timeline.gestures import Timeline
from sync.timeline.hand import content_of
from sync.timeline.resolve import canonical, resolve
from tests.interop.conftest import Board, Hub
from tests.interop.wire import TIMEOUT_S
from tests.simulation.documents import check, some_gesture


@pytest_asyncio.fixture
async def timeline(board: Board, pool: asyncpg.Pool) -> DocumentName:
    found = await pool.fetchval("select id from documents where project_id = $1 and kind = 'tl'", board.project_id)
    return DocumentName(Kind.TIMELINE, DocumentId(found), 1)


def token(board: Board, timeline: DocumentName, role: Role) -> str:
    return board.tokens.issue_document(board.people[role], timeline.id, role, time.time()).text


def gesture(name: str, *arguments: Any) -> Change:
    """Made on whatever replica it is made on."""

    def change(doc: Doc[Any]) -> None:
        getattr(Timeline(doc, Random(1).randbytes, "usr_x", 1), name)(*arguments)

    return change


async def test_w56_what_two_people_trimmed_past_each_other_is_repaired_by_the_server(
    hub_a: Hub, hub_b: Hub, board: Board, timeline: DocumentName, pool: asyncpg.Pool
) -> None:
    name = str(timeline)
    async with (
        asyncio.timeout(TIMEOUT_S),
        open_client(hub_a.websocket, name, token(board, timeline, Role.EDITOR), Random(1)) as ada,
        open_client(hub_b.websocket, name, token(board, timeline, Role.OWNER), Random(2)) as ben,
    ):
        await ada.saved()
        await ben.saved()
        ada.edit(gesture("insert", MAIN_TRACK, 0, 40))
        (clip,) = resolve(content_of(ada.client.doc)).placed
        await ada.saved()
        await ben.until(lambda client: clip in resolve(content_of(client.doc)).placed)
        ben.cut()
        await ben.until(lambda client: client.status == "offline")
        ben.edit(gesture("trim_tail", clip, -30))
        ada.edit(gesture("trim_head", clip, 30))

        def is_repaired(client: Client) -> bool:
            film = resolve(content_of(client.doc))
            return film.placed[clip].in_ == 30 and film.placed[clip].out == 31 and not film.repairs

        await ada.until(is_repaired)
        await ben.until(is_repaired)
        assert canonical(content_of(ada.client.doc)) == canonical(content_of(ben.client.doc))
    rows = [row async for row in board.log.tail(timeline.id, 1, 1)]
    assert [row.origin for row in rows].count("repair") == 1, "two hubs have it open, one repairs"


async def test_who_cut_for_days_without_a_network_comes_back_to_one_film(
    hub_a: Hub, board: Board, timeline: DocumentName
) -> None:
    """Two thousand gestures on a stale replica, sixty of somebody else meanwhile: nothing is lost, all see the same."""
    chance, wild = Random(5), Random(6)
    ben = Client(
        str(timeline),
        token(board, timeline, Role.OWNER),
        lambda: chance.randrange(1, 2**31),
        lambda: chance.randbytes(16),
        limits=Limits(),
    )
    async with (
        asyncio.timeout(4 * TIMEOUT_S),
        open_client(hub_a.websocket, str(timeline), token(board, timeline, Role.EDITOR), Random(1)) as ada,
    ):
        for at in range(6):
            ada.edit(gesture("insert", MAIN_TRACK, at, 60))
        await ada.saved()
        before = LiveClient(f"{hub_a.websocket}/collab", ben, chance)
        async with beside(before.run()):
            await before.saved()
        ben.disconnected()

        def something(doc: Doc[Any]) -> None:
            some_gesture(doc, wild)

        for _ in range(2_000):
            assert ben.edit(something) == []
        for _ in range(60):
            ada.edit(something)
        await ada.saved()
        assert ben.unsaved > 1_000, "those that changed something"
        mine = {clip for clip in resolve(content_of(ben.doc)).placed}
        back = LiveClient(f"{hub_a.websocket}/collab", ben, chance)
        async with beside(back.run()):
            await back.saved()

            def is_one(client: Client) -> bool:
                film = resolve(content_of(client.doc))
                return not film.repairs and canonical(content_of(ben.doc)) == canonical(content_of(ada.client.doc))

            await ada.until(is_one)
            await back.until(is_one)
    film = resolve(content_of(ada.client.doc))
    check(film)
    assert mine <= set(content_of(ada.client.doc)["clips"])


async def test_gestures_of_both_are_kept_over_the_wire(hub_a: Hub, board: Board, timeline: DocumentName) -> None:
    name = str(timeline)
    async with (
        asyncio.timeout(TIMEOUT_S),
        open_client(hub_a.websocket, name, token(board, timeline, Role.EDITOR), Random(1)) as ada,
        open_client(hub_a.websocket, name, token(board, timeline, Role.OWNER), Random(2)) as ben,
    ):
        await ada.saved()
        ada.edit(gesture("insert", MAIN_TRACK, 0, 40))
        (clip,) = resolve(content_of(ada.client.doc)).placed
        await ada.saved()
        await ben.until(lambda client: clip in resolve(content_of(client.doc)).placed)
        ada.edit(gesture("split", clip, 25))
        ben.edit(gesture("slip", clip, 7))
        await ada.saved()
        await ben.saved()

        def is_merged(client: Client) -> bool:
            placed = resolve(content_of(client.doc)).placed.values()
            return [each.clip.slip for each in placed] == [7, 7]

        await ada.until(is_merged)
        await ben.until(is_merged)


async def test_a_hub_shows_the_film_of_its_editors_to_who_has_no_client(
    hub_a: Hub, board: Board, timeline: DocumentName, pool: asyncpg.Pool, redis_url: str
) -> None:
    """Rows of clips follow a moment later, and followers of the project are told."""
    async with (
        asyncio.timeout(TIMEOUT_S),
        open_redis(redis_url) as client,
        RedisBus(client, redis_url, Random(1)).subscription() as subscription,
        open_client(hub_a.websocket, str(timeline), token(board, timeline, Role.EDITOR), Random(1)) as ada,
    ):
        await subscription.add(project_channel(board.project_id))
        await ada.saved()
        ada.edit(gesture("insert", MAIN_TRACK, 0, 40))
        (clip,) = resolve(content_of(ada.client.doc)).placed
        await ada.saved()
        shown: list[tuple[str, int]] = []
        while not shown:
            await subscription.next()
            events = await read_events(pool, board.project_id, 0)
            if any(event.kind == "timeline" for event in events):
                query = "select id, frames from clips where document_id = $1"
                shown = [tuple(row) for row in await pool.fetch(query, timeline.id)]
    assert shown == [(clip, 40)]
