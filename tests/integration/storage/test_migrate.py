"""Migrations on a real PostgreSQL: they build what schema.sql says, once, and refuse a newer database."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from storage.errors import SchemaTooNew
from storage.migrate import ADVISORY_LOCK, known, migrate, pending

SCHEMA = Path(__file__).parents[3] / "storage" / "schema.sql"

COLUMNS = """
select c.relname, a.attname, a.attnum - (select count(*) from pg_attribute d
           where d.attrelid = c.oid and d.attisdropped and d.attnum between 1 and a.attnum) as position,
       format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text, a.attgenerated::text,
       a.attstorage::text, pg_get_expr(d.adbin, d.adrelid)
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm') order by 1, 3
"""
CONSTRAINTS = """
select conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid)
from pg_constraint where connamespace = current_schema()::regnamespace order by 1, 2
"""
INDEXES = """
select tablename, indexname, replace(indexdef, current_schema() || '.', '')
from pg_indexes where schemaname = current_schema() order by 1, 2
"""
ROUTINES = """
select p.proname, replace(replace(pg_get_functiondef(p.oid), current_schema() || '.', ''), current_schema(), '')
from pg_proc p
where p.pronamespace = current_schema()::regnamespace and p.prokind in ('f', 'p')
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') order by 1, 2
"""
TRIGGERS = """
select c.relname, t.tgname, replace(pg_get_triggerdef(t.oid), current_schema() || '.', '')
from pg_trigger t join pg_class c on c.oid = t.tgrelid
where c.relnamespace = current_schema()::regnamespace and not t.tgisinternal order by 1, 2
"""
VIEWS = """
select viewname, replace(definition, current_schema() || '.', '') from pg_views
where schemaname = current_schema() order by 1
"""
POLICIES = """
select c.relname, c.relrowsecurity, p.polname, p.polroles::regrole[]::text[], p.polcmd::text,
       replace(pg_get_expr(p.polqual, p.polrelid), current_schema() || '.', '')
from pg_class c left join pg_policy p on p.polrelid = c.oid
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') order by 1, 3
"""
GRANTS = """
select table_name, privilege_type from information_schema.role_table_grants
where table_schema = current_schema() and grantee = 'storyforge_app' order by 1, 2
"""
TYPES = """
select t.typname, e.enumlabel from pg_type t join pg_enum e on e.enumtypid = t.oid
where t.typnamespace = current_schema()::regnamespace order by 1, e.enumsortorder
"""
EXTENSIONS = "select extname, extversion from pg_extension order by 1"


async def dump(connection: asyncpg.Connection) -> list[list[tuple[object, ...]]]:
    queries = (COLUMNS, CONSTRAINTS, INDEXES, ROUTINES, TRIGGERS, VIEWS, TYPES, POLICIES, GRANTS, EXTENSIONS)
    return [[tuple(row) for row in await connection.fetch(query)] for query in queries]


class Schemas:
    """Empty schemas beside the shared one, which a connection to one sees behind it: an extension's types are there."""

    def __init__(self, admin: asyncpg.Connection, url: str) -> None:
        self._admin = admin
        self._url = url
        self.names: list[str] = []
        self.connections: list[asyncpg.Connection] = []

    async def new(self) -> str:
        name = f"test_{uuid4().hex}"
        await self._admin.execute(f"create schema {name}")
        self.names.append(name)
        return name

    async def connect(self, name: str) -> asyncpg.Connection:
        connection = await asyncpg.connect(self._url, server_settings={"search_path": f"{name}, public"})
        self.connections.append(connection)
        return connection


@pytest_asyncio.fixture
async def schemas(database_url: str) -> AsyncIterator[Schemas]:
    admin = await asyncpg.connect(database_url)
    schemas = Schemas(admin, database_url)
    try:
        yield schemas
    finally:
        for connection in schemas.connections:
            await connection.close()
        for name in schemas.names:
            await admin.execute(f"drop schema {name} cascade")
        await admin.close()


async def test_the_migrations_build_schema_sql(schemas: Schemas) -> None:
    migrated = await schemas.connect(await schemas.new())
    written = await schemas.connect(await schemas.new())
    assert await migrate(migrated) == known()
    await written.execute(SCHEMA.read_text(encoding="utf-8"))
    assert await dump(migrated) == await dump(written)
    assert len((await dump(migrated))[0]) > 50  # the comparison compares something


async def test_two_that_start_at_once_migrate_once(schemas: Schemas) -> None:
    name = await schemas.new()
    connections = [await schemas.connect(name) for _ in range(4)]
    applied = await asyncio.gather(*(migrate(connection) for connection in connections))
    assert sorted(applied, key=len) == [[], [], [], known()]
    assert await pending(connections[0]) == []


async def test_a_migration_that_this_build_does_not_know_is_refused(schemas: Schemas) -> None:
    connection = await schemas.connect(await schemas.new())
    await migrate(connection)
    await connection.execute("insert into schema_migrations (name) values ('9999_post_future')")
    with pytest.raises(SchemaTooNew, match="9999_post_future"):
        await migrate(connection)
    with pytest.raises(SchemaTooNew):
        await pending(connection)
    assert await connection.fetchval("select pg_try_advisory_lock($1)", ADVISORY_LOCK)


async def test_a_migration_that_fails_leaves_nothing_and_can_be_repeated(schemas: Schemas, tmp_path: Path) -> None:
    connection = await schemas.connect(await schemas.new())
    (tmp_path / "0001_pre_a.sql").write_text("create table a (id int);")
    (tmp_path / "0002_pre_b.sql").write_text("create table b (id int); select 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(connection, tmp_path)
    assert await connection.fetchval("select to_regclass('a') is not null and to_regclass('b') is null")
    (tmp_path / "0002_pre_b.sql").write_text("create table b (id int);")
    assert await migrate(connection, tmp_path) == ["0002_pre_b"]


def test_names_tell_order_and_phase() -> None:
    for name in known():
        number, phase, what = name.split("_", 2)
        assert number.isdecimal() and len(number) == 4 and phase in ("pre", "post") and what
