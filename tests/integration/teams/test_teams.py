"""Teams on real rows: who may do what in one, and what its members lose with it."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from services.projects.members import Members
from services.projects.model import ProjectKind
from services.projects.service import Projects
from services.teams.errors import LastTeamOwner, NameUnfit, NoSuchTeamMember, TooManyTeamMembers, TooManyTeams
from services.teams.model import NAME_CHARS_MAX, TEAM_MEMBERS_MAX, TEAMS_MADE_MAX
from services.teams.service import Teams, set_team_member
from services.users.errors import Forbidden, NoAccount, NoSuchProject, NoSuchTeam, ScopeTooNarrow
from services.users.model import Actor, Role, Scope, TeamRole
from storage.log import DocumentLog
from storage.objects import Objects
from storage.tables import teams as rows
from storage.tables import users
from storage.tables.users import UserRow

NewPerson = Callable[[], Awaitable[Actor]]


@pytest.fixture
def new_person(pool: asyncpg.Pool) -> NewPerson:
    async def make() -> Actor:
        user = UserRow(uuid4(), f"{secrets.token_hex(6)}@studio.test", "Ada", "#aa33bb")
        await users.add_user(pool, user)
        return Actor(user.id, user.name, user.colour, "person", str(uuid4()))

    return make


@pytest.fixture
def teams(pool: asyncpg.Pool) -> Teams:
    return Teams(pool)


@pytest_asyncio.fixture
async def owner(new_person: NewPerson) -> Actor:
    return await new_person()


async def joined(pool: asyncpg.Pool, team_id: UUID, person: Actor, role: TeamRole) -> Actor:
    await rows.set_team_member(pool, team_id, person.user_id, role.value)
    return person


async def test_a_team_is_made_listed_renamed_and_deleted(teams: Teams, owner: Actor) -> None:
    made = await teams.create(owner, "  Cutting room ", time.time())
    assert (made.name, made.role, made.members) == ("Cutting room", "owner", 1)
    assert await teams.of_actor(owner) == [made]
    assert (await teams.rename(owner, made.id, "Edit bay")).name == "Edit bay"
    await teams.delete(owner, made.id)
    assert await teams.of_actor(owner) == []
    with pytest.raises(NoSuchTeam):
        await teams.get(owner, made.id)


@pytest.mark.parametrize("name", ["", "  ", "x" * (NAME_CHARS_MAX + 1), "a\0b"])
async def test_names_have_limits(teams: Teams, owner: Actor, name: str) -> None:
    with pytest.raises(NameUnfit):
        await teams.create(owner, name, time.time())


async def test_who_is_not_in_it_finds_nothing(teams: Teams, owner: Actor, new_person: NewPerson) -> None:
    team, stranger = await teams.create(owner, "Ours", time.time()), await new_person()
    for attempt in (
        teams.get(stranger, team.id),
        teams.rename(stranger, team.id, "Mine"),
        teams.delete(stranger, team.id),
        teams.members(stranger, team.id),
        teams.change_member(stranger, team.id, stranger.user_id, TeamRole.OWNER),
        teams.remove_member(stranger, team.id, owner.user_id),
    ):
        with pytest.raises(NoSuchTeam):
            await attempt


async def test_what_each_role_may(pool: asyncpg.Pool, teams: Teams, owner: Actor, new_person: NewPerson) -> None:
    team = await teams.create(owner, "Ours", time.time())
    admin = await joined(pool, team.id, await new_person(), TeamRole.ADMIN)
    member = await joined(pool, team.id, await new_person(), TeamRole.MEMBER)
    other = await joined(pool, team.id, await new_person(), TeamRole.MEMBER)
    for attempt in (
        teams.rename(member, team.id, "Mine"),
        teams.remove_member(member, team.id, other.user_id),
        teams.change_member(admin, team.id, admin.user_id, TeamRole.OWNER),
        teams.remove_member(admin, team.id, owner.user_id),
        teams.delete(admin, team.id),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert (await teams.rename(admin, team.id, "Edit bay")).role == "admin"
    await teams.remove_member(admin, team.id, other.user_id)
    with pytest.raises(NoSuchTeamMember):
        await teams.remove_member(admin, team.id, other.user_id)
    await teams.remove_member(member, team.id, member.user_id)
    await teams.change_member(owner, team.id, admin.user_id, TeamRole.OWNER)
    assert {row.user_id: row.role for row in await teams.members(admin, team.id)} == {
        owner.user_id: "owner",
        admin.user_id: "owner",
    }


async def test_the_last_owner_stays(pool: asyncpg.Pool, teams: Teams, owner: Actor, new_person: NewPerson) -> None:
    team = await teams.create(owner, "Ours", time.time())
    with pytest.raises(LastTeamOwner):
        await teams.change_member(owner, team.id, owner.user_id, TeamRole.MEMBER)
    second = await joined(pool, team.id, await new_person(), TeamRole.OWNER)
    outcomes = await asyncio.gather(
        teams.remove_member(owner, team.id, owner.user_id),
        teams.remove_member(second, team.id, second.user_id),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LastTeamOwner", "NoneType"]


async def test_who_leaves_a_team_loses_what_it_gave(
    pool: asyncpg.Pool, objects: Objects, teams: Teams, owner: Actor, new_person: NewPerson
) -> None:
    projects = Projects(pool, DocumentLog(pool, objects))
    project = await projects.create(owner, "Night train", ProjectKind.SHORT, time.time())
    team = await teams.create(owner, "Ours", time.time())
    await Members(pool).set_team(owner, project.id, team.id, Role.EDITOR)
    leaving = await joined(pool, team.id, await new_person(), TeamRole.MEMBER)
    staying = await joined(pool, team.id, await new_person(), TeamRole.MEMBER)
    versions = [await _version(pool, project.id)]
    await teams.remove_member(leaving, team.id, leaving.user_id)
    versions.append(await _version(pool, project.id))
    with pytest.raises(NoSuchProject):
        await projects.get(leaving, project.id)
    assert (await projects.get(staying, project.id)).role is Role.EDITOR
    await teams.delete(owner, team.id)
    versions.append(await _version(pool, project.id))
    with pytest.raises(NoSuchProject):
        await projects.get(staying, project.id)
    assert versions == sorted(set(versions)), "open sockets were told each time"


async def _version(pool: asyncpg.Pool, project_id: UUID) -> int:
    return int(await pool.fetchval("select access_version from projects where id = $1", project_id))


async def test_guests_and_narrow_keys_have_no_teams(teams: Teams, owner: Actor) -> None:
    guest = Actor(owner.user_id, "Guest", "#aa33bb", "guest", str(uuid4()))
    narrow = Actor(owner.user_id, "Bot", "#aa33bb", "service", str(uuid4()), Scope(Role.EDITOR))
    for actor, error in ((guest, NoAccount), (narrow, ScopeTooNarrow)):
        with pytest.raises(error):
            await teams.create(actor, "Mine", time.time())
        with pytest.raises(error):
            await teams.of_actor(actor)


async def test_so_many_members_and_no_more(
    pool: asyncpg.Pool, teams: Teams, owner: Actor, new_person: NewPerson
) -> None:
    team = await teams.create(owner, "Ours", time.time())
    for _ in range(TEAM_MEMBERS_MAX - 1):
        await joined(pool, team.id, await new_person(), TeamRole.MEMBER)
    late = await new_person()
    async with pool.acquire() as connection, connection.transaction():
        with pytest.raises(TooManyTeamMembers):
            await set_team_member(connection, owner, team.id, late.user_id, TeamRole.MEMBER)


async def test_so_many_teams_and_no_more(teams: Teams, owner: Actor) -> None:
    for number in range(TEAMS_MADE_MAX):
        await teams.create(owner, f"Unit {number}", time.time())
    with pytest.raises(TooManyTeams):
        await teams.create(owner, "One more", time.time())


async def test_every_change_is_in_the_audit_log(
    pool: asyncpg.Pool, teams: Teams, owner: Actor, new_person: NewPerson
) -> None:
    team = await teams.create(owner, "Ours", time.time())
    other = await joined(pool, team.id, await new_person(), TeamRole.MEMBER)
    await teams.change_member(owner, team.id, other.user_id, TeamRole.ADMIN)
    await teams.remove_member(owner, team.id, other.user_id)
    await teams.delete(owner, team.id)
    found = await pool.fetch("select action from audit_log where actor_id = $1 order by id", owner.user_id)
    assert [row["action"] for row in found] == [
        "team.created",
        "team.member_set",
        "team.member_removed",
        "team.deleted",
    ]
