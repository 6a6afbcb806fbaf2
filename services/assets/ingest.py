"""One file's way from an upload to a ready asset: read and known by its hash, then its parts, each kept when made.

Whoever takes it over goes on where the last one was; a file that somebody else has brought before is done at once.
Which worker does it, and what an error means, is `jobs/intake.py`.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import asyncpg

from services.assets.errors import BytesLost, HoldLost, IngestError, IngestExhausted
from services.assets.ffmpeg import SOURCE
from services.assets.model import Kind
from services.assets.parts import PARTS, Made, Workshop
from services.assets.sniff import type_of
from services.assets.uploads import asset_event
from storage.bus import Bus
from storage.errors import ObjectMissing, StoreAway
from storage.events import ProjectFeed, append_event
from storage.objects import CHUNK_BYTES, Objects
from storage.postgres import Connection, store_away
from storage.tables import ingests, media, uploads
from storage.tables.assets import Part
from storage.tables.ingests import IngestRow
from storage.tables.media import MediaRow
from storage.uploads import Uploads

ATTEMPTS_MAX = 3
"""Error: `IngestExhausted`."""
READ_SHARE = 20
"""Of 100 %: reading the file. The rest is its parts', a proxy as much as all others together."""
Say = Callable[[str, int], None]
"""Progress that may be lost: stage, percent."""


class Ingest:
    """Of all files, with the stores of one worker."""

    def __init__(self, pool: asyncpg.Pool, objects: Objects, store: Uploads, bus: Bus) -> None:
        self._pool = pool
        self._objects = objects
        self._store = store
        self._feed = ProjectFeed(bus)

    async def lease(self, owner: str, lease_s: float) -> IngestRow | None:
        """The next file that waits, held; None when none does."""
        with store_away():
            row = await ingests.lease_next(self._pool, owner, lease_s)
        if row is not None and row.attempt > ATTEMPTS_MAX:
            await self.fail(row, IngestExhausted())
            return None
        return row

    async def renew(self, row: IngestRow, lease_s: float) -> bool:
        """False: it is no longer this worker's."""
        with store_away():
            return await ingests.renew(self._pool, row, lease_s)

    async def hand_back(self, row: IngestRow, *, keep_attempt: bool) -> None:
        """Free for another worker at once. `keep_attempt`: it counts as one that did not work."""
        with store_away():
            await ingests.hand_back(self._pool, row, keep_attempt=keep_attempt)

    async def fail(self, row: IngestRow, error: Exception) -> None:
        """The end, with a code and a sentence for people."""
        known = error if isinstance(error, IngestError) else IngestExhausted()
        told = {"code": known.code, "msg": str(known)}

        async def write(connection: Connection) -> dict[str, Any]:
            await ingests.finish(connection, row, "failed", told)
            return asset_event(row.id, "failed", row.pct, told)

        with suppress(HoldLost):
            await self._commit(row, write)

    async def work(self, row: IngestRow, folder: Path, say: Say) -> None:
        """Until it is ready. Raises `IngestError`, `StoreAway`, and what else goes wrong."""
        say("read", 0)
        hash = await self._read(row, folder)
        kind = Kind(row.kind)
        with store_away():
            there = await ingests.parts_of(self._pool, hash)
        shares = _Shares(kind, say)
        facts = {name: dict(part.facts) for name, part in there.items()}
        workshop = Workshop(folder, type_of(row.content_type), facts, shares.progress)
        for name in PARTS[kind]:
            shares.enter(name)
            part = there.get(name)
            if part is not None:
                await self._fetch(name, part, folder)
                continue
            made = await workshop.make(name)
            if made is not None:
                await self._keep(row, hash, name, made, folder, shares.pct)
        await self._finish(row, hash)

    # -- the file itself -----------------------------------------------------------------------------

    async def _read(self, row: IngestRow, folder: Path) -> str:
        """Into the folder, its hash on the way; and into the objects, under it."""
        if row.hash is not None and await self._objects.exists(row.hash):
            await _copied(self._objects.read(row.hash, 0, row.bytes), folder / SOURCE)
            return row.hash
        with store_away():
            upload = await uploads.upload_of_asset(self._pool, row.id)
        if upload is None:
            raise BytesLost()
        try:
            await self._store.join(row.id, upload.staged)
            hash = await _copied(self._store.read(row.id), folder / SOURCE)
            await self._store.publish(row.id, hash, row.content_type)
        except ObjectMissing as error:
            if not await self._held(row):  # whoever has it now is further
                raise HoldLost() from error
            raise BytesLost() from error
        await self._identify(row, hash)
        if not await self._objects.exists(hash):  # the collector came between; from here on it knows better
            await self._store.publish(row.id, hash, row.content_type)
        await self._store.discard(row.id, upload.staged)
        return hash

    async def _held(self, row: IngestRow) -> bool:
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                return await ingests.hold(connection, row)

    async def _identify(self, row: IngestRow, hash: str) -> None:
        async def write(connection: Connection) -> dict[str, Any]:
            await media.add_media(connection, row.project_id, MediaRow(hash, row.content_type, row.bytes))
            await ingests.identify(connection, row, hash)
            await ingests.advance(connection, row, "read", READ_SHARE)
            return asset_event(row.id, "working", READ_SHARE)

        await self._commit(row, write)

    # -- its parts -----------------------------------------------------------------------------------

    async def _fetch(self, name: str, part: Part, folder: Path) -> None:
        """The proxy is what later parts are made of."""
        if name == "proxy" and part.made is not None:
            size = await self._objects.size(part.made)
            await _copied(self._objects.read(part.made, 0, size), folder / "proxy.mp4")

    async def _keep(self, row: IngestRow, source: str, name: str, made: Made, folder: Path, pct: int) -> None:
        hash, size = None, 0
        if made.file is not None:
            hash, size = await asyncio.to_thread(_digest, folder / made.file)
            await self._objects.put(hash, _chunks(folder / made.file), made.content_type)

        async def write(connection: Connection) -> dict[str, Any]:
            if hash is not None:
                await media.add_media(connection, row.project_id, MediaRow(hash, made.content_type, size))
            await ingests.put_part(connection, source, name, Part(hash, made.facts))
            await ingests.advance(connection, row, name, pct)
            return asset_event(row.id, "working", pct)

        await self._commit(row, write)

    async def _finish(self, row: IngestRow, hash: str) -> None:
        async def write(connection: Connection) -> dict[str, Any]:
            await ingests.give_parts(connection, row.project_id, hash)
            await ingests.finish(connection, row, "ready")
            return asset_event(row.id, "ready", 100)

        await self._commit(row, write)

    async def _commit(self, row: IngestRow, write: Callable[[Connection], Awaitable[dict[str, Any]]]) -> None:
        """Under the hold, with the event that `write` answers. Raises `HoldLost`."""
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                if not await ingests.hold(connection, row):
                    raise HoldLost()
                cursor = await append_event(connection, row.project_id, "asset", await write(connection))
        with suppress(StoreAway):  # followers also look by themselves
            await self._feed.publish(row.project_id, {"type": "event", "cursor": cursor})


class _Shares:
    """Percentages over the parts of a kind: a proxy weighs as much as all others."""

    def __init__(self, kind: Kind, say: Say) -> None:
        self._say = say
        names = PARTS[kind]
        weights = {name: len(names) if name == "proxy" else 1 for name in names}
        total, before = sum(weights.values()), 0
        self._spans: dict[str, tuple[float, float]] = {}
        for name in names:
            span = (100 - READ_SHARE) / total
            self._spans[name] = (READ_SHARE + before * span, weights[name] * span)
            before += weights[name]
        self._part = names[0]
        self.pct = READ_SHARE

    def enter(self, part: str) -> None:
        self._part = part
        self.pct = min(99, int(sum(self._spans[part])))
        self._say(part, int(self._spans[part][0]))

    async def progress(self, share: float) -> None:
        start, span = self._spans[self._part]
        self._say(self._part, min(99, int(start + share * span)))


async def _copied(data: AsyncIterator[bytes], path: Path) -> str:
    """Into a file; answers the SHA-256."""
    digest = hashlib.sha256()
    file = await asyncio.to_thread(path.open, "wb")
    try:
        async for chunk in data:
            await asyncio.to_thread(_write, file, digest, chunk)
    finally:
        await asyncio.to_thread(file.close)
    return digest.hexdigest()


def _write(file: BinaryIO, digest: "hashlib._Hash", chunk: bytes) -> None:
    digest.update(chunk)
    file.write(chunk)


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
