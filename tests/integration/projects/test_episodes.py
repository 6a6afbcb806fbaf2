"""Seasons and episodes on real rows: in order, each with documents of its own, deleted and brought back."""

import asyncio
import time
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from pycrdt import Doc, Map

from services.projects.episodes import Episodes
from services.projects.errors import (
    LastEpisode,
    NoSuchEpisode,
    NoSuchSeason,
    NotASeries,
    SeasonInUse,
    SettingsChanged,
    TooManyEpisodes,
)
from services.projects.members import Members
from services.projects.model import EPISODES_MAX, ORD_CHARS_MAX, Place, Project, ProjectKind, ProjectState
from services.projects.service import Projects
from services.projects.settings import ProjectSettings, Safety
from services.users.access import access_document, access_of_row, access_project
from services.users.errors import NoSuchDocument, NoSuchProject, ProjectArchived
from services.users.model import Actor, Need, Role
from services.users.standings import asking
from storage.bus import MemoryBus
from storage.events import read_events
from storage.log import DocumentLog
from storage.objects import Objects
from storage.tables.standings import Question
from tests.integration.projects.test_projects import new_user


@pytest.fixture
def projects(pool: asyncpg.Pool, objects: Objects) -> Projects:
    return Projects(pool, DocumentLog(pool, objects))


@pytest.fixture
def episodes(pool: asyncpg.Pool, objects: Objects) -> Episodes:
    return Episodes(pool, DocumentLog(pool, objects), MemoryBus())


@pytest_asyncio.fixture
async def owner(pool: asyncpg.Pool) -> Actor:
    return (await new_user(pool))[0]


@pytest_asyncio.fixture
async def series(projects: Projects, owner: Actor) -> Project:
    return await projects.create(owner, "The line", ProjectKind.SERIES, time.time())


async def titles(episodes: Episodes, owner: Actor, project: Project) -> list[tuple[str | None, int, str]]:
    """(season, number, title) in story order."""
    outline = await episodes.outline(owner, project.id)
    names = {season.id: season.title for season in outline.seasons}
    return [
        (names.get(each.season_id) if each.season_id else None, each.number, each.title) for each in outline.episodes
    ]


async def test_a_project_begins_with_one_episode(
    projects: Projects, episodes: Episodes, owner: Actor, series: Project
) -> None:
    [first] = (await episodes.outline(owner, series.id)).episodes
    assert (first.title, first.number, first.season_id) == ("The line", 1, None)
    assert (first.storyboard, first.timeline) == (series.storyboard, series.timeline)
    assert series.episodes == 1


async def test_episodes_have_documents_of_their_own(
    projects: Projects, episodes: Episodes, owner: Actor, series: Project, pool: asyncpg.Pool, objects: Objects
) -> None:
    settings, version = await projects.settings(owner, series.id)
    assert (settings, version) == (ProjectSettings(), 1)
    wanted = ProjectSettings((25, 1), 1920, 1080, (239, 100), "pt-BR", Safety.STRICT)
    assert await projects.change_settings(owner, series.id, wanted, 1) == (wanted, 2)
    assert await projects.settings(owner, series.id) == (wanted, 2)
    with pytest.raises(SettingsChanged):
        await projects.change_settings(owner, series.id, ProjectSettings(), 1)
    second = await episodes.add(owner, series.id, "Signal box", time.time())
    assert len({series.storyboard, series.timeline, second.storyboard, second.timeline}) == 4
    [row] = await DocumentLog(pool, objects).read(second.timeline.id, 1, 0)
    doc: Doc[Map[object]] = Doc()
    doc.apply_update(row.bytes)
    meta = doc.get("meta", type=Map)
    assert (meta["rate"], meta["w"], meta["h"], meta["title"]) == ([25, 1], 1920, 1080, "Signal box")
    project = await projects.get(owner, series.id)
    assert (project.episodes, project.format, project.storyboard) == (2, "1920x1080@25", series.storyboard)


async def test_the_order_of_seasons_and_episodes(episodes: Episodes, owner: Actor, series: Project) -> None:
    now = time.time()
    later = await episodes.add_season(owner, series.id, "S2", now)
    earlier = await episodes.add_season(owner, series.id, "S1", now, Place(first=True))
    a = await episodes.add(owner, series.id, "A", now, later.id)
    c = await episodes.add(owner, series.id, "C", now, later.id)
    await episodes.add(owner, series.id, "B", now, later.id, Place(a.id))
    await episodes.add(owner, series.id, "X", now, earlier.id)
    assert await titles(episodes, owner, series) == [
        (None, 1, "The line"),
        ("S1", 1, "X"),
        ("S2", 1, "A"),
        ("S2", 2, "B"),
        ("S2", 3, "C"),
    ]
    await episodes.change(owner, series.id, c.id, place=Place(first=True))
    await episodes.change(owner, series.id, a.id, "A moved", season_id=earlier.id)
    await episodes.change_season(owner, series.id, later.id, "Second", Place(first=True))
    assert await titles(episodes, owner, series) == [
        (None, 1, "The line"),
        ("Second", 1, "C"),
        ("Second", 2, "B"),
        ("S1", 1, "X"),
        ("S1", 2, "A moved"),
    ]
    with pytest.raises(NoSuchEpisode):
        await episodes.change(owner, series.id, c.id, place=Place(a.id))  # in another season
    with pytest.raises(NoSuchSeason):
        await episodes.change(owner, series.id, c.id, season_id=uuid4())
    with pytest.raises(SeasonInUse):
        await episodes.remove_season(owner, series.id, later.id)


async def test_a_thousand_moves_into_one_gap_leave_short_keys(
    episodes: Episodes, owner: Actor, series: Project, pool: asyncpg.Pool
) -> None:
    now = time.time()
    added = [await episodes.add(owner, series.id, title, now) for title in ("A", "B")]
    await pool.execute("update episodes set ord = $2 where id = $1", added[0].id, "0" * ORD_CHARS_MAX + "1")
    moved = await episodes.change(owner, series.id, added[1].id, place=Place(first=True))
    assert moved.number == 1
    assert [title for _, _, title in await titles(episodes, owner, series)] == ["B", "A", "The line"]
    keys = await pool.fetch("select ord from episodes where project_id = $1", series.id)
    assert max(len(row["ord"]) for row in keys) <= 4


async def test_changes_at_once_take_turns(episodes: Episodes, owner: Actor, series: Project) -> None:
    await asyncio.gather(*(episodes.add(owner, series.id, f"E{n}", time.time()) for n in range(6)))
    found = await titles(episodes, owner, series)
    assert [number for _, number, _ in found] == list(range(1, 8))


async def test_deleted_and_brought_back(episodes: Episodes, owner: Actor, series: Project, pool: asyncpg.Pool) -> None:
    second = await episodes.add(owner, series.id, "Two", time.time())
    version = (await access_project(pool, owner, series.id, Need.VIEW)).project.access_version
    await episodes.delete(owner, series.id, second.id)
    with pytest.raises(NoSuchDocument):
        await access_document(pool, owner, second.storyboard.id)
    assert (await access_project(pool, owner, series.id, Need.VIEW)).project.access_version > version
    with pytest.raises(NoSuchEpisode):
        await episodes.delete(owner, series.id, second.id)
    with pytest.raises(LastEpisode):
        await episodes.delete(owner, series.id, (await episodes.outline(owner, series.id)).episodes[0].id)
    [gone] = (await episodes.outline(owner, series.id, deleted=True)).episodes
    assert gone.id == second.id
    assert (await episodes.restore(owner, series.id, second.id)).number == 2
    assert (await access_document(pool, owner, second.storyboard.id)).role is Role.OWNER
    told = [event.payload["id"] for event in await read_events(pool, series.id, 0) if event.kind == "episode"]
    assert len(told) == 3 and len(set(told)) == 1


async def test_a_movie_is_one_episode(projects: Projects, episodes: Episodes, owner: Actor) -> None:
    movie = await projects.create(owner, "Film", ProjectKind.MOVIE, time.time())
    with pytest.raises(NotASeries):
        await episodes.add(owner, movie.id, "Two", time.time())
    with pytest.raises(NotASeries):
        await episodes.add_season(owner, movie.id, "One", time.time())
    assert len((await episodes.outline(owner, movie.id)).episodes) == 1


async def test_a_project_has_500_episodes_at_most(
    episodes: Episodes, owner: Actor, series: Project, pool: asyncpg.Pool
) -> None:
    await pool.execute(
        "insert into episodes (id, project_id, ord, title, deleted_at)"
        " select gen_random_uuid(), $1, 'V', 'x', now() from generate_series(2, $2::integer)",
        series.id,
        EPISODES_MAX,
    )
    with pytest.raises(TooManyEpisodes):
        await episodes.add(owner, series.id, "One too many", time.time())


async def test_strangers_find_no_episode(episodes: Episodes, series: Project, pool: asyncpg.Pool) -> None:
    stranger, _ = await new_user(pool)
    for attempt in (
        episodes.outline(stranger, series.id),
        episodes.add(stranger, series.id, "Mine", time.time()),
        episodes.delete(stranger, series.id, UUID(int=1)),
        episodes.add_season(stranger, series.id, "Mine", time.time()),
    ):
        with pytest.raises(NoSuchProject):
            await attempt


async def test_archived_is_read_and_restored(
    projects: Projects, episodes: Episodes, owner: Actor, series: Project, pool: asyncpg.Pool
) -> None:
    archived = await projects.archive(owner, series.id)
    assert archived.state is ProjectState.ARCHIVED
    assert [each.id for each in await projects.of_actor(owner)] == []
    assert [each.id for each in await projects.of_actor(owner, state=ProjectState.ARCHIVED)] == [series.id]
    assert (await access_document(pool, owner, series.storyboard.id)).role is Role.VIEWER
    for attempt in (
        projects.update(owner, series.id, "New", None),
        episodes.add(owner, series.id, "Two", time.time()),
        access_document(pool, owner, series.storyboard.id, Need.EDIT),
    ):
        with pytest.raises(ProjectArchived):
            await attempt
    assert (await projects.restore(owner, series.id)).state is ProjectState.ACTIVE
    assert (await access_document(pool, owner, series.storyboard.id)).role is Role.OWNER


async def test_open_sockets_are_told(
    projects: Projects, episodes: Episodes, owner: Actor, series: Project, pool: asyncpg.Pool, objects: Objects
) -> None:
    """What their doors ask when the access version has risen (P7)."""
    second = await episodes.add(owner, series.id, "Two", time.time())
    log, ask = DocumentLog(pool, objects), asking(pool)

    async def now() -> tuple[int, Role | None]:
        [head] = await log.heads([second.storyboard.id])
        access = (await ask(Question(owner.user_id, uuid4(), second.storyboard.id))).access
        return head.access_version, None if access is None else access_of_row(access, owner.scope).role

    seen = [await now()]
    for change in (
        projects.archive(owner, series.id),
        projects.restore(owner, series.id),
        episodes.delete(owner, series.id, second.id),
        episodes.restore(owner, series.id, second.id),
    ):
        await change
        seen.append(await now())
    assert [role for _, role in seen] == [Role.OWNER, Role.VIEWER, Role.OWNER, None, Role.OWNER]
    assert [version for version, _ in seen] == sorted({version for version, _ in seen})


async def test_a_deleted_project_is_found_by_its_owners_only(
    projects: Projects, owner: Actor, series: Project, pool: asyncpg.Pool
) -> None:
    viewer, email = await new_user(pool)
    await Members(pool).add(owner, series.id, email, Role.VIEWER)
    await projects.delete(owner, series.id)
    assert [each.id for each in await projects.of_actor(owner, state=ProjectState.DELETED)] == [series.id]
    assert await projects.of_actor(viewer, state=ProjectState.DELETED) == []
    with pytest.raises(NoSuchProject):
        await projects.get(owner, series.id)
    assert (await projects.restore(owner, series.id)).state is ProjectState.ACTIVE
