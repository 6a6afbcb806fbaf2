"""Turns: one at a time, over all processes, by a name. A turn ends with its transaction, however that ends.

Not a lease: whoever holds one has a connection.
"""

from storage.postgres import Connection
from storage.sql import load

_QUERIES = load(__file__)


async def take(connection: Connection, name: str) -> None:
    """Waits for the others of this name, for no longer than `lock_timeout`. Inside a transaction."""
    await connection.execute(_QUERIES["take"], name)
