"""Sign-ins that are not over, out of `issued_tokens`, `refresh_tokens` and what the audit log says of their beginning.

Ending one is in `tokens` and `refresh`.
"""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_interface
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load
from storage.tables.audit import Address

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class SignInRow:
    """`root`: what all tokens of it name. `client`: of a program, None for a page. `how`: link, openid or device; None
    where the log does not know."""

    root: UUID
    since: datetime
    until: datetime
    client: str | None
    address: Address | None
    agent: str | None
    how: str | None


async def open_of_user(executor: Executor, user_id: UUID, limit: int) -> list[SignInRow]:
    """Newest first."""
    return [_row(row) for row in await executor.fetch(_QUERIES["open_of_user"], user_id, None, limit)]


async def is_open(executor: Executor, user_id: UUID, root: UUID) -> bool:
    """Whether that user has it, and it is not over."""
    return await executor.fetchrow(_QUERIES["open_of_user"], user_id, root, 1) is not None


def _row(row: asyncpg.Record) -> SignInRow:
    address = None if row["address"] is None else ip_interface(str(row["address"])).ip
    return SignInRow(row["root"], row["since"], row["until"], row["client"], address, row["agent"], row["how"])
