"""Documents that are read again and again: kept open, brought to the log's end when asked, and so is what they show.

Opening a film of a thousand clips takes 50 ms and more, following it to the next edit a tenth of a millisecond.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.documents.canonical import CanonicalContent
from services.documents.editor import DocumentEditor
from services.documents.replica import Replica, apart, guarded
from storage.announcements import Announcement
from storage.log import Head
from sync.live_content import LiveContent
from sync.names import Kind
from sync.schema import STORYBOARD_ROOTS, TIMELINE_ROOTS
from sync.timeline.resolve import LiveFilm, Resolved

KEPT_MAX = 16
KEPT_BYTES_MAX = 32 * 1024 * 1024
"""Of all documents kept together, counted in bytes of updates."""

Content = Mapping[str, Mapping[str, Any]]
"""Root -> key -> value, as pycrdt gives them: numbers are floats (documents.md A6)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document holds at a sequence. Nothing of it is changed later; nobody may change it.

    `film`: what is seen and what has to be repaired; None for a storyboard.
    """

    head: Head
    seq: int
    content: Content
    film: Resolved | None


@dataclass(frozen=True, slots=True)
class Written:
    """The content of a document at a sequence, as canonical JSON."""

    head: Head
    seq: int
    json: str


@dataclass(slots=True)
class _Kept:
    replica: Replica
    content: LiveContent
    film: LiveFilm | None
    written: CanonicalContent


@dataclass(slots=True)
class _Place:
    """One reader at a time follows a document; the others find it followed."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    readers: int = 0
    kept: _Kept | None = None


class KeptDocuments:
    """Of one process. Any of them may be let go at any time: the log has them."""

    def __init__(
        self, editor: DocumentEditor, *, kept_max: int = KEPT_MAX, kept_bytes_max: int = KEPT_BYTES_MAX
    ) -> None:
        self._editor = editor
        self._kept_max = kept_max
        self._kept_bytes_max = kept_bytes_max
        self._places: OrderedDict[UUID, _Place] = OrderedDict()

    @property
    def kept(self) -> int:
        """How many are open now."""
        return sum(place.kept is not None for place in self._places.values())

    async def read(self, document_id: UUID) -> Reading:
        """At the head, or later. Raises `DocumentMissing`, `DocumentUnreadable`, `StoreAway`."""
        async with self._turn(document_id) as place:
            head, kept = await self._followed(document_id, place)
            place.kept = kept
            content = {root: dict(entities) for root, entities in kept.content.json.items()}
            film = None if kept.film is None else kept.film.resolved
            return Reading(head, kept.replica.seq, content, film)

    async def write(self, document_id: UUID) -> Written:
        """As `read`. What has changed since the last time is written beside the loop."""
        async with self._turn(document_id) as place:
            head, kept = await self._followed(document_id, place)
            try:
                json = await asyncio.to_thread(kept.written.write, kept.content.json)
            except BaseException:
                _close(kept)
                raise
            place.kept = kept
            return Written(head, kept.replica.seq, json)

    async def _followed(self, document_id: UUID, place: _Place) -> tuple[Head, _Kept]:
        """Whoever has made use of it puts it back: whatever goes wrong until then, it is not read again."""
        head = await self._editor.head(document_id)
        kept, place.kept = place.kept, None
        if kept is None or not kept.replica.belongs(head):
            _close(kept)
            return head, await self._open(head)
        await self._follow(kept)
        return head, kept

    async def _open(self, head: Head) -> _Kept:
        replica = await self._editor.open(head)
        is_timeline = head.kind == Kind.TIMELINE.value

        def read(announcement: Announcement) -> _Kept:
            content = LiveContent(replica.doc, TIMELINE_ROOTS if is_timeline else STORYBOARD_ROOTS)
            film = LiveFilm(content.json) if is_timeline else None
            return _Kept(replica, content, film, CanonicalContent())

        return await apart(self._editor.announcements, head.document_id, read)

    async def _follow(self, kept: _Kept) -> None:
        try:
            await self._editor.follow(kept.replica)
            with guarded(kept.replica.announcement):
                changed = kept.content.follow()
                if kept.film is not None and changed:
                    kept.film.follow(changed)
        except BaseException:
            _close(kept)
            raise

    @asynccontextmanager
    async def _turn(self, document_id: UUID) -> AsyncIterator[_Place]:
        place = self._places.setdefault(document_id, _Place())
        self._places.move_to_end(document_id)
        place.readers += 1
        try:
            async with place.lock:
                yield place
        finally:
            place.readers -= 1
            self._let_go()

    def _let_go(self) -> None:
        """The longest unread first, but none that is being read."""
        idle = [(document_id, place) for document_id, place in self._places.items() if not place.readers]
        held = [place.kept.replica.bytes for place in self._places.values() if place.kept is not None]
        count, total = len(held), sum(held)
        for document_id, place in idle:
            if place.kept is not None and count <= self._kept_max and total <= self._kept_bytes_max:
                break
            if place.kept is not None:
                count, total = count - 1, total - place.kept.replica.bytes
                _close(place.kept)
            del self._places[document_id]


def _close(kept: _Kept | None) -> None:
    if kept is not None:
        kept.content.close()
