"""Keeps refused edits, shows them, and takes them in as an edit of the server.

The author sees their own; who may edit the document sees all and decides. Nothing here touches a live room.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from pycrdt import Doc

from services.documents.editor import DocumentEditor
from services.documents.projector import Projector
from services.documents.replica import apart
from services.history.model import EntityChange
from services.history.restore import Kept, deletion_mark, restore
from services.proposals.errors import NoSuchProposal, OtherEpoch, ProposalDecided
from services.proposals.model import (
    DETAIL_CHARS_MAX,
    NO_LIMIT,
    OPEN_IN_DOCUMENT_MAX,
    OPEN_OF_AUTHOR_MAX,
    PAGE_MAX,
    PROPOSAL_PREFIX,
    pack,
    proposal_id,
    proposed,
)
from services.users.access import DocumentAccess, access_document
from services.users.model import Actor, Need
from storage.bus import Bus
from storage.errors import StoreAway
from storage.events import ProjectFeed, append_event
from storage.log import DocumentKey, DocumentLog
from storage.postgres import Connection, store_away
from storage.tables import proposals, users
from storage.tables.proposals import NewProposal, ProposalRow
from sync import ids
from sync.ids import DocumentId
from sync.names import DocumentName, Kind
from sync.schema import OWNERSHIP, SCHEMAS


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal against the document as it is now. `held`: changes that a lock holds up. `names`: of its people."""

    row: ProposalRow
    changes: list[EntityChange]
    held: list[EntityChange]
    kept: list[Kept]
    names: dict[UUID, str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """`seq`: the row of the edit, or the head where nothing differed. `kept`: what stayed out, and why."""

    row: ProposalRow
    seq: int
    kept: list[Kept]


class Told(NamedTuple):
    """An event of a project that was written."""

    project_id: UUID
    cursor: int


class Proposals:
    """Of all documents."""

    def __init__(
        self, pool: asyncpg.Pool, log: DocumentLog, bus: Bus, editor: DocumentEditor, projector: Projector
    ) -> None:
        self._pool = pool
        self._log = log
        self._feed = ProjectFeed(bus)
        self._editor = editor
        self._projector = projector

    async def keep(self, key: DocumentKey, author: UUID, reason: str, updates: Sequence[bytes], detail: str) -> bool:
        """Called for a room that refused them; their author has a right to be there. Raises `StoreAway`.

        False: they were kept before, or the author or the document has as many open ones as it may.
        """
        new = _new(key, author, reason, updates, detail)
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                if not await proposals.add_proposal(connection, new, OPEN_IN_DOCUMENT_MAX, OPEN_OF_AUTHOR_MAX):
                    return False
                told = await self._tell(connection, key.document_id, new.id, author, "open")
        await self.ring(told)
        return True

    async def keep_within(
        self, connection: Connection, key: DocumentKey, author: UUID, reason: str, updates: Sequence[bytes], detail: str
    ) -> list[Told]:
        """In the transaction in which the edit is taken back, so however many there are. What to `ring` behind it."""
        new = _new(key, author, reason, updates, detail)
        if not await proposals.add_proposal(connection, new, NO_LIMIT, NO_LIMIT):
            return []
        return [await self._tell(connection, key.document_id, new.id, author, "open")]

    async def proposals(
        self, actor: Actor, document_id: UUID, before: UUID | None, state: str | None, limit: int
    ) -> tuple[list[ProposalRow], dict[UUID, str]]:
        """(newest first, older than `before`; names of the people in them). Raises `NoSuchDocument`."""
        access = await access_document(self._pool, actor, document_id)
        author = None if access.role.may(Need.EDIT) else actor.user_id
        found = await proposals.proposals_of(self._pool, document_id, before, author, state, min(limit, PAGE_MAX))
        return found, await users.names_of(self._pool, {person for row in found for person in _people(row)})

    async def show(self, actor: Actor, document_id: UUID, proposal: UUID) -> Shown:
        """What it would change now.

        Raises `NoSuchDocument`, `NoSuchProposal`, `OtherEpoch`, `Unreadable`, `DiffTooBig`.
        """
        access = await access_document(self._pool, actor, document_id)
        row = await self._row(actor, access, proposal)
        names = await users.names_of(self._pool, _people(row))
        if row.state != "open":
            return Shown(row, [], [], [], names)
        loaded = await self._editor.load(document_id)
        _check_epoch(row, loaded.head.epoch)
        ownership, schema = OWNERSHIP[Kind(access.kind)], SCHEMAS[Kind(access.kind)]
        found = await apart(
            self._editor.announcements,
            document_id,
            lambda announcement: proposed(loaded.doc, row.bytes, ownership, schema),
        )
        return Shown(row, found.changes, found.held, found.kept, names)

    async def accept(
        self, actor: Actor, document_id: UUID, proposal: UUID, now: datetime, *, despite_locks: bool = False
    ) -> Accepted:
        """An edit of its author, made by the server; to accept it again changes nothing.

        While something that it would change is locked, only an owner takes it in, by saying so (C17).

        Raises `NoSuchDocument`, `Forbidden`, `NoSuchProposal`, `ProposalDecided`, `OtherEpoch`, `Unreadable`,
        `DiffTooBig`, `EditTooBig`, `SceneLocked`.
        """
        need = Need.ADMIN if despite_locks else Need.EDIT
        access = await access_document(self._pool, actor, document_id, need)
        row = await self._row(actor, access, proposal)
        if row.state == "accepted":
            return Accepted(row, row.seq or 0, [])
        _check_epoch(row, access.epoch)
        ownership, schema, kept = OWNERSHIP[Kind(access.kind)], SCHEMAS[Kind(access.kind)], list[Kept]()

        def change(doc: Doc[Any]) -> None:
            wanted = proposed(doc, row.bytes, ownership, schema, despite_locks=despite_locks)
            if wanted.locked is not None:
                raise wanted.locked
            kept[:] = wanted.kept
            restore(doc, wanted.target, ownership, deletion_mark(row.author, now), despite_locks=despite_locks)

        async def still_open(connection: Connection) -> None:
            held = await proposals.proposal_of(connection, document_id, row.id, lock=True)
            if held is None or held.state != "open":
                raise ProposalDecided(ProposalDecided.__doc__)

        told: list[Told] = []

        async def decided(connection: Connection, seq: int) -> None:
            await proposals.decide(connection, row.id, "accepted", actor.user_id, seq)
            told.append(await self._tell(connection, document_id, row.id, row.author, "accepted"))

        result = await self._editor.edit(
            document_id,
            change,
            origin="proposal",
            batch_id=row.id,
            fence=still_open,
            within=decided,
            actor=row.author,
            keeps_locks=not despite_locks,
        )
        if told:
            await self.ring(told[-1])
        await self._projector.project(document_id)
        return Accepted(await self._row(actor, access, proposal), result.seq, kept)

    async def dismiss(self, actor: Actor, document_id: UUID, proposal: UUID) -> ProposalRow:
        """By who may edit, or by its author. Raises `NoSuchDocument`, `NoSuchProposal`, `ProposalDecided`."""
        access = await access_document(self._pool, actor, document_id)
        row = await self._row(actor, access, proposal)
        told: Told | None = None
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                if await proposals.decide(connection, row.id, "dismissed", actor.user_id, None):
                    told = await self._tell(connection, document_id, row.id, row.author, "dismissed")
        if told is not None:
            await self.ring(told)
        row = await self._row(actor, access, proposal)
        if row.state != "dismissed":
            raise ProposalDecided(ProposalDecided.__doc__)
        return row

    async def _row(self, actor: Actor, access: DocumentAccess, proposal: UUID) -> ProposalRow:
        row = await proposals.proposal_of(self._pool, access.document_id, proposal)
        if row is None or not (access.role.may(Need.EDIT) or row.author == actor.user_id):
            raise NoSuchProposal(NoSuchProposal.__doc__)
        return row

    async def _tell(self, connection: Connection, document_id: UUID, proposal: UUID, author: UUID, state: str) -> Told:
        """Last in the transaction: it takes the project's cursor (C9)."""
        head = await self._log.head(document_id, connection)
        payload = {
            "doc": str(DocumentName(Kind(head.kind), DocumentId(document_id), head.epoch)),
            "proposal": ids.to_text(PROPOSAL_PREFIX, proposal),
            "by": ids.to_text("usr", author),
            "st": state,
        }
        cursor = await append_event(connection, head.project_id, "proposal", payload, document_id)
        return Told(head.project_id, cursor)

    async def ring(self, told: Told) -> None:
        with suppress(StoreAway):  # only speed: followers read the rows all the same
            await self._feed.publish(told.project_id, {"type": "event", "cursor": told.cursor})


def _new(key: DocumentKey, author: UUID, reason: str, updates: Sequence[bytes], detail: str) -> NewProposal:
    packed = pack(updates)
    name = proposal_id(key.document_id, key.epoch, author, packed)
    return NewProposal(name, key.document_id, key.epoch, author, reason, packed, detail[:DETAIL_CHARS_MAX])


def _people(row: ProposalRow) -> set[UUID]:
    return {person for person in (row.author, row.decided_by) if person is not None}


def _check_epoch(row: ProposalRow, epoch: int) -> None:
    if row.epoch != epoch:
        raise OtherEpoch(OtherEpoch.__doc__)
