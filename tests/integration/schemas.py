"""Tables of one's own in the shared database, for tests whose workers must not find what others left."""

import secrets

import asyncpg

from storage.migrate import migrate


async def own_schema(database_url: str, name: str) -> str:
    """The address of a fresh set of tables."""
    fresh = f"{name}_{secrets.token_hex(4)}"
    own = f"{database_url}{'&' if '?' in database_url else '?'}search_path={fresh},public"
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(f"create schema {fresh}")
    finally:
        await connection.close()
    connection = await asyncpg.connect(own)
    try:
        await migrate(connection)
    finally:
        await connection.close()
    return own
