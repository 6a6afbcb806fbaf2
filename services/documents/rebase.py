"""A quiet document that has grown fat begins again: its content alone, under a new epoch (documents.md A9, C13).

Overwriting a key costs a few bytes for ever, and so does every client that ever wrote. The old epoch stays in the log,
where history reads it; whoever still has a replica of it is told `epoch` and starts afresh.
"""

import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from pycrdt import Array, Doc, Map, Text

from services.documents.copying import Copier
from services.documents.editor import DocumentEditor
from services.documents.errors import DocumentUnreadable
from services.documents.replica import apart
from services.history.content import read, same
from services.projects.model import server_client as new_server_client
from storage.announcements import Announcement
from storage.log import DocumentLog
from storage.postgres import store_away
from storage.quarantine import Quarantine
from storage.snapshots import Snapshots
from storage.tables import documents
from storage.tables.documents import Round
from sync.ids import DocumentId
from sync.limits import Limits
from sync.names import DocumentName, Kind
from sync.schema import OWNERSHIP

log = logging.getLogger("storyforge.documents")

FAT_BYTES = Limits().document_bytes_max * 6 // 10
FAT_CLIENTS = 2_000
QUIET = timedelta(hours=1)
"""Since the last row: what is on its way to a hub must not meet another epoch there."""
WORTH = 0.5
"""The new document must have at most this part of the old one's bytes."""


@dataclass(frozen=True, slots=True)
class Fat:
    """From when on a document is. `bytes`: of its newest snapshot; `clients`: who ever wrote in its epoch."""

    bytes: int = FAT_BYTES
    clients: int = FAT_CLIENTS
    quiet: timedelta = QUIET


class Rebaser:
    """Goes round all documents."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        log: DocumentLog,
        snapshots: Snapshots,
        editor: DocumentEditor,
        fat: Fat | None = None,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._pool = pool
        self._log = log
        self._snapshots = snapshots
        self._editor = editor
        self._fat = fat or Fat()
        self._entropy = entropy
        self._quarantine = Quarantine(pool)
        self._round = Round()
        self._not_worth: dict[UUID, int] = {}  # at which sequence; looked at again when the document has moved

    async def due(self) -> list[UUID]:
        """Those of the next documents that are fat and quiet. Empty: not these; the next call looks further."""
        fat = self._fat
        with store_away():
            ids = await self._round.next(self._pool)
            found = await documents.fat(self._pool, ids, fat.bytes, fat.clients, fat.quiet)
        return [document_id for document_id, seq in found if self._not_worth.get(document_id) != seq]

    async def rebase(self, document_id: UUID) -> bool:
        """False: it would not become much smaller, or somebody wrote meanwhile.

        Raises `DocumentMissing`, `DocumentUnreadable`, `StoreAway`: then the next call finds out in which epoch it is.
        """
        if await self._quarantine.is_read_only(document_id):
            return False  # processes died of it: an operator looks first
        loaded = await self._editor.load(document_id)
        head = loaded.head
        if loaded.seq != head.seq:
            return False
        state = loaded.doc.get_update()
        client_id = new_server_client(self._entropy)

        def make(announcement: Announcement) -> bytes:
            return reseeded(state, Kind(head.kind), client_id)

        try:
            seed = await apart(self._editor.announcements, document_id, make)
        except DocumentUnreadable:
            self._not_worth[document_id] = head.seq
            raise
        if len(seed) > len(state) * WORTH:
            self._not_worth[document_id] = head.seq
            return False
        await self._snapshots.put(document_id, head.epoch, head.seq, state)  # so that its end is read at once
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                if await self._log.lock_head(connection, document_id) != head:
                    return False
                await self._log.begin_epoch(connection, head, client_id, seed)
        name = DocumentName(Kind(head.kind), DocumentId(document_id), head.epoch + 1)
        log.info("document.rebased", extra={"document": str(name), "bytes": len(seed), "before": len(state)})
        return True


def reseeded(state: bytes, kind: Kind, client_id: int) -> bytes:
    """An update by one client that makes what `state` shows. Raises `DocumentUnreadable` if it would show less."""
    old: Doc[Any] = Doc()
    old.apply_update(state)
    new: Doc[Any] = Doc(client_id=client_id)
    roots = OWNERSHIP[kind].roots
    Copier().copy(old, new, roots)
    is_same = same(read(old, roots), read(new, roots)) and _formats(old, roots) == _formats(new, roots)
    if not is_same:
        raise DocumentUnreadable("its content cannot be made again as it is")
    return bytes(new.get_update())


def _formats(doc: Doc[Any], roots: frozenset[str]) -> list[list[tuple[Any, Any]]]:
    """Of every text, in one order; characters one by one, because runs may be cut differently."""
    found: list[list[tuple[Any, Any]]] = []
    for root in sorted(roots):
        for text in _texts(doc.get(root, type=Map)):
            runs = [(content, attributes or None) for content, attributes in text.diff()]
            found.append([(piece, attributes) for content, attributes in runs for piece in _pieces(content)])
    return found


def _pieces(content: Any) -> Iterator[Any]:
    yield from content if isinstance(content, str) else [content]


def _texts(shown: Any) -> Iterator[Text]:
    match shown:
        case Text():
            yield shown
        case Map():
            for key in sorted(shown.keys()):
                yield from _texts(shown[key])
        case Array():
            for index in range(len(shown)):
                yield from _texts(shown[index])
