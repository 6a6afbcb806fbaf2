"""Brings a database to this build's schema: plain SQL files in `migrations/`, each once, in order of their names.

`NNNN_pre_what.sql` must suit the code before it; `NNNN_post_what.sql` runs when no older code is left.
"""

from pathlib import Path

from storage.errors import SchemaTooNew
from storage.postgres import Connection

FOLDER = Path(__file__).parent / "migrations"
LOCK_TIMEOUT_MS = 5_000
WAIT_MS = 60_000
"""How long one process waits for another that is migrating."""
ADVISORY_LOCK = 0x53464D49
"""Any number, the same in every build: two processes that start at once migrate one after the other."""

_LEDGER = """
create table if not exists schema_migrations (
    name text primary key,
    applied_at timestamptz not null default now()
)
"""


def known(folder: Path = FOLDER) -> list[str]:
    """Names of this build's migrations, oldest first."""
    return sorted(path.stem for path in folder.glob("*.sql"))


async def applied(connection: Connection) -> set[str]:
    """Names that this database already has."""
    if await connection.fetchval("select to_regclass(quote_ident(current_schema()) || '.schema_migrations')") is None:
        return set()
    return {row["name"] for row in await connection.fetch("select name from schema_migrations")}


async def pending(connection: Connection, folder: Path = FOLDER) -> list[str]:
    """What `migrate` would apply now. Raises `SchemaTooNew`."""
    have, ours = await applied(connection), known(folder)
    newer = sorted(have.difference(ours))
    if newer:
        raise SchemaTooNew(f"the database has migrations that this build does not know: {', '.join(newer)}")
    return [name for name in ours if name not in have]


async def migrate(connection: Connection, folder: Path = FOLDER) -> list[str]:
    """Applies what is pending, each file in a transaction of its own; returns their names. Raises `SchemaTooNew`."""
    async with connection.transaction():
        await connection.execute(f"set local lock_timeout = {WAIT_MS}; set local statement_timeout = {WAIT_MS}")
        await connection.execute("select pg_advisory_lock($1)", ADVISORY_LOCK)  # the session's, past this transaction
    try:
        names = await pending(connection, folder)
        for name in names:
            await _apply(connection, name, (folder / f"{name}.sql").read_text(encoding="utf-8"))
        return names
    finally:
        if not connection.is_closed():
            await connection.execute("select pg_advisory_unlock($1)", ADVISORY_LOCK)


async def _apply(connection: Connection, name: str, script: str) -> None:
    async with connection.transaction():
        await connection.execute(f"set local lock_timeout = {LOCK_TIMEOUT_MS}; set local statement_timeout = 0")
        await connection.execute(_LEDGER)
        await connection.execute(script)
        await connection.execute("insert into schema_migrations (name) values ($1)", name)
