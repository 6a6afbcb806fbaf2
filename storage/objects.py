"""Bytes named by their SHA-256: media, snapshots. Written once, never changed; what a name holds is always whole.

Not a file system: no listing, no other names. `FolderObjects` is here, S3 is in `s3.py`.
"""

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from storage.errors import MalformedHash, ObjectCorrupt, ObjectMissing

CHUNK_BYTES = 256 * 1024
HASH_ON_LOOP_BYTES_MAX = 256 * 1024
"""A fifth of a millisecond, on a machine without instructions for it a whole one."""
_HASH = re.compile(r"[0-9a-f]{64}")


class Objects(Protocol):
    """Content-addressed bytes. `hash`: 64 lower-case hexadecimal characters, else `MalformedHash`."""

    async def put(self, hash: str, data: bytes | AsyncIterator[bytes], content_type: str) -> None:
        """Nothing is kept unless all of `data` has this hash (`ObjectCorrupt`). Repeating is harmless."""

    async def get(self, hash: str) -> bytes:
        """All of it, checked against its name. Raises `ObjectMissing`, `ObjectCorrupt`."""

    async def size(self, hash: str) -> int:
        """Bytes. Raises `ObjectMissing`."""

    async def exists(self, hash: str) -> bool: ...

    async def delete(self, hash: str, written_before: datetime) -> bool:
        """It is gone, or was never there. False: somebody has put it again since then, and it stays."""

    def read(self, hash: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end`; unchecked. Raises `ObjectMissing` at the first step."""


def hash_of(data: bytes) -> str:
    """The name of these bytes."""
    return hashlib.sha256(data).hexdigest()


async def hash_beside(data: bytes) -> str:
    """As `hash_of`, in a thread where the loop would wait for milliseconds."""
    return hash_of(data) if len(data) <= HASH_ON_LOOP_BYTES_MAX else await asyncio.to_thread(hash_of, data)


def checked(hash: str) -> str:
    """Raises `MalformedHash`, so that no name ever becomes a path that was not meant."""
    if not _HASH.fullmatch(hash):
        raise MalformedHash(hash[:80])
    return hash


class FolderObjects:
    """A folder as object store: `ab/cd/<hash>`, written beside and renamed when whole and on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, hash: str) -> Path:
        name = checked(hash)
        return self._folder / name[:2] / name[2:4] / name

    async def put(self, hash: str, data: bytes | AsyncIterator[bytes], content_type: str) -> None:
        path = self._path(hash)
        unfinished = self._folder / "unfinished" / f"{hash}.{secrets.token_hex(8)}"
        digest = hashlib.sha256()
        file = await asyncio.to_thread(_create, unfinished)
        try:
            if isinstance(data, bytes):
                await asyncio.to_thread(_write, file, digest, data)
            else:
                async for chunk in data:
                    await asyncio.to_thread(_write, file, digest, chunk)
            if digest.hexdigest() != hash:
                raise ObjectCorrupt(f"the bytes written are {digest.hexdigest()}, not {hash}")
            await asyncio.to_thread(_publish, file, unfinished, path)
        finally:
            await asyncio.to_thread(_discard, file, unfinished)

    async def get(self, hash: str) -> bytes:
        path = self._path(hash)
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError as error:
            raise ObjectMissing(hash) from error
        if await hash_beside(data) != hash:
            raise ObjectCorrupt(hash)
        return data

    async def size(self, hash: str) -> int:
        path = self._path(hash)
        try:
            return (await asyncio.to_thread(path.stat)).st_size
        except FileNotFoundError as error:
            raise ObjectMissing(hash) from error

    async def exists(self, hash: str) -> bool:
        return await asyncio.to_thread(self._path(hash).exists)

    async def delete(self, hash: str, written_before: datetime) -> bool:
        return await asyncio.to_thread(_delete, self._path(hash), written_before)

    def adopt(self, file: Path, hash: str) -> None:
        """A whole file of the same disk, known to have this hash, is the object too; blocks. Raises `ObjectMissing`."""
        path = self._path(hash)
        descriptor = _opened(file)
        try:
            os.fsync(descriptor)
            os.utime(descriptor)  # written now, for whoever asks how old it is
        finally:
            os.close(descriptor)
        created = _folders(path)
        unfinished = path.with_name(f"{hash}.{secrets.token_hex(8)}")
        os.link(file, unfinished)
        unfinished.replace(path)
        with suppress(FileNotFoundError):  # a link that replaces itself stays under both names
            unfinished.unlink()
        _sync_folders(path, created)

    async def read(self, hash: str, start: int, end: int) -> AsyncIterator[bytes]:
        path = self._path(hash)
        try:
            file = await asyncio.to_thread(path.open, "rb")
        except FileNotFoundError as error:
            raise ObjectMissing(hash) from error
        try:
            await asyncio.to_thread(file.seek, start)
            left = end - start
            while left > 0:
                chunk = await asyncio.to_thread(file.read, min(left, CHUNK_BYTES))
                if not chunk:
                    return
                left -= len(chunk)
                yield chunk
        finally:
            file.close()


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb")


def _write(file: BinaryIO, digest: "hashlib._Hash", chunk: bytes) -> None:
    digest.update(chunk)
    file.write(chunk)


def _publish(file: BinaryIO, unfinished: Path, path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    file.close()
    created = _folders(path)
    unfinished.replace(path)
    _sync_folders(path, created)


def _folders(path: Path) -> list[Path]:
    """Those above `path` that had to be made."""
    created = [folder for folder in (path.parent.parent, path.parent) if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    return created


def _sync_folders(path: Path, created: list[Path]) -> None:
    """The name must survive a power cut as well as the bytes."""
    for folder in {path.parent, *(folder.parent for folder in created)}:
        sync_folder(folder)


def _opened(file: Path) -> int:
    try:
        return os.open(file, os.O_RDONLY)
    except FileNotFoundError as error:
        raise ObjectMissing(file.name) from error


def _delete(path: Path, written_before: datetime) -> bool:
    try:
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) >= written_before:
            return False
        path.unlink()
    except FileNotFoundError:
        return True
    return True


def sync_folder(folder: Path) -> None:
    """Names in it are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _discard(file: BinaryIO, unfinished: Path) -> None:
    file.close()
    with suppress(FileNotFoundError):
        unfinished.unlink()
