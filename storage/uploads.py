"""Bytes of files that are still on their way: appended piece by piece, made whole, then an object under their hash.

What an upload has is what its row says (`storage/tables/uploads.py`): bytes that a killed process had written behind
that are written again. `FolderUploads` is here, S3 is in `s3_uploads.py`.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID

from storage.errors import ObjectMissing
from storage.objects import CHUNK_BYTES, FolderObjects, sync_folder

PART_BYTES = 8 * 1024 * 1024
"""What an upload's row is told at once; a killed process loses less than this. S3 wants 5 MiB at least."""


@dataclass(frozen=True, slots=True)
class Staged:
    """What there is of an upload. `handle` and `parts` are the store's own words for it."""

    handle: str
    bytes: int = 0
    parts: tuple[str, ...] = ()

    @property
    def wanted_bytes(self) -> int:
        """Of the next piece, so that it ends where a part does."""
        return PART_BYTES - self.bytes % PART_BYTES


class Uploads(Protocol):
    """Every call may be repeated with the same `Staged`. All raise `StoreAway`."""

    async def begin(self, upload_id: UUID) -> Staged:
        """Nothing is there yet."""

    async def append(self, upload_id: UUID, staged: Staged, piece: bytes) -> Staged:
        """`piece`: at most `staged.wanted_bytes`. It is on the disk when this returns."""

    async def join(self, upload_id: UUID, staged: Staged) -> None:
        """All pieces become one file."""

    def read(self, upload_id: UUID) -> AsyncIterator[bytes]:
        """The joined file. Raises `ObjectMissing` at the first step."""

    async def publish(self, upload_id: UUID, hash: str, content_type: str) -> None:
        """The joined file is the object `hash` too: the caller has read it and knows. Raises `ObjectMissing`."""

    async def discard(self, upload_id: UUID, staged: Staged) -> None:
        """Nothing is left of it, joined or not. What was published stays."""


class FolderUploads:
    """One file for each upload, in a folder on the disk of the objects."""

    def __init__(self, folder: Path, objects: FolderObjects) -> None:
        self._folder = folder
        self._objects = objects

    def _path(self, upload_id: UUID) -> Path:
        return self._folder / upload_id.hex

    async def begin(self, upload_id: UUID) -> Staged:
        await asyncio.to_thread(_touch, self._path(upload_id))
        return Staged(handle="")

    async def append(self, upload_id: UUID, staged: Staged, piece: bytes) -> Staged:
        assert len(piece) <= staged.wanted_bytes
        try:
            await asyncio.to_thread(_write_at, self._path(upload_id), staged.bytes, piece)
        except FileNotFoundError as error:
            raise ObjectMissing(upload_id.hex) from error
        return replace(staged, bytes=staged.bytes + len(piece))

    async def join(self, upload_id: UUID, staged: Staged) -> None:
        try:
            await asyncio.to_thread(os.truncate, self._path(upload_id), staged.bytes)
        except FileNotFoundError as error:
            raise ObjectMissing(upload_id.hex) from error

    async def read(self, upload_id: UUID) -> AsyncIterator[bytes]:
        try:
            file: BinaryIO = await asyncio.to_thread(self._path(upload_id).open, "rb")
        except FileNotFoundError as error:
            raise ObjectMissing(upload_id.hex) from error
        with file:
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield chunk

    async def publish(self, upload_id: UUID, hash: str, content_type: str) -> None:
        await asyncio.to_thread(self._objects.adopt, self._path(upload_id), hash)

    async def discard(self, upload_id: UUID, staged: Staged) -> None:
        with suppress(FileNotFoundError):
            await asyncio.to_thread(self._path(upload_id).unlink)


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    sync_folder(path.parent)


def _write_at(path: Path, offset: int, piece: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(piece)
        file.flush()
        os.fsync(file.fileno())
