"""Copies of projects: whole, on their own, under ids that follow from the old ones, however often a worker begins."""

import asyncio
import time
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry

from jobs.copyist import Copyist
from jobs.metrics import WorkerMetrics
from services.history.content import read
from services.projects.copies import NewIds
from services.projects.duplication import DUPLICATIONS_MAX
from services.projects.errors import CopyLost, NoSuchDuplication, TooManyDuplications
from services.projects.model import Project, ProjectState
from services.users.errors import Forbidden, NoSuchProject
from services.users.model import Actor, Role
from storage.bus import MemoryBus
from storage.errors import StoreAway
from storage.events import read_events
from storage.objects import Objects
from storage.tables import duplications as rows
from storage.tables.duplications import DuplicationRow
from sync import ids
from sync.names import DocumentName
from sync.schema import OWNERSHIP
from tests.integration.projects.original import House
from tests.integration.projects.test_projects import new_user


@pytest.fixture
def house(pool: asyncpg.Pool, objects: Objects) -> House:
    return House.over(pool, objects, MemoryBus())


@pytest_asyncio.fixture
async def owner(pool: asyncpg.Pool) -> Actor:
    return (await new_user(pool))[0]


async def content(house: House, name: DocumentName) -> dict[str, Any]:
    loaded = await house.editor.load(name.id)
    return dict(read(loaded.doc, OWNERSHIP[name.kind].roots))


async def made(house: House, row: DuplicationRow) -> DuplicationRow:
    """Drives the copies that wait until this one has ended."""
    copyist = Copyist(house.copying, WorkerMetrics(CollectorRegistry()), "w1")
    await copyist.round()
    ended = await rows.duplication(house.pool, row.id)
    assert ended is not None
    return ended


async def takes_of(house: House, project_id: UUID) -> set[tuple[str, int, str]]:
    found = await house.pool.fetch("select scene_id, number, media_hash from takes where project_id = $1", project_id)
    return {(row["scene_id"], row["number"], row["media_hash"]) for row in found}


async def test_a_copy_is_whole_and_on_its_own(house: House, owner: Actor) -> None:
    source = await house.original(owner)
    asked = await house.duplications.ask(owner, source.id, time.time(), title="The other line")
    with pytest.raises(NoSuchProject):
        await house.projects.get(owner, asked.target_id)
    with pytest.raises(NoSuchProject):
        await house.projects.restore(owner, asked.target_id)
    assert await house.projects.of_actor(owner, state=ProjectState.DELETED) == []
    ended = await made(house, asked)
    assert (ended.state, ended.done) == ("complete", ended.total)
    copy = await house.projects.get(owner, asked.target_id)
    assert (copy.title, copy.kind, copy.role, copy.episodes) == ("The other line", source.kind, Role.OWNER, 2)
    before = await house.episodes.outline(owner, source.id)
    after = await house.episodes.outline(owner, copy.id)
    assert [season.title for season in after.seasons] == [season.title for season in before.seasons]
    assert [(each.number, each.title) for each in after.episodes] == [
        (each.number, each.title) for each in before.episodes
    ]
    new_ids = NewIds(asked.id)
    for old, new in zip(before.episodes, after.episodes, strict=True):
        assert new.id == new_ids.number("epi", old.id)
        await _check_documents(house, new_ids, old.storyboard, new.storyboard)
        await _check_documents(house, new_ids, old.timeline, new.timeline)
    assert await takes_of(house, copy.id) == {
        (new_ids.known(scene), number, hash) for scene, number, hash in await takes_of(house, source.id)
    }


async def _check_documents(house: House, new_ids: NewIds, old: DocumentName, new: DocumentName) -> None:
    was, shown = await content(house, old), await content(house, new)
    for root, entities in was.items():
        expected = {} if root in ("jobs", "prev", "cuts") else new_ids.translated(entities)
        if root == "takes":
            expected = {key: _without(take, "job") for key, take in expected.items()}
        assert shown[root] == expected, root
    assert not set(was.get("scenes", ())) & set(shown.get("scenes", ()))


def _without(entity: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in entity.items() if name != key}


async def test_rows_of_the_copy_are_read_at_once(house: House, owner: Actor) -> None:
    source = await house.original(owner, scenes=3)
    asked = await house.duplications.ask(owner, source.id, time.time())
    await made(house, asked)
    count = "select count(*) from {} where project_id = $1"
    for table in ("scenes", "takes", "take_parts", "characters", "character_images", "project_media", "texts"):
        before = await house.pool.fetchval(count.format(table), source.id)
        after = await house.pool.fetchval(count.format(table), asked.target_id)
        assert before == after and before > 0, table
    copied = await house.pool.fetchrow(
        "select run_id, copied_from from takes where project_id = $1 limit 1", asked.target_id
    )
    assert copied is not None and copied["run_id"] is None and copied["copied_from"] is not None


async def test_the_copy_outlives_its_original(house: House, owner: Actor) -> None:
    source = await house.original(owner)
    asked = await house.duplications.ask(owner, source.id, time.time())
    await made(house, asked)
    await house.pool.execute("delete from projects where id = $1", source.id)
    assert len(await takes_of(house, asked.target_id)) == 8


async def test_without_media(house: House, owner: Actor) -> None:
    source = await house.original(owner)
    asked = await house.duplications.ask(owner, source.id, time.time(), with_media=False)
    assert (await made(house, asked)).state == "complete"
    assert await takes_of(house, asked.target_id) == set()
    assert await house.pool.fetchval("select count(*) from project_media where project_id = $1", asked.target_id) == 0
    assert await house.pool.fetchval("select count(*) from characters where project_id = $1", asked.target_id) == 1
    copy = await house.projects.get(owner, asked.target_id)
    shown = await content(house, copy.storyboard)
    assert shown["takes"] == {} and len(shown["scenes"]) == 2
    assert all("cur" not in scene and scene["st"] == "draft" for scene in shown["scenes"].values())


async def test_a_template_and_a_project_from_it(house: House, owner: Actor, pool: asyncpg.Pool) -> None:
    source = await house.original(owner)
    asked = await house.duplications.ask(owner, source.id, time.time(), title="House style", as_template=True)
    await made(house, asked)
    assert [each.id for each in await house.projects.of_actor(owner)] == [source.id]
    [template] = await house.projects.of_actor(owner, templates=True)
    assert (template.id, template.title) == (asked.target_id, "House style")
    viewer, _ = await new_user(pool)
    await pool.execute(
        "insert into project_members (project_id, user_id, role) values ($1, $2, 'viewer'), ($3, $2, 'viewer')",
        template.id,
        viewer.user_id,
        source.id,
    )
    with pytest.raises(Forbidden):
        await house.duplications.ask(viewer, source.id, time.time())
    again = await house.duplications.ask(viewer, template.id, time.time(), title="Mine")
    await made(house, again)
    project = await house.projects.get(viewer, again.target_id)
    assert (project.role, project.is_template, project.episodes) == (Role.OWNER, False, 2)
    with pytest.raises(NoSuchProject):
        await house.projects.get(owner, project.id)


async def test_followers_of_the_original_hear_how_far_it_is(house: House, owner: Actor) -> None:
    source = await house.original(owner)
    asked = await house.duplications.ask(owner, source.id, time.time())
    ended = await made(house, asked)
    told = [event.payload for event in await read_events(house.pool, source.id, 0) if event.kind == "copy"]
    assert all(event["copy"] == ids.to_text("dup", asked.id) for event in told)
    assert [event["done"] for event in told] == sorted(event["done"] for event in told)
    assert (told[-1]["st"], told[-1]["done"], told[-1]["total"]) == ("complete", ended.total, ended.total)
    assert len(told) > 3 and ids.to_text("prj", asked.target_id) not in str(told)


@pytest.mark.parametrize("step", ["_structure", "_document", "_media", "_takes", "_characters", "_end"])
async def test_a_worker_dies_before_a_step_and_another_goes_on(
    house: House, objects: Objects, owner: Actor, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await house.original(owner)
    asked = await house.duplications.ask(owner, source.id, time.time())
    dying = House.over(house.pool, objects, MemoryBus()).copying

    async def die(*arguments: object) -> None:
        raise StoreAway("killed")

    held = await dying.lease("w0")
    assert held is not None and held.id == asked.id
    with monkeypatch.context() as patch, pytest.raises(StoreAway):
        patch.setattr(dying, step, die)
        await dying.copy(held)
    assert await house.copying.lease("w1") is None, "its lease is not over"
    await house.pool.execute("update duplications set lease_until = now() where id = $1", asked.id)
    ended = await made(house, asked)
    assert (ended.state, ended.attempt) == ("complete", 2)
    assert len(await takes_of(house, asked.target_id)) == 8
    assert ended.done == await rows.size(house.pool, source.id, with_media=True)
    with pytest.raises(CopyLost):
        await dying.fail(held, "late", "The worker that was thought dead comes back.")


async def test_cancelled_is_never_seen(house: House, owner: Actor, pool: asyncpg.Pool) -> None:
    source = await house.original(owner)
    asked = await house.duplications.ask(owner, source.id, time.time())
    held = await house.copying.lease("w1")
    assert held is not None
    assert (await house.duplications.cancel(owner, asked.id)).state == "cancelled"
    with pytest.raises(CopyLost):
        await house.copying.copy(held)
    assert (await made(house, asked)).state == "cancelled"
    with pytest.raises(NoSuchProject):
        await house.projects.restore(owner, asked.target_id)
    assert (await house.duplications.cancel(owner, asked.id)).state == "cancelled"
    stranger, _ = await new_user(pool)
    with pytest.raises(NoSuchDuplication):
        await house.duplications.get(stranger, asked.id)


async def test_a_worker_that_stops_hands_back(house: House, owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    source = await house.original(owner)
    asked = await house.duplications.ask(owner, source.id, time.time())
    reached = asyncio.Event()

    async def wait(*arguments: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(house.copying, "_takes", wait)
        worker = asyncio.create_task(made(house, asked))
        await reached.wait()
        worker.cancel()
        with pytest.raises(asyncio.CancelledError):
            await worker
    row = await rows.duplication(house.pool, asked.id)
    assert row is not None and (row.state, row.attempt) == ("queued", 0)
    assert (await made(house, asked)).state == "complete"


async def test_a_document_that_cannot_be_read_ends_the_copy(house: House, objects: Objects, owner: Actor) -> None:
    source: Project = await house.original(owner)
    head = await house.log.head(source.timeline.id)
    await house.pool.execute(
        "delete from document_log where document_id = $1 and seq = $2", source.timeline.id, head.seq
    )
    asked = await house.duplications.ask(owner, source.id, time.time())
    fresh = House.over(house.pool, objects, MemoryBus())
    ended = await made(fresh, asked)
    assert ended.state == "failed" and ended.error is not None
    assert ended.error["code"] == "document.unreadable"


async def test_a_user_has_4_copies_under_way_at_most(house: House, owner: Actor) -> None:
    source = await house.original(owner, scenes=0)
    asked = [await house.duplications.ask(owner, source.id, time.time()) for _ in range(DUPLICATIONS_MAX)]
    with pytest.raises(TooManyDuplications):
        await house.duplications.ask(owner, source.id, time.time())
    for each in asked:
        await house.duplications.cancel(owner, each.id)


def test_ids_follow_from_the_old_ones() -> None:
    first, again, other = NewIds(UUID(int=1)), NewIds(UUID(int=1)), NewIds(UUID(int=2))
    old = "scn_" + "0" * 26
    assert first.text(old) == again.text(old) != other.text(old)
    value = {old: ["pin:tak_" + "1" * 26, "usr_" + "2" * 26, "run_" + "3" * 26, 7, None, "trk_main", "a scene"]}
    assert first.translated(value) == {
        first.text(old): ["pin:" + first.text("tak_" + "1" * 26), *value[old][1:]],
    }
