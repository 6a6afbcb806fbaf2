"""Which rows a commit writes, decided from what its transaction read under the heads' locks. Pure: no IO.

The words of the document log are defined here; `log.py` reads and writes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from storage.errors import BatchRejected, ClientClaimed, EpochChanged


@dataclass(frozen=True, slots=True, order=True)
class DocumentKey:
    """A document in one epoch."""

    document_id: UUID
    epoch: int


@dataclass(frozen=True, slots=True)
class Batch:
    """One row to be: Yjs bytes as they came, under an id that makes a repetition harmless (consistency.md C8)."""

    batch_id: UUID
    actor: UUID | None
    origin: str
    bytes: bytes
    relayed_by: UUID | None = None
    claims: tuple[int, ...] = ()
    """Client ids first seen in this batch; they become the actor's (C3)."""


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
    """One committed row."""

    seq: int
    batch_id: UUID
    actor: UUID | None
    origin: str
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


@dataclass(slots=True)
class Plan:
    """One document's part of a commit."""

    committed: Committed
    rows: list[tuple[int, Batch]] = field(default_factory=list)
    claims: dict[int, UUID] = field(default_factory=dict)


def plan(
    key: DocumentKey,
    batches: Sequence[Batch],
    *,
    head_epoch: int,
    head_seq: int,
    known: Mapping[UUID, Located],
    claimed: Mapping[int, UUID],
) -> Plan:
    """Gives new batches the next numbers in their order. Raises `EpochChanged`, `BatchRejected`, `ClientClaimed`."""
    if head_epoch != key.epoch:
        raise EpochChanged(key.document_id, head_epoch)
    seqs: dict[UUID, int] = {}
    rows: list[tuple[int, Batch]] = []
    claims: dict[int, UUID] = {}
    for batch in batches:
        located = known.get(batch.batch_id)
        if located is not None:
            if located.epoch != key.epoch:
                raise BatchRejected(batch.batch_id, f"the batch was committed in epoch {located.epoch}")
            seqs[batch.batch_id] = located.seq
        elif batch.batch_id not in seqs:
            _claim(batch, claimed, claims)
            head_seq += 1
            seqs[batch.batch_id] = head_seq
            rows.append((head_seq, batch))
    first_seq = min(seqs.values(), default=head_seq + 1)
    return Plan(Committed(key.document_id, key.epoch, first_seq, head_seq, seqs), rows, claims)


def _claim(batch: Batch, claimed: Mapping[int, UUID], claims: dict[int, UUID]) -> None:
    for client_id in batch.claims:
        assert batch.actor is not None, "only an actor claims a client id"
        owner = claimed.get(client_id) or claims.get(client_id)
        if owner is not None and owner != batch.actor:
            raise ClientClaimed(batch.batch_id, f"client {client_id} belongs to another actor")
        claims[client_id] = batch.actor
