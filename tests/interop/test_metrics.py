"""Each figure of the hub's `/metrics` moves when its thing happens; docs/operations.md names them all."""

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from realtime import upkeep
from realtime.hub import PUBLISH_BACKLOG_MAX
from services.users.model import Role
from storage.log import Batch, DocumentKey
from sync import ids
from sync.effects import Broken
from tests.interop.conftest import Board, Hub, OpenHub
from tests.interop.participants import join, knock
from tests.interop.replicas import Bulk
from tests.interop.wire import set_key

ADA, BEN = 91, 92
PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
TIMEOUT_S = 15.0


@pytest_asyncio.fixture
async def hub(hub_of: OpenHub) -> AsyncIterator[Hub]:
    """With figures of its own."""
    async with hub_of() as hub:
        yield hub


async def until(hub: Hub, sample: str, least: float, most: float = float("inf")) -> None:
    """Scrapes until the sample is between the two."""
    async with asyncio.timeout(TIMEOUT_S):
        while not least <= (await hub.scraped()).get(sample, -1.0) <= most:
            pass


async def test_the_page_for_operators_names_every_figure(hub: Hub) -> None:
    families = {re.split(r"[{]|_bucket|_sum|_count|_created", sample)[0] for sample in await hub.scraped()}
    ours = {name for name in families if name.startswith("storyforge_")}
    missing = {name for name in ours if f"`{name}" not in PAGE.read_text()}
    assert missing == set() and len(ours) > 15


async def test_people_rooms_edits_and_acknowledgements(hub: Hub, board: Board) -> None:
    async with (
        join("/collab", hub.websocket, board.name, board.token()) as one,
        join("/sync", hub.websocket, board.name, board.token(Role.OWNER)) as other,
    ):
        before = await hub.scraped()
        assert (before["storyforge_ws_connections"], before["storyforge_sessions"], before["storyforge_doc_open"]) == (
            2,
            2,
            1,
        )
        assert before["storyforge_doc_load_seconds_count"] == 1
        await one.update(set_key(ADA, 0, "ext", "k", "v"))
        assert (await one.until("status")).text == "1"
        await other.until("update")
        after = await hub.scraped()
        for moved in ("storyforge_edits_total", "storyforge_ack_seconds_count", 'storyforge_acks_total{saved="true"}'):
            assert after[moved] == before[moved] + 1, moved
        assert after["storyforge_fanout_seconds_count"] > before["storyforge_fanout_seconds_count"]
        assert 0 < after["storyforge_fanout_seconds_sum"] < TIMEOUT_S
        assert after["storyforge_uncommitted_bytes"] == 0
    await until(hub, "storyforge_sessions", 0, 0)
    await until(hub, "storyforge_ws_connections", 0, 0)


async def test_what_a_viewer_may_not_save(hub: Hub, board: Board) -> None:
    async with join("/collab", hub.websocket, board.name, board.token(Role.VIEWER)) as viewer:
        await viewer.update(set_key(ADA, 0, "ext", "k", "v"))
        assert (await viewer.until("status")).text == "0"
        assert (await hub.scraped())['storyforge_acks_total{saved="false"}'] == 1


async def test_refusals_by_reason(hub: Hub, board: Board, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "storyforge.hub")
    async with join("/sync", hub.websocket, board.name, board.token()) as one:
        await one.update(set_key(ADA, 0, "nowhere", "k", "v"))
        await one.refusal()
    async with knock("/sync", hub.websocket, board.name, "forged") as stranger:
        assert (await stranger.closed()).code == 4401
    async with knock("/collab", hub.websocket, board.name, board.expired()) as late:
        await late.refusal()
    async with asyncio.timeout(5):
        while (samples := await hub.scraped())["storyforge_proposals_total"] != 1:
            pass
    assert samples["storyforge_proposals_lost_total"] == 0
    assert samples['storyforge_refusals_total{code="4422",reason="schema.root"}'] == 1
    assert samples['storyforge_refusals_total{code="4401",reason="token.forged"}'] == 1
    assert samples['storyforge_refusals_total{code="4501",reason="token.expired"}'] == 1
    logged = [record.__dict__ for record in caplog.records if record.message == "session.refused"]
    editor = ids.to_text("usr", board.people[Role.EDITOR].user_id)
    assert [(one["reason"], one["document"], one["user"]) for one in logged] == [
        ("schema.root", board.name, editor),
        ("token.forged", board.name, None),
        ("token.expired", board.name, None),
    ]


async def test_updates_that_wait_for_what_they_rest_on(hub: Hub, board: Board) -> None:
    async with join("/sync", hub.websocket, board.name, board.token()) as one:
        await one.update(set_key(ADA, 9, "ext", "k", "v"))
        await one.until("step1")
        assert (await hub.scraped())["storyforge_parked_updates"] == 1
    await until(hub, "storyforge_parked_updates", 0, 0)


async def test_edits_that_postgres_does_not_take(hub: Hub, board: Board, pool: asyncpg.Pool) -> None:
    async with join("/collab", hub.websocket, board.name, board.token()) as one:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("select 1 from documents where id = $1 for update", board.document_id)
            await one.update(set_key(ADA, 0, "ext", "k", "v"))
            await until(hub, "storyforge_uncommitted_bytes", 1)
        assert (await one.until("status")).text == "1"
        await until(hub, "storyforge_uncommitted_bytes", 0, 0)


async def test_a_slow_reader(hub_of: OpenHub, board: Board) -> None:
    raised = {"updates_per_s_max": 10**5, "update_bytes_per_s_max": 10**9, "document_bytes_max": 10**9}
    async with (
        hub_of(**raised, outbox_frames_max=8) as hub,
        join("/sync", hub.websocket, board.name, board.token()) as slow,
        join("/collab", hub.websocket, board.name, board.token(Role.OWNER)) as writer,
    ):
        slow.socket.connection.transport.pause_reading()
        bulk = Bulk(ADA)
        for number in range(60):
            await writer.update(bulk.edit(f"k{number}"))
            await writer.until("status")
        assert (await hub.scraped())["storyforge_outbox_bytes"] > 60_000
        slow.socket.connection.transport.resume_reading()
        await slow.until("step2")
        assert (await hub.scraped())["storyforge_resync_total"] == 1
        await until(hub, "storyforge_outbox_bytes", 0, 0)


async def test_a_gap_is_read_from_the_log(hub: Hub, board: Board) -> None:
    async with join("/sync", hub.websocket, board.name, board.token()) as one:
        update = set_key(BEN, 0, "ext", "elsewhere", "v")
        await board.log.append({DocumentKey(board.document_id, 1): [Batch(uuid4(), None, "seed", update, None, ())]})
        assert b"elsewhere" in (await one.until("update")).payload
        assert (await hub.scraped())["storyforge_bus_gap_total"] == 1


async def test_the_bus_and_its_breaks(hub: Hub, redis_url: str) -> None:
    await until(hub, "storyforge_bus_lag_seconds_count", 2)
    samples = await hub.scraped()
    assert 0 < samples["storyforge_bus_lag_seconds_sum"] < TIMEOUT_S
    breaks = samples["storyforge_bus_breaks_total"]
    async with Redis.from_url(redis_url) as redis:
        await redis.client_kill_filter(_type="pubsub")
    await until(hub, "storyforge_bus_breaks_total", breaks + 1)
    heard = (await hub.scraped())["storyforge_bus_lag_seconds_count"]
    await until(hub, "storyforge_bus_lag_seconds_count", heard + 1)


async def test_publications_that_find_the_queue_full(hub: Hub) -> None:
    for _ in range(PUBLISH_BACKLOG_MAX + 5):
        hub.process.publish("sf:nobody", b"x")
    samples = await hub.scraped()
    assert samples["storyforge_bus_dropped_total"] >= 5
    await until(hub, "storyforge_publications_waiting", 0, 0)


async def test_a_panic_and_a_snapshot(hub: Hub, board: Board) -> None:
    async with join("/sync", hub.websocket, board.name, board.token()) as one:
        (host,) = hub.process.hosts.values()
        await upkeep.snapshot(hub.process, host)
        assert (await hub.scraped())["storyforge_snapshots_total"] == 1
        host._perform([Broken("a panic of the replica", None)])
        assert (await one.closed()).code == 1012
        samples = await hub.scraped()
        assert samples["storyforge_native_panic_total"] == 1
        assert samples['storyforge_refusals_total{code="1012",reason="restart"}'] == 1


async def test_hubs_hear_of_each_other(hub: Hub, redis_url: str) -> None:
    other = uuid4()
    beat = json.dumps({"node": other.hex, "beat": 1, "rooms": 3, "sessions": 40, "later": "fields"})
    async with Redis.from_url(redis_url) as redis:
        async with asyncio.timeout(TIMEOUT_S):
            while other not in {one.node for one in hub.process.neighbours.here(time.monotonic())}:
                await redis.publish("sf:hubs", beat)
                await redis.publish("sf:hubs", b"not JSON")
    found = {one.node: one for one in hub.process.neighbours.here(hub.process.now_s())}
    assert (found[other].rooms, found[other].sessions) == (3, 40)


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"node": 7}', b'{"node": "x", "beat": 1}'])
async def test_a_beat_that_says_nothing_is_ignored(hub: Hub, payload: bytes) -> None:
    assert hub.process.neighbours.heard(payload, 0.0) is None
