"""Copies a project, step by step: each step is a transaction that may be repeated, fenced by the lease of its worker.

Whoever takes over after a crash begins again and finds most of it done, because every new id follows from the old one.
"""

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.documents.editor import DocumentEditor
from services.documents.errors import DocumentUnreadable
from services.documents.projector import Projector
from services.projects.copies import NewIds, copied
from services.projects.errors import CopyLost
from services.projects.model import Entropy, server_client
from storage.bus import Bus
from storage.errors import StoreAway
from storage.events import ProjectFeed, append_event
from storage.log import DocumentLog
from storage.postgres import Connection, store_away
from storage.tables import duplications as rows
from storage.tables import episodes
from storage.tables.duplications import FIRST, DuplicationRow, NamedTake, SourceDocument
from storage.tasks import beside
from sync import ids
from sync.names import Kind

LEASE_S = 15.0
RENEW_S = 4.0
TAKES_MAX = 1_000
"""Of one step."""


class Copying:
    """`lease_s`: how long a worker that says nothing keeps a copy to itself."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        log: DocumentLog,
        editor: DocumentEditor,
        projector: Projector,
        bus: Bus,
        lease_s: float = LEASE_S,
        entropy: Entropy = secrets.token_bytes,
    ) -> None:
        self._pool = pool
        self._log = log
        self._editor = editor
        self._projector = projector
        self._feed = ProjectFeed(bus)
        self._lease = timedelta(seconds=lease_s)
        self._renew_s = min(RENEW_S, lease_s / 3)
        self._entropy = entropy

    async def lease(self, owner: str) -> DuplicationRow | None:
        """A copy that nobody makes; None when there is nothing to do. Raises `StoreAway`."""
        with store_away():
            return await rows.lease(self._pool, owner, self._lease)

    async def hand_back(self, copy: DuplicationRow) -> None:
        """Free for another worker at once. Raises `StoreAway`."""
        with store_away():
            await rows.hand_back(self._pool, copy.id, copy.epoch)

    async def fail(self, copy: DuplicationRow, code: str, message: str) -> None:
        """The end, with a code and a sentence for people. Raises `StoreAway`."""
        await self._end(copy, "failed", {"code": code, "msg": message})

    async def copy(self, copy: DuplicationRow) -> None:
        """All of it. Raises `CopyLost` when it was cancelled or another worker has it, `StoreAway`, and what documents
        raise that cannot be read."""
        with store_away():
            async with beside(self._renewing(copy)):
                await self._steps(copy)
            await self._end(copy, "complete")

    async def _renewing(self, copy: DuplicationRow) -> None:
        while True:
            await asyncio.sleep(self._renew_s)
            with suppress(StoreAway), store_away():  # the next step will see
                if not await rows.renew(self._pool, copy.id, copy.epoch, self._lease):
                    raise CopyLost(copy.id.hex)

    async def _steps(self, copy: DuplicationRow) -> None:
        new_ids = NewIds(copy.id)
        total = await rows.size(self._pool, copy.source_id, with_media=copy.with_media)
        if not await rows.set_total(self._pool, copy.id, copy.epoch, total):
            raise CopyLost(copy.id.hex)
        episode_ids = await self._structure(copy, new_ids)
        documents = await rows.documents(self._pool, copy.source_id)
        for document in documents:
            if document.episode_id in episode_ids:
                await self._document(copy, new_ids, document, episode_ids[document.episode_id])
        if copy.with_media:
            await self._media(copy, new_ids)
            await self._takes(copy, new_ids, {document.id for document in documents})
        await self._characters(copy, new_ids)

    async def _structure(self, copy: DuplicationRow, new_ids: NewIds) -> dict[UUID, UUID]:
        """Episode -> its copy."""
        seasons = {row.id: new_ids.number("sea", row.id) for row in await episodes.seasons(self._pool, copy.source_id)}
        found = {row.id: new_ids.number("epi", row.id) for row in await episodes.episodes(self._pool, copy.source_id)}
        async with self._pool.acquire() as connection, connection.transaction():
            await self._advance(connection, copy, 0)
            await rows.copy_structure(connection, copy.source_id, copy.target_id, seasons, found)
        return found

    async def _document(
        self, copy: DuplicationRow, new_ids: NewIds, document: SourceDocument, episode_id: UUID
    ) -> None:
        document_id, kind = new_ids.number("doc", document.id), Kind(document.kind)
        if not await rows.document_is_there(self._pool, document_id):
            client_id, head = server_client(self._entropy), await self._log.head(document.id)
            looked = await self._editor.look(
                document.id,
                lambda replica: copied(replica.doc, kind, client_id, new_ids, with_media=copy.with_media),
            )
            if looked.seq < head.seq:
                raise DocumentUnreadable(f"{document.id}: the head is {head.seq}, the log ends at {looked.seq}")
            async with self._pool.acquire() as connection, connection.transaction():
                progress = await self._advance(connection, copy, 1 + document.scenes)
                await self._log.create(connection, episode_id, document.kind, document_id, client_id, looked.found)
                cursor = await self._tell(connection, copy, progress)
            await self._publish(copy, cursor)
        await self._projector.project(document_id)

    async def _media(self, copy: DuplicationRow, new_ids: NewIds) -> None:
        named = {asset: new_ids.number("ast", asset) for asset in await rows.assets(self._pool, copy.source_id)}
        async with self._pool.acquire() as connection, connection.transaction():
            await self._advance(connection, copy, 0)
            await rows.copy_media(connection, copy.source_id, copy.target_id)
            added = await rows.copy_assets(connection, copy.target_id, named, copy.asked_by)
            await self._advance(connection, copy, added)

    async def _takes(self, copy: DuplicationRow, new_ids: NewIds, documents: set[UUID]) -> None:
        after = FIRST
        while page := await rows.takes(self._pool, copy.source_id, after, TAKES_MAX):
            after = page[-1][0]
            named = [
                NamedTake(take, new_ids.number("tak", take), new_ids.number("doc", document), new_ids.known(scene))
                for take, document, scene in page
                if document in documents
            ]
            async with self._pool.acquire() as connection, connection.transaction():
                await self._advance(connection, copy, 0)
                added = await rows.copy_takes(connection, copy.target_id, named)
                cursor = await self._tell(connection, copy, await self._advance(connection, copy, added))
            await self._publish(copy, cursor)

    async def _characters(self, copy: DuplicationRow, new_ids: NewIds) -> None:
        found = await rows.characters(self._pool, copy.source_id)
        named = {character: new_ids.number("chr", character) for character in found}
        async with self._pool.acquire() as connection, connection.transaction():
            await self._advance(connection, copy, 0)
            added = await rows.copy_characters(connection, copy.target_id, named, with_media=copy.with_media)
            await self._advance(connection, copy, added)

    # Others ----------------------------------------------------------------------------------------

    async def _advance(self, connection: Connection, copy: DuplicationRow, by: int) -> tuple[int, int]:
        """The fence of a step, and how far it brings the copy: (done, total). Raises `CopyLost`."""
        progress = await rows.advance(connection, copy.id, copy.epoch, by)
        if progress is None:
            raise CopyLost(copy.id.hex)
        return progress

    async def _end(self, copy: DuplicationRow, state: str, error: Mapping[str, Any] | None = None) -> None:
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                ended = await rows.finish(connection, copy.id, copy.epoch, state, error)
                if ended is None:
                    raise CopyLost(copy.id.hex)
                if state == "complete":
                    await rows.reveal(connection, copy.target_id)
                cursor = await self._tell(connection, copy, (ended.done, ended.total), state)
        await self._publish(copy, cursor)

    async def _tell(
        self, connection: Connection, copy: DuplicationRow, progress: tuple[int, int], state: str = "running"
    ) -> int:
        """Those who follow the original; which project it becomes is for whoever asked."""
        done, total = progress
        told = {"copy": ids.to_text("dup", copy.id), "st": state, "done": done, "total": total}
        return await append_event(connection, copy.source_id, "copy", told)

    async def _publish(self, copy: DuplicationRow, cursor: int) -> None:
        with suppress(StoreAway):  # followers also look by themselves
            await self._feed.publish(copy.source_id, {"type": "event", "cursor": cursor})
