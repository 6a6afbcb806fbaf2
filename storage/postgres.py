"""Types and the pool of PostgreSQL, and which of its errors mean "not now" and which "never".

No queries here: they are in the `.sql` files beside the modules that run them. `jsonb` travels as text both ways.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TypeAlias, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from storage.errors import StoreAway
from storage.tasks import cancellable
from storage.wall import Wall

Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy
"""One connection, owned or borrowed."""
Executor: TypeAlias = asyncpg.Pool | asyncpg.Connection | PoolConnectionProxy
"""Anything that runs a single statement."""
Made = TypeVar("Made")
Within: TypeAlias = Callable[[Connection, Made], Awaitable[None]]
"""Called with what was made, in the transaction that makes it."""

CONNECT_TIMEOUT_S = 5.0
STATEMENT_TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 2_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000
LOG_LOCK_TIMEOUT_MS = 200
LOG_IDLE_IN_TRANSACTION_TIMEOUT_MS = 1_000

LOG_TRANSACTION = (
    f"set local lock_timeout = {LOG_LOCK_TIMEOUT_MS};"
    f" set local idle_in_transaction_session_timeout = {LOG_IDLE_IN_TRANSACTION_TIMEOUT_MS}"
)
"""First statement of every transaction that locks a document's head (consistency.md C9)."""

_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.exceptions.OperatorInterventionError,  # also statement_timeout and every kind of shutdown
    asyncpg.exceptions.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.exceptions.PostgresSystemError,
    asyncpg.exceptions.IdleInTransactionSessionTimeoutError,
    asyncpg.exceptions.ReadOnlySQLTransactionError,  # a failover left us at a standby
    asyncpg.exceptions.LockNotAvailableError,
    asyncpg.exceptions.DeadlockDetectedError,
    asyncpg.exceptions.SerializationError,
    OSError,
    TimeoutError,
    EOFError,
)


class store_away(cancellable):
    """Turns what says nothing about the rows, only about the moment, into `StoreAway`."""

    __slots__ = ()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, traceback)
        if isinstance(error, _AWAY):
            raise StoreAway(f"PostgreSQL: {type(error).__name__}: {error}") from error


@asynccontextmanager
async def open_pool(database_url: str, *, connections_max: int = 16) -> AsyncIterator[asyncpg.Pool]:
    """The pool of one process. Whoever borrows a connection leaves its session as it was: only `set local`.

    asyncpg would ask PostgreSQL to forget the session after each use: a round trip more for every statement. Here
    only the wall is taken down, where there was one.
    """
    wall = Wall()
    async with asyncpg.create_pool(
        database_url,
        init_size=1,
        min_size=1,
        max_size=connections_max,
        timeout=CONNECT_TIMEOUT_S,
        setup=wall.up,
        reset=wall.down,
        server_settings={
            "application_name": "storyforge",
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "lock_timeout": str(LOCK_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_TIMEOUT_MS),
        },
    ) as pool:
        yield pool
