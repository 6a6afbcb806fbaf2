"""The second wall, as the role of the application: who has no standing in a project sees and changes nothing of it."""

import secrets
import time
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from services.projects.members import Members
from services.projects.model import Project, ProjectKind
from services.projects.service import Projects
from services.users.model import Actor, Role
from storage.log import DocumentLog
from storage.objects import Objects
from storage.tables import users
from storage.tables.users import UserRow
from storage.wall import ROLE, walled_for

NOT_WALLED = {
    "api_keys": "found by whoever shows one, before anybody knows who that is",
    "audit_log": "of the whole studio; who reads it is an operator or an owner, and it has no row of a film",
    "document_faults": "of processes",
    "ledger_journals": "of wallets, whose holders may have left the project since; it has no row of a film",
    "quarantine": "of processes",
}
"""Tables about a project or a document that everybody's connection may read, each with the reason."""


@dataclass(frozen=True)
class House:
    """A project with a row in each of some tables, its owner, a viewer and a stranger."""

    pool: asyncpg.Pool
    project: Project
    owner: Actor
    viewer: Actor
    stranger: Actor


async def person(pool: asyncpg.Pool) -> tuple[Actor, str]:
    email = f"{secrets.token_hex(6)}@studio.test"
    user = UserRow(uuid4(), email, "Ada", "#aa33bb")
    await users.add_user(pool, user)
    return Actor(user.id, user.name, user.colour, "person", str(uuid4())), email


@pytest_asyncio.fixture
async def house(pool: asyncpg.Pool, objects: Objects) -> House:
    (owner, _), (viewer, email), (stranger, _) = [await person(pool) for _ in range(3)]
    project = await Projects(pool, DocumentLog(pool, objects)).create(owner, "Night", ProjectKind.SHORT, time.time())
    await Members(pool).add(owner, project.id, email, Role.VIEWER)
    return House(pool, project, owner, viewer, stranger)


async def walled(pool: asyncpg.Pool) -> dict[str, str]:
    """Walled tables, and by which column they belong to a project."""
    rows = await pool.fetch(
        """
        select c.relname as walled,
               min(a.attname) filter (where a.attname in ('project_id', 'document_id')) as by_column
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        where c.relrowsecurity and c.relnamespace = 'public'::regnamespace group by c.relname
        """
    )
    return {row["walled"]: row["by_column"] or "id" for row in rows}


async def seen(house: House) -> dict[str, int]:
    """How many rows of the project each walled table shows, as the pool shows it now."""
    found: dict[str, int] = {}
    documents = [house.project.storyboard.id, house.project.timeline.id]
    for table, column in (await walled(house.pool)).items():
        of_it = documents if column == "document_id" and table != "documents" else [house.project.id]
        query = f"select count(*) from {table} where {column} = any($1::uuid[])"
        found[table] = await house.pool.fetchval(query, of_it)
    return found


async def test_a_member_sees_what_is_there_and_others_see_nothing(house: House) -> None:
    there = await seen(house)
    assert min(there[table] for table in ("projects", "project_members", "documents", "document_log", "episodes")) > 0
    for member in (house.owner, house.viewer):
        with walled_for(member.user_id):
            assert await seen(house) == there
    for other in (house.stranger.user_id, uuid4()):
        with walled_for(other):
            assert set((await seen(house)).values()) == {0}
    assert await seen(house) == there, "a connection that comes back is nobody's again"


async def test_without_an_actor_the_role_sees_nothing(house: House) -> None:
    async with house.pool.acquire() as connection, connection.transaction():
        await connection.execute(f"set local role {ROLE}")
        for table in await walled(house.pool):
            assert await connection.fetchval(f"select count(*) from {table}") == 0, table


async def test_the_actor_of_before_is_not_left_on_a_connection(house: House) -> None:
    for actor in (house.owner, house.stranger, house.viewer) * 3:
        with walled_for(actor.user_id):
            found = await house.pool.fetchval("select count(*) from projects where id = $1", house.project.id)
            assert found == (0 if actor is house.stranger else 1)
        left = await house.pool.fetchval("select concat(current_user, ' ', current_setting('storyforge.actor', true))")
        assert ROLE not in left and left.endswith(" ")


async def test_a_statement_that_fails_leaves_no_wall_behind(house: House) -> None:
    with walled_for(house.stranger.user_id), pytest.raises(asyncpg.DivisionByZeroError):
        await house.pool.execute("select 1 / 0")
    for _ in range(house.pool.get_max_size() + 1):
        assert await house.pool.fetchval("select count(*) from projects where id = $1", house.project.id) == 1


async def test_a_stranger_changes_nothing(house: House) -> None:
    with walled_for(house.stranger.user_id):
        assert (
            await house.pool.execute("update projects set title = 'Mine' where id = $1", house.project.id) == "UPDATE 0"
        )
        gone = await house.pool.execute("delete from document_log where document_id = $1", house.project.timeline.id)
        assert gone == "DELETE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await house.pool.execute(
                "insert into project_members values ($1, $2, 'owner')", house.project.id, house.stranger.user_id
            )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await house.pool.execute("alter table projects disable row level security")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await house.pool.execute("truncate projects")


async def test_every_table_about_a_project_is_behind_it(pool: asyncpg.Pool) -> None:
    about = await pool.fetch(
        """
        select distinct c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
          and a.attname in ('project_id', 'document_id') and not c.relrowsecurity
        """
    )
    assert {row["relname"] for row in about} == set(NOT_WALLED), "wall it in a migration, or say here why not"


async def test_the_role_is_no_owner_and_passes_no_wall(pool: asyncpg.Pool) -> None:
    role = await pool.fetchrow("select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = $1", ROLE)
    assert role is not None and not any(role.values())
    owners = await pool.fetch("select distinct tableowner from pg_tables where schemaname = 'public'")
    assert ROLE not in {row["tableowner"] for row in owners}


FORGED = {
    "project_members": "insert into project_members values ($1, $2, 'owner')",
    "seasons": "insert into seasons (id, project_id, ord, title) values ($2, $1, 'V', 'Mine')",
    "episodes": "insert into episodes (id, project_id, ord, title) values ($2, $1, 'V', 'Mine')",
    "characters": "insert into characters (id, project_id, name) values ($2, $1, 'Mara')",
    "project_events": "insert into project_events (project_id, cursor, kind, payload)"
    " values ($1, 1 + abs(hashtext($2::uuid::text)), 'x', '{}')",
    "share_links": "insert into share_links (id, project_id, label, token_hash, can_comment, can_download, can_approve,"
    " created_by) values ($2, $1, '', sha256('x'), true, true, true, $2)",
    "episode_members": "insert into episode_members values ($1, $2, $2, 'editor')",
    "invitations": "insert into invitations (id, project_id, email, role, token_hash, invited_by, expires_at)"
    " values ($2, $1, 'a@b.test', 'owner', sha256('x'), $2, now())",
    "review_decisions": "insert into review_decisions (id, project_id, document_id, subject, verdict, note, epoch, seq,"
    " decided_by, role) values ($2, $1, $2, 'cut', 'approved', '', 1, 1, $2, 'owner')",
}


@pytest.mark.parametrize("table", FORGED)
async def test_a_forged_project_is_refused_by_the_database(house: House, table: str) -> None:
    """Whatever the rules above were told: somebody who writes as who they are, with an id that is not theirs."""
    for held in (False, True):
        with (
            walled_for(house.stranger.user_id, held=held),
            pytest.raises(asyncpg.InsufficientPrivilegeError, match=f'row-level security policy for table "{table}"'),
        ):
            await house.pool.execute(FORGED[table], house.project.id, house.stranger.user_id)


async def test_nothing_of_ones_own_is_moved_into_a_project_of_others(house: House, objects: Objects) -> None:
    projects = Projects(house.pool, DocumentLog(house.pool, objects))
    own = await projects.create(house.stranger, "Mine", ProjectKind.SHORT, time.time())
    for table in ("seasons", "project_members", "project_events", "episodes"):
        await house.pool.execute("insert into seasons values ($1, $2, 'V', 'One')", uuid4(), own.id)
        if table == "project_events":
            await house.pool.execute("insert into project_events values ($1, 1, 'x', '{}')", own.id)
        with walled_for(house.stranger.user_id, held=True), pytest.raises(asyncpg.InsufficientPrivilegeError):
            moved = f"update {table} set project_id = $1 where project_id = $2"
            await house.pool.execute(moved, house.project.id, own.id)


async def test_a_project_that_has_somebody_is_not_founded_again(house: House) -> None:
    with walled_for(house.stranger.user_id, held=True):
        async with house.pool.acquire() as connection, connection.transaction():
            await connection.execute("select set_config('storyforge.founding', $1, true)", str(house.project.id))
            assert await connection.fetchval("select count(*) from projects where id = $1", house.project.id) == 0
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(FORGED["project_members"], house.project.id, house.stranger.user_id)


async def test_who_leaves_finishes_what_they_do(house: House) -> None:
    with walled_for(house.viewer.user_id, held=True):
        async with house.pool.acquire() as connection, connection.transaction():
            gone = await connection.execute("delete from project_members where user_id = $1", house.viewer.user_id)
            raised = await connection.execute(
                "update projects set access_version = access_version + 1 where id = $1", house.project.id
            )
        assert (gone, raised) == ("DELETE 1", "UPDATE 1")
        assert await house.pool.fetchval("select count(*) from projects where id = $1", house.project.id) == 0
    left = await house.pool.fetchval("select concat(current_user, current_setting('storyforge.held', true))")
    assert ROLE not in left and str(house.project.id) not in left
