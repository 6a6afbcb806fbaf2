"""Members of a project and teams in it, on real rows: roles change, sockets are told, and an owner is always left."""

import asyncio
import time
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from services.projects.errors import LastOwner, NoSuchMember, NoSuchPerson, NotAPerson, TooManyMembers, TooManyTeams
from services.projects.members import Members
from services.projects.model import MEMBERS_MAX, TEAMS_MAX, ProjectKind
from services.projects.service import Projects
from services.teams.service import Teams
from services.users.errors import Forbidden, NoSuchProject, NoSuchTeam
from services.users.model import Actor, Role, TeamRole
from storage.log import DocumentLog
from storage.objects import Objects
from storage.tables import teams as team_rows
from storage.tables import users
from storage.tables.users import UserRow
from tests.integration.projects.test_projects import new_user


@pytest.fixture
def projects(pool: asyncpg.Pool, objects: Objects) -> Projects:
    return Projects(pool, DocumentLog(pool, objects))


@pytest.fixture
def members(pool: asyncpg.Pool) -> Members:
    return Members(pool)


@pytest.fixture
def teams(pool: asyncpg.Pool) -> Teams:
    return Teams(pool)


@pytest_asyncio.fixture
async def owner(pool: asyncpg.Pool) -> Actor:
    return (await new_user(pool))[0]


async def owner_of(pool: asyncpg.Pool, project_id: UUID) -> UUID:
    found: UUID = await pool.fetchval("select owner_id from projects where id = $1", project_id)
    return found


async def version_of(pool: asyncpg.Pool, project_id: UUID) -> int:
    return int(await pool.fetchval("select access_version from projects where id = $1", project_id))


async def audited(pool: asyncpg.Pool, project_id: UUID) -> list[str]:
    rows = await pool.fetch("select action from audit_log where project_id = $1 order by id", project_id)
    created, *since = [row["action"] for row in rows]
    assert created == "project.created"
    return since


async def test_strangers_find_nothing(pool: asyncpg.Pool, projects: Projects, members: Members, owner: Actor) -> None:
    project = await projects.create(owner, "Mine", ProjectKind.SHORT, time.time())
    stranger, email = await new_user(pool)
    for attempt in (
        members.of_project(stranger, project.id),
        members.add(stranger, project.id, email, Role.OWNER),
        members.remove(stranger, project.id, stranger.user_id),
        members.transfer(stranger, project.id, stranger.user_id),
        members.teams(stranger, project.id),
        members.set_team(stranger, project.id, uuid4(), Role.OWNER),
        members.remove_team(stranger, project.id, uuid4()),
    ):
        with pytest.raises(NoSuchProject):
            await attempt


async def test_members_come_change_and_go(
    pool: asyncpg.Pool, projects: Projects, members: Members, owner: Actor
) -> None:
    project = await projects.create(owner, "Ours", ProjectKind.SHORT, time.time())
    guest, email = await new_user(pool)
    found = await members.add(owner, project.id, f" {email.upper()} ", Role.VIEWER)
    assert {member.user_id: member.role for member in found} == {
        owner.user_id: Role.OWNER,
        guest.user_id: Role.VIEWER,
    }
    for attempt in (
        projects.update(guest, project.id, "Mine now", None),
        members.add(guest, project.id, email, Role.OWNER),
        members.remove(guest, project.id, owner.user_id),
    ):
        with pytest.raises(Forbidden):
            await attempt
    with pytest.raises(NoSuchPerson):
        await members.add(owner, project.id, "nobody@studio.test", Role.VIEWER)
    with pytest.raises(NoSuchMember):
        await members.change(owner, project.id, UUID(int=1), Role.VIEWER)
    await members.remove(guest, project.id, guest.user_id)
    with pytest.raises(NoSuchProject):
        await projects.get(guest, project.id)


async def test_the_last_owner_stays(pool: asyncpg.Pool, projects: Projects, members: Members, owner: Actor) -> None:
    project = await projects.create(owner, "Ours", ProjectKind.SHORT, time.time())
    with pytest.raises(LastOwner):
        await members.remove(owner, project.id, owner.user_id)
    with pytest.raises(LastOwner):
        await members.change(owner, project.id, owner.user_id, Role.EDITOR)
    second, email = await new_user(pool)
    await members.add(owner, project.id, email, Role.OWNER)
    outcomes = await asyncio.gather(
        members.remove(owner, project.id, owner.user_id),
        members.remove(second, project.id, second.user_id),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LastOwner", "NoneType"]


async def test_a_project_is_given_to_another_member(
    pool: asyncpg.Pool, projects: Projects, members: Members, owner: Actor
) -> None:
    project = await projects.create(owner, "Ours", ProjectKind.SHORT, time.time())
    heir, email = await new_user(pool)
    with pytest.raises(NoSuchMember):
        await members.transfer(owner, project.id, heir.user_id)
    await members.add(owner, project.id, email, Role.VIEWER)
    before = await version_of(pool, project.id)
    found = await members.transfer(owner, project.id, heir.user_id)
    assert {member.user_id: member.role for member in found} == {heir.user_id: Role.OWNER, owner.user_id: Role.EDITOR}
    assert await owner_of(pool, project.id) == heir.user_id
    assert await version_of(pool, project.id) > before
    with pytest.raises(Forbidden):
        await members.transfer(owner, project.id, owner.user_id)
    assert await audited(pool, project.id) == ["member.set", "project.transferred"]


async def test_a_project_is_not_given_to_a_program(
    pool: asyncpg.Pool, projects: Projects, members: Members, owner: Actor
) -> None:
    project = await projects.create(owner, "Ours", ProjectKind.SHORT, time.time())
    program = UserRow(uuid4(), None, "Renderer", "#aa33bb", "service")
    await users.add_user(pool, program)
    await pool.execute("insert into project_members values ($1, $2, 'editor')", project.id, program.id)
    with pytest.raises(NotAPerson):
        await members.transfer(owner, project.id, program.id)


async def test_who_owned_it_first_may_leave_it_to_another_owner(
    pool: asyncpg.Pool, projects: Projects, members: Members, owner: Actor
) -> None:
    project = await projects.create(owner, "Ours", ProjectKind.SHORT, time.time())
    second, email = await new_user(pool)
    await members.add(owner, project.id, email, Role.OWNER)
    assert await owner_of(pool, project.id) == owner.user_id
    await members.remove(owner, project.id, owner.user_id)
    assert await owner_of(pool, project.id) == second.user_id
    assert await audited(pool, project.id) == ["member.set", "member.removed"]


async def test_a_project_has_so_many_members_and_no_more(
    pool: asyncpg.Pool, projects: Projects, members: Members, owner: Actor
) -> None:
    project = await projects.create(owner, "Ours", ProjectKind.SHORT, time.time())
    for _ in range(MEMBERS_MAX - 1):
        person, _ = await new_user(pool)
        await pool.execute("insert into project_members values ($1, $2, 'viewer')", project.id, person.user_id)
    _, email = await new_user(pool)
    with pytest.raises(TooManyMembers):
        await members.add(owner, project.id, email, Role.VIEWER)


# Teams -------------------------------------------------------------------------------------------------


async def test_a_team_has_a_role_and_the_strongest_counts(
    pool: asyncpg.Pool, projects: Projects, members: Members, teams: Teams, owner: Actor
) -> None:
    project = await projects.create(owner, "Ours", ProjectKind.SHORT, time.time())
    team = await teams.create(owner, "Cutting room", time.time())
    editor, email = await new_user(pool)
    await team_rows.set_team_member(pool, team.id, editor.user_id, TeamRole.MEMBER.value)
    with pytest.raises(NoSuchProject):
        await projects.get(editor, project.id)
    for role in (Role.VIEWER, Role.EDITOR):
        before = await version_of(pool, project.id)
        [row] = await members.set_team(owner, project.id, team.id, role)
        assert (row.team_id, row.name, row.role, row.members) == (team.id, "Cutting room", role.value, 2)
        assert (await projects.get(editor, project.id)).role is role
        assert await version_of(pool, project.id) > before
    await members.add(owner, project.id, email, Role.COMMENTER)
    assert (await projects.get(editor, project.id)).role is Role.EDITOR
    assert [row.team_id for row in await members.teams(editor, project.id)] == [team.id]
    before = await version_of(pool, project.id)
    await members.remove_team(owner, project.id, team.id)
    assert (await projects.get(editor, project.id)).role is Role.COMMENTER
    assert await version_of(pool, project.id) > before
    with pytest.raises(NoSuchMember):
        await members.remove_team(owner, project.id, team.id)
    assert await audited(pool, project.id) == [
        "project.team_set",
        "project.team_set",
        "member.set",
        "project.team_removed",
    ]


async def test_only_ones_own_team_gets_a_role(
    pool: asyncpg.Pool, projects: Projects, members: Members, teams: Teams, owner: Actor
) -> None:
    project = await projects.create(owner, "Ours", ProjectKind.SHORT, time.time())
    stranger, _ = await new_user(pool)
    foreign = await teams.create(stranger, "Others", time.time())
    for team_id in (foreign.id, uuid4()):
        with pytest.raises(NoSuchTeam):
            await members.set_team(owner, project.id, team_id, Role.VIEWER)


async def test_so_many_teams_have_a_role_and_no_more(
    projects: Projects, members: Members, teams: Teams, owner: Actor
) -> None:
    project = await projects.create(owner, "Ours", ProjectKind.SHORT, time.time())
    for number in range(TEAMS_MAX):
        team = await teams.create(owner, f"Unit {number}", time.time())
        await members.set_team(owner, project.id, team.id, Role.VIEWER)
    team = await teams.create(owner, "One more", time.time())
    with pytest.raises(TooManyTeams):
        await members.set_team(owner, project.id, team.id, Role.VIEWER)


async def test_the_members_of_a_team_are_no_owners_of_a_last_resort(
    pool: asyncpg.Pool, projects: Projects, members: Members, teams: Teams, owner: Actor
) -> None:
    project = await projects.create(owner, "Ours", ProjectKind.SHORT, time.time())
    team = await teams.create(owner, "Producers", time.time())
    await members.set_team(owner, project.id, team.id, Role.OWNER)
    with pytest.raises(LastOwner):
        await members.remove(owner, project.id, owner.user_id)
