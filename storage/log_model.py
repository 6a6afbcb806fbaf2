"""The words of the document log; `log.py` reads and writes them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, order=True)
class DocumentKey:
    """A document in one epoch."""

    document_id: UUID
    epoch: int


class Appendable(Protocol):
    """What the log reads of a `Batch`; a room's own edits are written as they are."""

    @property
    def batch_id(self) -> UUID: ...
    @property
    def actor(self) -> UUID | None: ...
    @property
    def origin(self) -> str: ...
    @property
    def bytes(self) -> bytes: ...
    @property
    def relayed_by(self) -> UUID | None: ...
    @property
    def claims(self) -> tuple[int, ...]: ...
    @property
    def seen(self) -> int | None: ...


class Batch(NamedTuple):
    """One row to be: Yjs bytes as they came, under an id that makes a repetition harmless (consistency.md C8)."""

    batch_id: UUID
    actor: UUID | None
    origin: str
    bytes: bytes
    relayed_by: UUID | None = None
    claims: tuple[int, ...] = ()
    """Client ids first seen in this batch; they become the actor's (C3)."""
    seen: int | None = None
    """Up to which row it was judged (C17); None: as the document stands at the commit."""


@dataclass(frozen=True, slots=True)
class Head:
    """The row that orders a document. `server_client`: the client id of every server edit in this epoch (C12)."""

    document_id: UUID
    project_id: UUID
    kind: str
    epoch: int
    seq: int
    server_client: int

    @property
    def key(self) -> DocumentKey:
        return DocumentKey(self.document_id, self.epoch)


@dataclass(frozen=True, slots=True)
class HeadVersion:
    """What a node that hosts the document compares every 500 ms (C14)."""

    document_id: UUID
    epoch: int
    seq: int
    access_version: int


@dataclass(frozen=True, slots=True)
class Row:
    """One committed row. `actor`: whose edit it is; `relayed_by`: who brought it, when that was another."""

    seq: int
    batch_id: UUID
    actor: UUID | None
    origin: str
    relayed_by: UUID | None
    created_at: datetime
    bytes: bytes


@dataclass(frozen=True, slots=True)
class Committed:
    """Batches that are in the log now. A batch that was there before keeps its old `seq`, so gaps mean repetitions."""

    document_id: UUID
    epoch: int
    first_seq: int
    """The smallest of `seqs`."""
    head_seq: int
    """The document's newest row after this commit."""
    seqs: dict[UUID, int]


@dataclass(frozen=True, slots=True)
class Located:
    """Where a batch already is."""

    epoch: int
    seq: int
