"""Rows of `share_links` and `share_guests`: found by the hash of the token in the link's address.

What a guest may do says the view `project_grants` of the schema.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load
from storage.tables.users import UserKind

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewLink:
    """What `add_link` writes."""

    id: UUID
    project_id: UUID
    label: str
    token_hash: bytes
    password_hash: str | None
    can_comment: bool
    can_download: bool
    can_approve: bool
    created_by: UUID
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class LinkRow:
    """`title`: the project's; `is_deleted`: the project is. `guests`: how many came."""

    id: UUID
    project_id: UUID
    label: str
    password_hash: str | None
    can_comment: bool
    can_download: bool
    can_approve: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    title: str
    is_deleted: bool
    guests: int


@dataclass(frozen=True, slots=True)
class GuestRow:
    """Who came by a link: a guest, or somebody with an account."""

    user_id: UUID
    name: str
    kind: UserKind
    joined_at: datetime


async def add_link(executor: Executor, new: NewLink) -> None:
    await executor.execute(
        _QUERIES["add_link"],
        new.id,
        new.project_id,
        new.label,
        new.token_hash,
        new.password_hash,
        new.can_comment,
        new.can_download,
        new.can_approve,
        new.created_by,
        new.expires_at,
    )


async def count_links(executor: Executor, project_id: UUID) -> int:
    """Those by which somebody can still come."""
    return int(await executor.fetchval(_QUERIES["count_links"], project_id))


async def links_of_project(executor: Executor, project_id: UUID, limit_rows: int) -> list[LinkRow]:
    """Newest first."""
    return [_link(row) for row in await executor.fetch(_QUERIES["links_of_project"], project_id, limit_rows)]


async def link_of_project(executor: Executor, project_id: UUID, link_id: UUID) -> LinkRow | None:
    """None: the project has no such link."""
    row = await executor.fetchrow(_QUERIES["link_of_project"], project_id, link_id)
    return None if row is None else _link(row)


async def link_of_token(executor: Executor, token_hash: bytes) -> LinkRow | None:
    row = await executor.fetchrow(_QUERIES["link_of_token"], token_hash)
    return None if row is None else _link(row)


async def take_try(executor: Executor, link_id: UUID, tries_max: int, within: timedelta) -> bool:
    """False when so many passwords were wrong lately."""
    return await executor.fetchrow(_QUERIES["take_try"], link_id, tries_max, within) is not None


async def give_try_back(executor: Executor, link_id: UUID) -> None:
    """The password was right."""
    await executor.execute(_QUERIES["give_try_back"], link_id)


async def revoke_link(executor: Executor, project_id: UUID, link_id: UUID) -> bool:
    """False when it was revoked before, or there is none."""
    return await executor.fetchrow(_QUERIES["revoke_link"], link_id, project_id) is not None


async def change_link(
    executor: Executor,
    link_id: UUID,
    label: str | None,
    password_hash: str | None,
    flags: tuple[bool | None, bool | None, bool | None],
    expires_at: datetime | None,
) -> bool:
    """`flags`: comment, download, approve; None leaves one, and the label, as it is. False: it was revoked."""
    row = await executor.fetchrow(_QUERIES["change_link"], link_id, label, password_hash, *flags, expires_at)
    return row is not None


async def add_guest(executor: Executor, link_id: UUID, user_id: UUID) -> bool:
    """False when they came by it before."""
    return await executor.fetchrow(_QUERIES["add_guest"], link_id, user_id) is not None


async def guests(executor: Executor, link_id: UUID, limit_rows: int) -> list[GuestRow]:
    """Newest first."""
    rows = await executor.fetch(_QUERIES["guests"], link_id, limit_rows)
    return [GuestRow(row["user_id"], row["name"], row["kind"], row["joined_at"]) for row in rows]


def _link(row: asyncpg.Record) -> LinkRow:
    return LinkRow(
        row["id"],
        row["project_id"],
        row["label"],
        row["password_hash"],
        row["can_comment"],
        row["can_download"],
        row["can_approve"],
        row["created_at"],
        row["expires_at"],
        row["revoked_at"],
        row["title"],
        row["is_deleted"],
        row["guests"],
    )
