"""Rows of `uploads`: files on their way. What the row says is what there is, whatever else lies in the store.

Not the bytes: `storage/uploads.py`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from storage.postgres import Connection, Executor
from storage.sql import load
from storage.uploads import Staged

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewUpload:
    """What `add_upload` writes. `metadata`: as tus spells it."""

    id: UUID
    project_id: UUID
    user_id: UUID
    name: str
    metadata: str
    bytes_all: int
    handle: str


@dataclass(frozen=True, slots=True)
class UploadRow:
    """One upload. `head`: its first bytes; `hold`: of who writes; `content_type`: None until it can be told."""

    id: UUID
    project_id: UUID
    user_id: UUID
    name: str
    metadata: str
    bytes_all: int
    staged: Staged
    head: bytes
    content_type: str | None
    state: str
    hold: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Owner:
    """Who pays for a project."""

    id: UUID
    tier: str


async def lock_owner(connection: Connection, project_id: UUID) -> Owner | None:
    """Until the commit; None: the project is gone."""
    row = await connection.fetchrow(_QUERIES["lock_owner"], project_id)
    return None if row is None else Owner(row["id"], row["tier"])


async def bytes_of_owner(executor: Executor, owner_id: UUID) -> int:
    """Of what counts against their quota."""
    return int(await executor.fetchval(_QUERIES["bytes_of_owner"], owner_id))


async def open_uploads_of_user(executor: Executor, user_id: UUID) -> int:
    """How many are on their way."""
    return int(await executor.fetchval(_QUERIES["open_uploads_of_user"], user_id))


async def add_upload(executor: Executor, upload: NewUpload, ttl: timedelta) -> UploadRow:
    """A new one."""
    row = await executor.fetchrow(
        _QUERIES["add_upload"],
        upload.id,
        upload.project_id,
        upload.user_id,
        upload.name,
        upload.metadata,
        upload.bytes_all,
        upload.handle,
        ttl,
    )
    assert row is not None
    return _upload(row)


async def upload(executor: Executor, upload_id: UUID) -> UploadRow | None:
    """None when there is none, or it has expired."""
    return _maybe(await executor.fetchrow(_QUERIES["upload"], upload_id))


async def upload_of_asset(executor: Executor, asset_id: UUID) -> UploadRow | None:
    """What the asset became of, however old; None: it is forgotten."""
    return _maybe(await executor.fetchrow(_QUERIES["upload_of_asset"], asset_id))


async def hold(executor: Executor, upload_id: UUID, offset: int) -> UploadRow | None:
    """To write behind `offset`; None: it is not open, or does not stand there."""
    return _maybe(await executor.fetchrow(_QUERIES["hold"], upload_id, offset))


async def record(executor: Executor, upload: UploadRow, ttl: timedelta) -> UploadRow | None:
    """What was written under the hold; None: somebody else writes now, or nobody may."""
    staged = upload.staged
    return _maybe(
        await executor.fetchrow(
            _QUERIES["record"],
            upload.id,
            upload.hold,
            staged.bytes,
            list(staged.parts),
            upload.head,
            upload.content_type,
            upload.state,
            ttl,
        )
    )


async def refuse(executor: Executor, upload_id: UUID) -> UploadRow | None:
    """Nothing can be added any more; None: nothing could."""
    return _maybe(await executor.fetchrow(_QUERIES["refuse"], upload_id))


async def expired(executor: Executor, limit_rows: int) -> list[UploadRow]:
    """Those that may go, with their bytes."""
    return [_upload(row) for row in await executor.fetch(_QUERIES["expired"], limit_rows)]


async def forget(executor: Executor, upload_id: UUID) -> None:
    """The row goes."""
    await executor.execute(_QUERIES["forget"], upload_id)


def _maybe(row: asyncpg.Record | None) -> UploadRow | None:
    return None if row is None else _upload(row)


def _upload(row: asyncpg.Record) -> UploadRow:
    return UploadRow(
        id=row["id"],
        project_id=row["project_id"],
        user_id=row["user_id"],
        name=row["name"],
        metadata=row["metadata"],
        bytes_all=row["bytes_all"],
        staged=Staged(row["handle"], row["bytes_here"], tuple(row["parts"])),
        head=row["head"],
        content_type=row["content_type"],
        state=row["state"],
        hold=row["hold"],
        expires_at=row["expires_at"],
    )
