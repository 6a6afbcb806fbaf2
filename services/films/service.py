"""Reads the film of a timeline from its rows: a moment behind its editors, but without opening the document.

What is exactly at the head, and what is still to be repaired, is for `services/gestures` to say.
"""

from uuid import UUID

import asyncpg

from services.gestures.errors import NotATimeline
from services.users.access import access_document
from services.users.model import Actor
from storage.tables import shown
from storage.tables.projections import ClipRow, CutRow, MarkerRow, TrackRow
from storage.tables.shown import Place, Shown, Window
from sync.names import Kind

ROWS_MAX = 1_000
"""Of one page."""


class Films:
    """Of all timelines. Every method raises `NoSuchDocument` and `NotATimeline`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def tracks(self, actor: Actor, document_id: UUID) -> Shown[TrackRow]:
        """All of them."""
        await self._access(actor, document_id)
        return await shown.tracks(self._pool, document_id)

    async def clips(
        self, actor: Actor, document_id: UUID, window: Window, limit: int, after: Place | None
    ) -> Shown[ClipRow]:
        """By first frame."""
        await self._access(actor, document_id)
        return await shown.clips(self._pool, document_id, window, limit, after)

    async def markers(self, actor: Actor, document_id: UUID, limit: int, after: Place | None) -> Shown[MarkerRow]:
        """By frame."""
        await self._access(actor, document_id)
        return await shown.markers(self._pool, document_id, limit, after)

    async def cuts(self, actor: Actor, document_id: UUID, limit: int, after: Place | None) -> Shown[CutRow]:
        """Newest first."""
        await self._access(actor, document_id)
        return await shown.cuts(self._pool, document_id, limit, after)

    async def _access(self, actor: Actor, document_id: UUID) -> None:
        access = await access_document(self._pool, actor, document_id)
        if access.kind != Kind.TIMELINE.value:
            raise NotATimeline(NotATimeline.__doc__)
