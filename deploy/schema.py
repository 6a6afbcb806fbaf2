"""Brings the database that a process was told to use to this build's schema, or says in one sentence why not.

The migrations and their lock are in `storage/migrate.py`.
"""

from collections.abc import Callable
from pathlib import Path

import asyncpg

from deploy.errors import DataTooNew, ServerFailed
from storage.errors import SchemaTooNew
from storage.migrate import FOLDER, migrate

CONNECT_TIMEOUT_S = 5.0


async def bring(database_url: str, say: Callable[[str], None], folder: Path = FOLDER) -> None:
    """Raises `ServerFailed` or `DataTooNew`. Nothing to do takes a few milliseconds."""
    try:
        connection = await asyncpg.connect(database_url, timeout=CONNECT_TIMEOUT_S)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = str(error) or type(error).__name__
        raise ServerFailed(f"PostgreSQL cannot be reached: {reason}. Is STORYFORGE_DATABASE_URL right?") from error
    try:
        names = await migrate(connection, folder)
    except SchemaTooNew as error:
        raise DataTooNew(f"The database was written by a newer StoryForge: {error}. Start that version.") from error
    finally:
        await connection.close()
    if names:
        say(f"schema: {', '.join(names)}")
