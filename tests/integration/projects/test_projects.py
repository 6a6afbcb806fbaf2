"""Projects on real rows: made whole and listed by age."""

import secrets
import time
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from pycrdt import Doc, Map

from services.projects.errors import TitleUnfit, UnknownBrain
from services.projects.model import TITLE_CHARS_MAX, ProjectKind
from services.projects.service import DEFAULT_BRAIN, Projects
from services.projects.settings import ProjectSettings
from services.users.errors import NoSuchProject
from services.users.model import Actor, Role
from storage.log import DocumentLog
from storage.objects import Objects
from storage.tables import users
from storage.tables.users import UserRow
from sync.names import Kind


async def new_user(pool: asyncpg.Pool) -> tuple[Actor, str]:
    email = f"{secrets.token_hex(6)}@studio.test"
    user = UserRow(uuid4(), email, "Ada", "#aa33bb")
    await users.add_user(pool, user)
    return Actor(user.id, user.name, user.colour, "person", str(uuid4())), email


@pytest.fixture
def log(pool: asyncpg.Pool, objects: Objects) -> DocumentLog:
    return DocumentLog(pool, objects)


@pytest_asyncio.fixture
async def projects(pool: asyncpg.Pool, log: DocumentLog) -> Projects:
    return Projects(pool, log)


@pytest_asyncio.fixture
async def owner(pool: asyncpg.Pool) -> Actor:
    return (await new_user(pool))[0]


async def test_a_project_comes_with_its_two_documents(projects: Projects, log: DocumentLog, owner: Actor) -> None:
    project = await projects.create(owner, "  Night train ", ProjectKind.MOVIE, time.time())
    assert (project.title, project.kind, project.role) == ("Night train", ProjectKind.MOVIE, Role.OWNER)
    assert (project.brain, project.format) == (DEFAULT_BRAIN, ProjectSettings().format)
    assert (project.storyboard.kind, project.timeline.kind) == (Kind.STORYBOARD, Kind.TIMELINE)
    storyboard, timeline = await log.head(project.storyboard.id), await log.head(project.timeline.id)
    assert (storyboard.seq, timeline.seq) == (0, 1)
    assert 0 < storyboard.server_client < 2**32 and storyboard.server_client != timeline.server_client
    doc: Doc[Map[object]] = Doc()
    [row] = await log.read(project.timeline.id, 1, 0)
    doc.apply_update(row.bytes)
    assert doc.get("meta", type=Map)["title"] == "Night train"
    assert await projects.get(owner, project.id) == project


async def test_documents_are_never_made_twice(
    pool: asyncpg.Pool, log: DocumentLog, projects: Projects, owner: Actor
) -> None:
    project = await projects.create(owner, "One", ProjectKind.SHORT, time.time())
    async with pool.acquire() as connection:
        episode_id = await connection.fetchval("select id from episodes where project_id = $1", project.id)
        again = await log.create(connection, episode_id, "sb", uuid4(), 7, None)
    assert again.document_id == project.storyboard.id


async def test_a_failure_half_way_leaves_nothing(
    pool: asyncpg.Pool, objects: Objects, projects: Projects, owner: Actor
) -> None:
    class Broken(DocumentLog):
        async def create(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            raise RuntimeError("lost")

    with pytest.raises(RuntimeError):
        await Projects(pool, Broken(pool, objects)).create(owner, "Half", ProjectKind.SHORT, time.time())
    assert await projects.of_actor(owner) == []


async def test_the_list_is_by_age_and_in_pages(projects: Projects, owner: Actor) -> None:
    now = time.time()
    made = [await projects.create(owner, f"P{n}", ProjectKind.SHORT, now + n) for n in range(5)]
    assert [project.title for project in await projects.of_actor(owner)] == ["P4", "P3", "P2", "P1", "P0"]
    page = await projects.of_actor(owner, before=made[3].id, limit=2)
    assert [project.title for project in page] == ["P2", "P1"]
    await projects.delete(owner, made[2].id)
    assert "P2" not in [project.title for project in await projects.of_actor(owner)]


@pytest.mark.parametrize("title", ["", "   ", "x" * (TITLE_CHARS_MAX + 1), "a\0b"])
async def test_titles_have_limits(projects: Projects, owner: Actor, title: str) -> None:
    with pytest.raises(TitleUnfit):
        await projects.create(owner, title, ProjectKind.SHORT, time.time())


async def test_a_project_changes(projects: Projects, owner: Actor) -> None:
    project = await projects.create(owner, "Old", ProjectKind.SHORT, time.time())
    changed = await projects.update(owner, project.id, "New", None)
    assert (changed.title, changed.brain) == ("New", DEFAULT_BRAIN)
    assert (await projects.update(owner, project.id, None, "horror")).brain == "horror"
    with pytest.raises(UnknownBrain):
        await projects.update(owner, project.id, None, "nonesuch")
    with pytest.raises(TitleUnfit):
        await projects.update(owner, project.id, " ", None)


async def test_strangers_find_nothing(pool: asyncpg.Pool, projects: Projects, owner: Actor) -> None:
    project = await projects.create(owner, "Mine", ProjectKind.SHORT, time.time())
    stranger, _ = await new_user(pool)
    for attempt in (
        projects.get(stranger, project.id),
        projects.update(stranger, project.id, "Yours", None),
        projects.delete(stranger, project.id),
    ):
        with pytest.raises(NoSuchProject):
            await attempt


async def test_its_life_is_in_the_audit_log(pool: asyncpg.Pool, projects: Projects, owner: Actor) -> None:
    project = await projects.create(owner, "Mine", ProjectKind.SHORT, time.time())
    for step in (projects.archive, projects.restore, projects.delete):
        await step(owner, project.id)
    found = await pool.fetch("select action, actor_id from audit_log where project_id = $1 order by id", project.id)
    actions = ["project.created", "project.archived", "project.restored", "project.deleted"]
    assert [(row["action"], row["actor_id"]) for row in found] == [(action, owner.user_id) for action in actions]
