"""How files arrive: an upload is made, grows piece by piece however often it is interrupted, and becomes an asset.

What tus says on the wire is `api/uploads.py`; where the bytes are is `storage/uploads.py`.
"""

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.assets.errors import (
    AssetsError,
    ChecksumWrong,
    FileEmpty,
    FileTooLarge,
    NoSuchUpload,
    OffsetMoved,
    QuotaFull,
    TooManyUploads,
    TypeRefused,
    UploadGone,
    UploadOverrun,
    UploadOvertaken,
)
from services.assets.model import TIERS, UPLOAD_TTL_S, UPLOADS_OPEN_MAX, checked_name
from services.assets.sniff import HEAD_BYTES, sniff, type_of
from services.projects.model import time_ordered
from services.users.access import access_project
from services.users.errors import NoSuchProject
from services.users.model import Actor, Need
from storage.bus import Bus
from storage.errors import ObjectMissing, StoreAway
from storage.events import ProjectFeed, append_event
from storage.postgres import Connection
from storage.tables import assets, uploads
from storage.tables.assets import NewAsset
from storage.tables.uploads import NewUpload, UploadRow
from storage.uploads import Uploads
from sync import ids

INGEST_CHANNEL = "sf:ingest"
"""Says that an asset waits for a worker; losing it costs the time until one looks by itself."""
CHECKSUMS = ("sha1", "sha256")
_TTL = timedelta(seconds=UPLOAD_TTL_S)


@dataclass(frozen=True, slots=True)
class Checksum:
    """`algorithm`: one of `CHECKSUMS`."""

    algorithm: str
    digest: bytes


class Arrivals:
    """Uploads of all projects. `entropy(n)` gives n random bytes."""

    def __init__(
        self, pool: asyncpg.Pool, store: Uploads, bus: Bus, entropy: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._pool = pool
        self._store = store
        self._bus = bus
        self._feed = ProjectFeed(bus)
        self._entropy = entropy

    async def begin(
        self, actor: Actor, project_id: UUID, name: str, metadata: str, bytes_all: int, now: float
    ) -> UploadRow:
        """Raises `NameUnfit`, `FileEmpty`, `FileTooLarge`, `QuotaFull`, `TooManyUploads`, and as `access_project`."""
        name = checked_name(name)
        if bytes_all < 1:
            raise FileEmpty(field="Upload-Length", limit=1)
        upload_id = time_ordered(now, self._entropy)
        await access_project(self._pool, actor, project_id, Need.EDIT)
        staged = await self._store.begin(upload_id)
        new = NewUpload(upload_id, project_id, actor.user_id, name, metadata, bytes_all, staged.handle)
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await _judge(connection, actor, project_id, bytes_all)
                return await uploads.add_upload(connection, new, _TTL)
        except (AssetsError, NoSuchProject):
            await self._store.discard(upload_id, staged)
            raise

    async def get(self, actor: Actor, upload_id: UUID) -> UploadRow:
        """Raises `NoSuchUpload`, `UploadGone`, `Forbidden`: the right to add to the project is needed to the end."""
        row = await uploads.upload(self._pool, upload_id)
        if row is None or row.user_id != actor.user_id:
            raise NoSuchUpload()
        try:
            await access_project(self._pool, actor, row.project_id, Need.EDIT)
        except NoSuchProject as error:
            raise NoSuchUpload() from error
        if row.state == "refused":
            raise UploadGone()
        return row

    async def receive(
        self, actor: Actor, upload_id: UUID, offset: int, body: AsyncIterator[bytes], checksum: Checksum | None = None
    ) -> UploadRow:
        """Adds `body`, or as much of it as comes, and keeps it part by part; with a checksum all of it or nothing.

        Raises as `get`, and `OffsetMoved`, `UploadOvertaken`, `UploadOverrun`, `ChecksumWrong`, `TypeRefused`.
        """
        row = await self.get(actor, upload_id)
        held = await uploads.hold(self._pool, upload_id, offset)
        if held is None:
            row = await self.get(actor, upload_id)
            raise OffsetMoved(row.staged.bytes)
        writer = _Writer(self, held, checksum)
        try:
            async for chunk in body:
                await writer.add(chunk)
            row = await writer.end()
        except ObjectMissing as error:  # it was ended, or has expired, while this came in
            raise UploadGone() from error
        return row

    async def end(self, actor: Actor, upload_id: UUID) -> None:
        """Nothing of it is kept; what is whole already is an asset. Raises as `get`."""
        await self.get(actor, upload_id)
        row = await uploads.refuse(self._pool, upload_id)
        if row is None:
            raise UploadGone()
        await self._store.discard(upload_id, row.staged)
        await uploads.forget(self._pool, upload_id)

    async def append(self, row: UploadRow, piece: bytes) -> UploadRow:
        """Into the store; the row in the database does not know it yet. Raises `TypeRefused`."""
        head = row.head + piece[: HEAD_BYTES - len(row.head)] if row.staged.bytes == len(row.head) else row.head
        row = replace(row, staged=await self._store.append(row.id, row.staged, piece), head=head)
        whole = row.staged.bytes == row.bytes_all
        if row.content_type is None and (whole or len(head) == HEAD_BYTES):
            try:
                found = sniff(head, whole=len(head) == row.bytes_all)
            except TypeRefused:
                await self._refuse(row)
                raise
            row = replace(row, content_type=found.content_type)
        return replace(row, state="whole") if whole else row

    async def record(self, row: UploadRow) -> UploadRow:
        """The row knows what was appended; a whole file is an asset from here on. Raises `UploadOvertaken`."""
        cursor = None
        async with self._pool.acquire() as connection, connection.transaction():
            recorded = await uploads.record(connection, row, _TTL)
            if recorded is None:
                raise UploadOvertaken()
            if recorded.state == "whole":
                cursor = await _become_asset(connection, recorded)
        if cursor is not None:
            with suppress(StoreAway):  # workers and followers also look by themselves
                await self._bus.publish(INGEST_CHANNEL, row.id.bytes)
                await self._feed.publish(row.project_id, {"type": "event", "cursor": cursor})
        return recorded

    async def _refuse(self, row: UploadRow) -> None:
        """The row first: a crash between leaves bytes, which go when the row does."""
        await uploads.refuse(self._pool, row.id)
        await self._store.discard(row.id, row.staged)


class _Writer:
    """One body on its way into one upload: gathers chunks into pieces that end where parts do."""

    def __init__(self, arrivals: Arrivals, row: UploadRow, checksum: Checksum | None) -> None:
        self._arrivals = arrivals
        self._row = row
        self._checksum = checksum
        self._digest = None if checksum is None else hashlib.new(checksum.algorithm, usedforsecurity=False)
        self._waiting = bytearray()

    async def add(self, chunk: bytes) -> None:
        if self._row.staged.bytes + len(self._waiting) + len(chunk) > self._row.bytes_all:
            raise UploadOverrun(field="Content-Length", limit=self._row.bytes_all)
        if self._digest is not None:
            self._digest.update(chunk)
        self._waiting += chunk
        while len(self._waiting) >= self._row.staged.wanted_bytes:
            await self._append()

    async def end(self) -> UploadRow:
        """What came is recorded. Raises `ChecksumWrong`."""
        if self._checksum is not None:
            assert self._digest is not None
            if not hmac.compare_digest(self._digest.digest(), self._checksum.digest):
                raise ChecksumWrong()
        if self._waiting:
            await self._append()
        if self._checksum is not None:
            self._row = await self._arrivals.record(self._row)
        return self._row

    async def _append(self) -> None:
        piece = bytes(self._waiting[: self._row.staged.wanted_bytes])
        del self._waiting[: len(piece)]
        self._row = await self._arrivals.append(self._row, piece)
        if self._checksum is None:
            self._row = await self._arrivals.record(self._row)


async def _judge(connection: Connection, actor: Actor, project_id: UUID, bytes_all: int) -> None:
    """Whether there is room. The owner's row stays locked, so that two uploads are not promised the same room."""
    owner = await uploads.lock_owner(connection, project_id)
    if owner is None:
        raise NoSuchProject(NoSuchProject.__doc__)
    tier = TIERS[owner.tier]
    if bytes_all > tier.file_bytes_max:
        raise FileTooLarge(field="Upload-Length", limit=tier.file_bytes_max)
    if await uploads.bytes_of_owner(connection, owner.id) + bytes_all > tier.quota_bytes:
        raise QuotaFull(field="Upload-Length", limit=tier.quota_bytes)
    if await uploads.open_uploads_of_user(connection, actor.user_id) >= UPLOADS_OPEN_MAX:
        raise TooManyUploads(limit=UPLOADS_OPEN_MAX)


async def _become_asset(connection: Connection, row: UploadRow) -> int:
    """The cursor of the event that says so."""
    assert row.content_type is not None
    kind = type_of(row.content_type).kind.value
    new = NewAsset(row.id, row.project_id, row.user_id, row.name, kind, row.content_type, row.bytes_all)
    await assets.add_asset(connection, new)
    return await append_event(connection, row.project_id, "asset", asset_event(row.id, "waiting", 0))


def asset_event(asset_id: UUID, state: str, pct: int, error: dict[str, Any] | None = None) -> dict[str, Any]:
    """What followers of the project are told."""
    told: dict[str, Any] = {"asset": ids.to_text("ast", asset_id), "st": state, "pct": pct}
    return told if error is None else {**told, "err": error}
