"""What people do with the past of a document: read it, compare it, name it, and bring it back as an edit.

Every method takes the actor and checks their role itself: viewers read, editors name and restore.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg
from pycrdt import Doc

from services.documents.canonical import CanonicalContent
from services.documents.editor import DocumentEditor
from services.documents.kept import KeptDocuments
from services.documents.projector import Projector
from services.history.blame import LastChange, Work, gathered, last_changes
from services.history.errors import ContentTooBig, HistoryTooLong, NoSuchPoint, NoSuchVersion, TooManyVersions
from services.history.model import (
    VERSIONS_MAX,
    VERSIONS_PAGE_MAX,
    EntityChange,
    Moment,
    Named,
    Newest,
    Point,
    Sequence,
    checked_label,
    difference,
)
from services.history.reader import Limits, Reader
from services.history.restore import Kept, Outcome, deletion_mark, restore
from services.history.undo import undo
from services.users.access import access_document
from services.users.model import Actor, Need
from storage.log import DocumentLog, Head
from storage.snapshots import Snapshots
from storage.tables import users, versions
from storage.tables.versions import NewVersion, VersionRow
from sync.names import Kind
from sync.schema import OWNERSHIP

ACTIVITY_ROWS_MAX = 2_000
"""Of one page of activity; its `next` goes on behind them."""
WORKS_MAX = 100
BLAME_ROWS_MAX = 10_000
"""The newest rows that are asked who wrote an entity; what is older is not known to that answer."""
_KEYS = UUID("0b7d4a54-3d0f-5f5e-8a55-0c1f7c6f9f27")
"""Namespace of the ids that follow from an idempotency key."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The content of a document at a sequence of an epoch, as canonical JSON in UTF-8."""

    kind: Kind
    epoch: int
    seq: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Difference:
    """From one (epoch, seq) to another."""

    start: tuple[int, int]
    end: tuple[int, int]
    changes: list[EntityChange]


@dataclass(frozen=True, slots=True)
class Activity:
    """`next`: the sequence to go on behind; None at the head. `names`: of the authors."""

    works: list[Work]
    next: int | None
    names: dict[UUID, str]


@dataclass(frozen=True, slots=True)
class Blame:
    """Last changes between the sequences `after` (exclusive) and `seq`. `names`: of the authors."""

    after: int
    seq: int
    changes: list[LastChange]
    names: dict[UUID, str]


@dataclass(frozen=True, slots=True)
class Restored:
    """`seq`: the row of the edit, or the head where nothing differed. `changed`: this call added that row."""

    seq: int
    changed: bool
    written: list[tuple[str, str, str | None]]
    kept: list[Kept]


class History:
    """`entropy(n)` gives n random bytes. `now`: seconds since 1970."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        log: DocumentLog,
        snapshots: Snapshots,
        editor: DocumentEditor,
        projector: Projector,
        kept: KeptDocuments,
        limits: Limits | None = None,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._pool = pool
        self._log = log
        self._reader = Reader(pool, log, snapshots, editor.announcements, limits)
        self._editor = editor
        self._projector = projector
        self._kept = kept
        self._entropy = entropy

    # Versions --------------------------------------------------------------------------------------

    async def versions(
        self, actor: Actor, document_id: UUID, before: UUID | None = None, limit: int = VERSIONS_PAGE_MAX
    ) -> tuple[list[VersionRow], dict[UUID, str]]:
        """(newest first, older than `before`; names of their authors). Raises `NoSuchDocument`."""
        await access_document(self._pool, actor, document_id)
        found = await versions.versions_of_document(self._pool, document_id, before, min(limit, VERSIONS_PAGE_MAX))
        return found, await users.names_of(self._pool, {version.author for version in found})

    async def name_version(
        self, actor: Actor, document_id: UUID, label: str, seq: int | None = None, key: str | None = None
    ) -> VersionRow:
        """A label on the sequence, or on the head. The same `key` of the same actor gives the same version.

        Raises `NoSuchDocument`, `Forbidden`, `LabelUnfit`, `NoSuchPoint`, `TooManyVersions`.
        """
        head = await self._head(actor, document_id, Need.EDIT)
        label = checked_label(label)
        place = head if seq is None else self._sequence(head, seq)
        entropy = self._entropy(16)
        version_id = (
            UUID(bytes=entropy) if key is None else uuid5(_KEYS, f"{actor.user_id}|{document_id}|version|{key}")
        )
        version = NewVersion(version_id, document_id, place.epoch, place.seq, label, actor.user_id)
        row = await versions.add_version(self._pool, version, VERSIONS_MAX)
        if row is None:
            raise TooManyVersions(TooManyVersions.__doc__)
        return row

    async def delete_version(self, actor: Actor, document_id: UUID, version_id: UUID) -> None:
        """Only the label goes. Raises `NoSuchDocument`, `Forbidden`, `NoSuchVersion`."""
        await access_document(self._pool, actor, document_id, Need.EDIT)
        if not await versions.delete_version(self._pool, document_id, version_id):
            raise NoSuchVersion(NoSuchVersion.__doc__)

    # Reading ---------------------------------------------------------------------------------------

    async def content(self, actor: Actor, document_id: UUID, point: Point) -> Shown:
        """The newest is the head or later, from the document that is kept open; every other is read from the log.

        Raises `NoSuchDocument`, `NoSuchPoint`, `NoSuchVersion`, `HistoryTooLong`, `ContentTooBig`.
        """
        place = await self._place(await self._head(actor, document_id), point)
        if isinstance(point, Newest):
            written = await self._kept.write(document_id)
            place, json = replace(written.head, seq=written.seq), written.json
        else:
            past = await self._reader.content(place, place.seq)
            json = await asyncio.to_thread(CanonicalContent().write, past)
        content, limit = json.encode(), self._reader.limits.json_bytes
        if len(content) > limit:
            raise ContentTooBig(limit)
        return Shown(Kind(place.kind), place.epoch, place.seq, content)

    async def diff(self, actor: Actor, document_id: UUID, start: Point, end: Point) -> Difference:
        """Raises as `content`, and `DiffTooBig`."""
        head = await self._head(actor, document_id)
        first, last = await self._place(head, start), await self._place(head, end)
        before = await self._reader.content(first, first.seq)
        after = await self._reader.content(last, last.seq)
        changes = await asyncio.to_thread(difference, before, after)
        return Difference((first.epoch, first.seq), (last.epoch, last.seq), changes)

    async def activity(self, actor: Actor, document_id: UUID, after: int, limit: int = WORKS_MAX) -> Activity:
        """Oldest first, behind the sequence `after`. Raises `NoSuchDocument`, `NoSuchPoint`, `HistoryTooLong`."""
        head = await self._head(actor, document_id)
        self._sequence(head, after)
        walked = await self._reader.walked(head, after, head.seq, ACTIVITY_ROWS_MAX)
        works, cut = gathered(walked, min(limit, WORKS_MAX))
        reached = walked[-1].row.seq if walked else head.seq
        if cut is not None:
            reached = cut
        authors = {work.author for work in works if work.author is not None}
        return Activity(works, reached if reached < head.seq else None, await users.names_of(self._pool, authors))

    async def blame(self, actor: Actor, document_id: UUID, entity: str) -> Blame:
        """Who last changed each key of the entity. Raises `NoSuchDocument`, `HistoryTooLong`."""
        head = await self._head(actor, document_id)
        after = max(0, head.seq - BLAME_ROWS_MAX)
        walked = await self._reader.walked(head, after, head.seq, BLAME_ROWS_MAX)
        if walked and walked[-1].row.seq < head.seq:
            limit = self._reader.limits.bytes
            raise HistoryTooLong(f"the newest rows have more than {limit} bytes", limit)
        changes = last_changes(walked, entity)
        authors = {change.author for change in changes if change.author is not None}
        return Blame(after, head.seq, changes, await users.names_of(self._pool, authors))

    # Going back ------------------------------------------------------------------------------------

    async def restore(
        self, actor: Actor, document_id: UUID, point: Point, now: datetime, key: str | None = None
    ) -> Restored:
        """An ordinary edit that makes what clients may write equal to its content at `point`.

        Raises `NoSuchDocument`, `Forbidden`, as `content`, and `EditTooBig`.
        """
        place = await self._place(await self._head(actor, document_id, Need.EDIT), point)
        if place.seq == 0 and place.kind == Kind.TIMELINE.value:
            raise NoSuchPoint("a timeline begins with its main track, at sequence 1")
        target = await self._reader.content(place, place.seq)
        outcomes: list[Outcome] = []

        def change(doc: Doc[Any]) -> None:
            outcomes.append(restore(doc, target, OWNERSHIP[Kind(place.kind)], deletion_mark(actor.user_id, now)))

        return await self._edit(actor, document_id, change, outcomes, "restore", key)

    async def undo(
        self, actor: Actor, document_id: UUID, author: UUID, since: Point, now: datetime, key: str | None = None
    ) -> Restored:
        """Takes back what `author` did since, except where others have built on it; `kept` says where and why.

        Raises `NoSuchDocument`, `Forbidden`, as `content`, and `EditTooBig`.
        """
        head = await self._head(actor, document_id, Need.EDIT)
        place = await self._place(head, since)
        if place.epoch != head.epoch:
            raise NoSuchPoint("that point is in another epoch of the document")
        traces = await self._reader.traced(head, place.seq, author)
        outcomes: list[Outcome] = []

        def change(doc: Doc[Any]) -> None:
            outcomes.append(undo(doc, traces, author, OWNERSHIP[Kind(head.kind)], deletion_mark(actor.user_id, now)))

        return await self._edit(actor, document_id, change, outcomes, "undo", key)

    async def _edit(
        self,
        actor: Actor,
        document_id: UUID,
        change: Callable[[Doc[Any]], None],
        outcomes: list[Outcome],
        what: str,
        key: str | None,
    ) -> Restored:
        """`outcomes`: filled by `change`, which may run more than once; the last run is the one that counts."""
        batch_id = UUID(bytes=self._entropy(16))
        if key is not None:
            batch_id = uuid5(_KEYS, f"{actor.user_id}|{document_id}|{what}|{key}")
        result = await self._editor.edit(document_id, change, origin=what, batch_id=batch_id, actor=actor.user_id)
        await self._projector.project(document_id)
        outcome = outcomes[-1] if outcomes else Outcome()
        return Restored(result.seq, result.changed, outcome.written if result.changed else [], outcome.kept)

    # Points ----------------------------------------------------------------------------------------

    async def _head(self, actor: Actor, document_id: UUID, need: Need = Need.VIEW) -> Head:
        access = await access_document(self._pool, actor, document_id, need)
        return Head(document_id, access.project_id, access.kind, access.epoch, access.seq, access.server_client)

    async def _place(self, head: Head, point: Point) -> Head:
        """The head as it was then: its epoch and sequence are those of the point."""
        match point:
            case Newest():
                return head
            case Sequence(seq):
                return self._sequence(head, seq)
            case Moment(at):
                epoch, seq = await self._log.place_at(head, at)
                return replace(head, epoch=epoch, seq=seq)
            case Named(version_id):
                version = await versions.version_of(self._pool, head.document_id, version_id)
                if version is None:
                    raise NoSuchVersion(NoSuchVersion.__doc__)
                return replace(head, epoch=version.epoch, seq=version.seq)

    @staticmethod
    def _sequence(head: Head, seq: int) -> Head:
        if not 0 <= seq <= head.seq:
            raise NoSuchPoint(f"the document has the sequences 0 to {head.seq}", head.seq)
        return replace(head, seq=seq)
