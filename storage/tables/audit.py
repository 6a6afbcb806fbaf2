"""Rows of `audit_log`: added and read, never changed; the table refuses that itself.

What is worth an entry is decided in `services/users/audit.py`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_interface
from typing import Any
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load

_QUERIES = load(__file__)

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class NewEntry:
    """`actor_id`: who did it, None for a stranger. `user_id`: to whom it was done. `detail`: plain JSON."""

    action: str
    actor_id: UUID | None
    user_id: UUID | None
    project_id: UUID | None
    address: Address | None
    agent: str | None
    request_id: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry as it stands there, with the names that its people have today. `id` rises."""

    id: int
    at: datetime
    actor_name: str | None
    user_name: str | None
    entry: NewEntry


async def add_entry(executor: Executor, entry: NewEntry) -> None:
    """In the transaction of what it tells."""
    await executor.execute(
        _QUERIES["add_entry"],
        entry.action,
        entry.actor_id,
        entry.user_id,
        entry.project_id,
        entry.address,
        entry.agent,
        entry.request_id,
        json.dumps(entry.detail),
    )


async def count_since(executor: Executor, actor_id: UUID, action: str, since: datetime) -> int:
    """How often somebody did that."""
    return int(await executor.fetchval(_QUERIES["count_since"], actor_id, action, since))


async def entries(executor: Executor, before: int | None, limit_rows: int) -> list[EntryRow]:
    """Of the whole studio, newest first, those below `before`."""
    return _rows(await executor.fetch(_QUERIES["entries"], before, limit_rows))


async def entries_of_project(
    executor: Executor, project_id: UUID, before: int | None, limit_rows: int
) -> list[EntryRow]:
    """Newest first, those below `before`."""
    return _rows(await executor.fetch(_QUERIES["entries_of_project"], project_id, before, limit_rows))


def _rows(records: Sequence[asyncpg.Record]) -> list[EntryRow]:
    return [
        EntryRow(
            row["id"],
            row["at"],
            row["actor_name"],
            row["user_name"],
            NewEntry(
                row["action"],
                row["actor_id"],
                row["user_id"],
                row["project_id"],
                None if row["address"] is None else ip_interface(row["address"]).ip,
                row["agent"],
                row["request_id"],
                json.loads(row["detail"]),
            ),
        )
        for row in records
    ]
