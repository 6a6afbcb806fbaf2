"""A worker that is killed in the middle of a copy or of a file: another one ends it, and nothing is there twice."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from uuid import UUID

import asyncpg

from jobs.settings import WorkerSettings
from services.history.content import read
from storage.objects import hash_of
from storage.stores import Stores
from storage.tables import duplications
from storage.tables.duplications import DuplicationRow
from sync.names import DocumentName
from sync.schema import OWNERSHIP
from tests.integration.assets.studio import Studio, film
from tests.integration.projects.original import House
from tests.integration.projects.test_projects import new_user

from .conftest import Hire

PATIENCE_S = 60.0
SCENES = 120
COUNTS = """
select (select count(*) from episodes where project_id = $1) as episodes,
       (select count(*) from seasons where project_id = $1) as seasons,
       (select count(*) from documents where project_id = $1) as documents,
       (select count(*) from scenes where project_id = $1) as scenes,
       (select count(*) from takes where project_id = $1) as takes,
       (select count(*) from characters where project_id = $1) as characters,
       (select count(*) from project_media where project_id = $1) as media
"""


async def test_a_copy_that_was_half_made_is_ended_by_another(own_stores: Stores, hire: Hire) -> None:
    house = House.over(own_stores.pool, own_stores.objects, own_stores.bus)
    owner, _ = await new_user(own_stores.pool)
    source = await house.original(owner, scenes=SCENES, takes=2)
    asked = await house.duplications.ask(owner, source.id, time.time())
    async with asyncio.timeout(PATIENCE_S), hire("one") as victim:
        while (await _copy(house, asked)).done == 0:
            pass  # each look is a round trip: nothing tells a test how far another process has come
        victim.kill()
        await victim.wait()
    half = await _copy(house, asked)
    assert (half.state, half.attempt) == ("running", 1) and 0 < half.done < half.total
    await own_stores.pool.execute("update duplications set lease_until = now() where id = $1", asked.id)
    async with asyncio.timeout(PATIENCE_S), hire("two"):
        while (await _copy(house, asked)).state == "running":
            pass
    ended = await _copy(house, asked)
    assert (ended.state, ended.attempt, ended.epoch) == ("complete", 2, half.epoch + 1)
    assert await _counts(own_stores.pool, ended.target_id) == await _counts(own_stores.pool, source.id)
    before = (await house.episodes.outline(owner, source.id)).episodes
    after = (await house.episodes.outline(owner, ended.target_id)).episodes
    for old, new in zip(before, after, strict=True):
        for one, other in ((old.storyboard, new.storyboard), (old.timeline, new.timeline)):
            assert await _sizes(house, one) == await _sizes(house, other)
    numbers = await own_stores.pool.fetch(
        "select document_id, scene_id, number from takes where project_id = $1", ended.target_id
    )
    assert set(Counter(tuple(row) for row in numbers).values()) == {1} and len(numbers) == 2 * 2 * SCENES


async def test_a_file_that_was_half_looked_at_is_ended_by_another(
    own_stores: Stores, hire: Hire, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    studio = Studio(own_stores, WorkerSettings("redis://", "none", scratch=scratch), scratch)
    actor, project = await studio.project()
    data = film(tmp_path, seconds=20)
    asset_id = await studio.uploaded(actor, project, data)
    async with asyncio.timeout(PATIENCE_S), hire("one") as victim:
        while not (await studio.asset(asset_id)).parts:
            pass
        victim.kill()
        await victim.wait()
    half = await studio.asset(asset_id)
    made = {name: part.made for name, part in half.parts.items()}
    assert half.state == "working" and "sprite" not in made
    await own_stores.pool.execute("update assets set lease_until = now() where id = $1", asset_id)
    async with asyncio.timeout(PATIENCE_S), hire("two"):
        while (await studio.asset(asset_id)).state == "working":
            pass
    ended = await studio.asset(asset_id)
    assert (ended.state, ended.hash, ended.error) == ("ready", hash_of(data), None)
    assert set(ended.parts) == {"probe", "thumb", "peaks", "proxy", "sprite"}
    assert {name: ended.parts[name].made for name in made} == made, "what was made is not made again"
    parts = await own_stores.pool.fetch("select part from media_parts where source = $1", ended.hash)
    assert sorted(row["part"] for row in parts) == sorted(ended.parts)
    assert {ended.hash, *(part.made for part in ended.parts.values() if part.made)} == await studio.rights(project)
    states = Counter(event["st"] for event in await studio.events(project))
    assert (states["waiting"], states["ready"]) == (1, 1)
    assert await own_stores.pool.fetchval("select attempt from assets where id = $1", asset_id) == 2


async def _copy(house: House, asked: DuplicationRow) -> DuplicationRow:
    row = await duplications.duplication(house.pool, asked.id)
    assert row is not None
    return row


async def _counts(pool: asyncpg.Pool, project_id: UUID) -> dict[str, int]:
    row = await pool.fetchrow(COUNTS, project_id)
    assert row is not None
    return dict(row)


async def _sizes(house: House, name: DocumentName) -> dict[str, int]:
    """How many of each there are in a document; runs stay with the original."""
    loaded = await house.editor.load(name.id)
    content = dict(read(loaded.doc, OWNERSHIP[name.kind].roots))
    return {root: len(entities) for root, entities in content.items() if root not in ("jobs", "prev")}
