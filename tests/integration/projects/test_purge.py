"""What was deleted long ago goes for good, with everything of it and nothing else, from wherever a purge was left."""

import time
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from services.projects.episodes import Episodes
from services.projects.errors import NoSuchEpisode
from services.projects.model import Project, ProjectKind, ProjectState
from services.projects.purge import Purger
from services.projects.service import Projects
from services.users.errors import NoSuchProject
from services.users.model import Actor
from storage.bus import MemoryBus
from storage.log import Batch, DocumentLog
from storage.objects import Objects, hash_of
from storage.snapshots import Snapshots
from storage.tables import purge
from tests.integration.projects.test_projects import new_user

AGE = timedelta(days=30)
LONG_AGO = "now() - interval '31 days'"

REFERENCES = """
select conrelid::regclass::text as source, confrelid::regclass::text as target, confdeltype = 'c' as cascades
from pg_constraint where contype = 'f'
"""


@pytest.fixture
def log(pool: asyncpg.Pool, objects: Objects) -> DocumentLog:
    return DocumentLog(pool, objects)


@pytest.fixture
def projects(pool: asyncpg.Pool, log: DocumentLog) -> Projects:
    return Projects(pool, log)


@pytest.fixture
def episodes(pool: asyncpg.Pool, log: DocumentLog) -> Episodes:
    return Episodes(pool, log, MemoryBus())


@pytest_asyncio.fixture
async def owner(pool: asyncpg.Pool) -> Actor:
    return (await new_user(pool))[0]


async def grown(projects: Projects, log: DocumentLog, owner: Actor, rows: int = 3) -> Project:
    project = await projects.create(owner, "The line", ProjectKind.SERIES, time.time())
    key = (await log.head(project.storyboard.id)).key
    await log.append({key: [Batch(uuid4(), None, "test", b"x") for _ in range(rows)]})
    return project


async def left(pool: asyncpg.Pool, project: Project) -> list[int]:
    """Rows of the project, its episodes, its documents and their logs."""
    return [
        await pool.fetchval("select count(*) from projects where id = $1", project.id),
        await pool.fetchval("select count(*) from episodes where project_id = $1", project.id),
        await pool.fetchval("select count(*) from documents where project_id = $1", project.id),
        await pool.fetchval("select count(*) from document_log where document_id = $1", project.storyboard.id),
    ]


async def test_whatever_refers_to_a_project_goes_with_it(pool: asyncpg.Pool) -> None:
    references = await pool.fetch(REFERENCES)
    going = {"projects"}
    while found := {row["source"] for row in references if row["cascades"] and row["target"] in going} - going:
        going |= found
    assert "document_log" in going
    held = {row["source"] for row in references if row["target"] in going} - going
    assert not held, "these keep a project from being removed: say `on delete cascade`"


async def test_a_project_goes_with_everything(
    projects: Projects,
    log: DocumentLog,
    owner: Actor,
    pool: asyncpg.Pool,
    objects: Objects,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(purge, "ROWS_MAX", 2)
    gone, other = await grown(projects, log, owner), await grown(projects, log, owner)
    purger = Purger(pool, objects, AGE)
    await projects.delete(owner, gone.id)
    assert not await purger.purge("project", gone.id), "its time is not over"
    await pool.execute(f"update projects set deleted_at = {LONG_AGO} where id = $1", gone.id)
    assert ("project", gone.id) in await purger.due()
    assert await purger.purge("project", gone.id)
    assert await left(pool, gone) == [0, 0, 0, 0]
    assert await left(pool, other) == [1, 1, 2, 3]
    assert not await purger.purge("project", gone.id), "another was faster"


async def test_an_episode_goes_and_its_project_stays(
    projects: Projects, episodes: Episodes, log: DocumentLog, owner: Actor, pool: asyncpg.Pool, objects: Objects
) -> None:
    project = await grown(projects, log, owner)
    second = await episodes.add(owner, project.id, "Two", time.time())
    await episodes.delete(owner, project.id, second.id)
    await pool.execute(f"update episodes set deleted_at = {LONG_AGO} where id = $1", second.id)
    assert await Purger(pool, objects, AGE).purge("episode", second.id)
    assert await left(pool, project) == [1, 1, 2, 3]
    with pytest.raises(NoSuchEpisode):
        await episodes.restore(owner, project.id, second.id)


async def test_what_was_restored_stays(
    projects: Projects, log: DocumentLog, owner: Actor, pool: asyncpg.Pool, objects: Objects
) -> None:
    project = await grown(projects, log, owner)
    await projects.delete(owner, project.id)
    await pool.execute(f"update projects set deleted_at = {LONG_AGO} where id = $1", project.id)
    await projects.restore(owner, project.id)
    assert not await Purger(pool, objects, AGE).purge("project", project.id)
    assert await left(pool, project) == [1, 1, 2, 3]


async def test_a_purge_that_was_killed_goes_on_and_cannot_be_undone(
    projects: Projects, log: DocumentLog, owner: Actor, pool: asyncpg.Pool, objects: Objects
) -> None:
    project = await grown(projects, log, owner)
    await projects.delete(owner, project.id)
    await pool.execute(f"update projects set deleted_at = {LONG_AGO} where id = $1", project.id)
    assert await purge.begin(pool, "project", project.id, AGE)
    await purge.forget_rows(pool, [project.storyboard.id])  # and here the worker was killed
    with pytest.raises(NoSuchProject):
        await projects.restore(owner, project.id)
    assert await projects.of_actor(owner, state=ProjectState.DELETED) == []
    assert await Purger(pool, objects, AGE).purge("project", project.id)
    assert await left(pool, project) == [0, 0, 0, 0]


async def test_objects_of_the_log_go_and_those_of_others_stay(
    projects: Projects, log: DocumentLog, owner: Actor, pool: asyncpg.Pool, objects: Objects
) -> None:
    gone, other = await grown(projects, log, owner), await grown(projects, log, owner)
    snapshots = Snapshots(pool, objects)
    for project, data in ((gone, b"mine alone"), (other, b"another's"), (gone, b"the same"), (other, b"the same")):
        head = await log.head(project.storyboard.id)
        await log.append({head.key: [Batch(uuid4(), None, "test", b"x")]})
        assert await snapshots.put(head.document_id, head.epoch, head.seq + 1, data)
    await projects.delete(owner, gone.id)
    await pool.execute(f"update projects set deleted_at = {LONG_AGO} where id = $1", gone.id)
    assert await Purger(pool, objects, AGE).purge("project", gone.id)
    left_over = [await objects.exists(hash_of(data)) for data in (b"mine alone", b"another's", b"the same")]
    assert left_over == [False, True, True]


async def plan(pool: asyncpg.Pool, query: str, *arguments: object) -> str:
    """As PostgreSQL would do it, were the tables too large to be read through."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("set local enable_seqscan = off")
        return "\n".join(row[0] for row in await connection.fetch(f"explain {query}", *arguments))


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("select id from projects where deleted_at < now() - interval '30 days'", "projects_deleted"),
        ("select id from episodes where deleted_at < now() - interval '30 days'", "episodes_deleted"),
        ("select id from seasons where project_id = $1 order by ord", "seasons_in_order"),
        ("select id from episodes where project_id = $1 and season_id = $1 order by ord", "episodes_in_order"),
        ("select id from documents where project_id = $1", "documents_of_project"),
        (
            "select id from characters where project_id = $1 and deleted_at is null order by name, id",
            "characters_by_name",
        ),
        (
            "select id from duplications where state in ('queued', 'running') order by created_at limit 1",
            "duplications_unfinished",
        ),
        ("select 1 from character_images where project_id = $1 and hash = 'x'", "character_images_of_media"),
        ("select id from runs where project_id = $1", "runs_of_project"),
        (
            "select id from takes where project_id = $1 order by created_at desc, id desc limit 100",
            "takes_of_project",
        ),
    ],
)
async def test_indexes_are_used(pool: asyncpg.Pool, query: str, index: str) -> None:
    arguments = [UUID(int=1)] if "$1" in query else []
    assert index in await plan(pool, query, *arguments)
