"""The log as the rooms see it: rows of one epoch at a time, a snapshot, owners, quarantine; commits when it is told to.

What PostgreSQL does is tested against PostgreSQL elsewhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from pycrdt import Doc, Map

from sync import relay
from sync.effects import Batch
from sync.ids import DocumentId
from sync.index import StructIndex
from sync.names import DocumentName, Kind
from sync.schema import STORYBOARD_ROOTS
from sync.storyboard import server
from sync.update import parse
from tests import scenery
from tests.simulation.locks import Guard, overtaken

DOCUMENT = DocumentId(UUID(int=1))


def content_of(doc: Doc[Any]) -> dict[str, Any]:
    """What a person sees."""
    return {root: doc.get(root, type=Map).to_py() for root in STORYBOARD_ROOTS}


@dataclass(slots=True)
class Log:
    """Committed rows in order, and everything they hold, for the oracle. `indexes`: by epoch."""

    epoch: int = 1
    rows: list[relay.CommittedRow] = field(default_factory=list)
    batch_seqs: dict[UUID, int] = field(default_factory=dict)
    owners: dict[int, UUID] = field(default_factory=dict)
    snapshot: tuple[int, bytes] | None = None
    quarantined: set[bytes] = field(default_factory=set)
    indexes: dict[int, StructIndex] = field(default_factory=lambda: {1: StructIndex()})
    locked_seq: int = 0
    guard: Guard = field(default_factory=Guard)

    @property
    def name(self) -> DocumentName:
        return DocumentName(Kind.STORYBOARD, DOCUMENT, self.epoch)

    @property
    def server_client(self) -> int:
        """Renewed with every epoch (C12)."""
        return 8 + self.epoch

    def append(self, batch_id: UUID, origin: str, update: bytes, *, despite_locks: bool = False) -> int:
        """The same batch again has its old sequence. Raises `DanglingUpdate`, which would be a hole in the log."""
        if batch_id not in self.batch_seqs:
            self.indexes[self.epoch].load(parse(update))
            self.rows.append(relay.CommittedRow(len(self.rows) + 1, origin, update))
            self.batch_seqs[batch_id] = len(self.rows)
            self.guard.row(update, despite_locks=despite_locks)
        return self.batch_seqs[batch_id]

    def holds(self, update: bytes, epoch: int) -> bool:
        judgement = self.indexes[epoch].check(parse(update))
        return judgement.missing is None and not judgement.adds

    def states(self) -> list[bytes]:
        """The snapshot and the rows behind it: what a room is loaded from."""
        seq, states = (0, []) if self.snapshot is None else (self.snapshot[0], [self.snapshot[1]])
        return [*states, *(row.bytes for row in self.rows[seq:])]

    def put_snapshot(self, epoch: int, seq: int, state: bytes) -> None:
        """By compare-and-set on (epoch, sequence)."""
        if epoch == self.epoch and (self.snapshot is None or seq > self.snapshot[0]):
            self.snapshot = (seq, state)

    def quarantine(self, update: bytes) -> None:
        self.quarantined.add(sha256(update).digest())

    def replay(self) -> Doc[Any]:
        """A replica of every row, never of the snapshot: what the document is."""
        doc: Doc[Any] = Doc(client_id=self.server_client)
        for row in self.rows:
            doc.apply_update(row.bytes)
        return doc

    def server_edit(self, change: Callable[[Doc[Any]], object]) -> bytes:
        """On a replica that stands at the head (C12)."""
        doc = self.replay()
        before = doc.get_state()
        with doc.transaction():
            change(doc)
        return bytes(doc.get_update(before))

    def settle(self, batches: Sequence[Batch]) -> dict[UUID, bytes]:
        """Rows to be written instead of what a lock has overtaken (C17)."""
        fresh = [batch for batch in batches if batch.batch_id not in self.batch_seqs]
        if all(batch.seen >= self.locked_seq for batch in fresh):
            return {}
        return overtaken(self.replay(), fresh)

    def rewritten(self, batch: Batch) -> bytes | None:
        """What the log holds instead of the edit."""
        seq = self.batch_seqs.get(batch.batch_id)
        row = None if seq is None else self.rows[seq - 1].bytes
        return None if row == batch.bytes else row

    def rebase(self) -> None:
        """A new epoch: the same content under fresh ids, without its history (C13)."""
        old = self.replay()
        self.epoch += 1
        doc: Doc[Any] = Doc(client_id=self.server_client)
        with doc.transaction():
            for scene, keys in sorted(old.get("scenes", type=Map).items()):
                values = keys.to_py()
                new = scenery.NewScene(scene, values["ord"], values["num"], values["title"], values["prompt"])
                scenery.add_scene(doc, new)
                if "lock" in values:
                    server.set_keys(doc, scene, {"lock": values["lock"]})
            for key, value in sorted(old.get("ext", type=Map).items()):
                doc.get("ext", type=Map)[key] = value
            for job, registers in sorted(old.get("jobs", type=Map).items()):
                server.write_job(doc, job, **dict(sorted(registers.to_py().items())))
        assert content_of(doc) == content_of(old), "a new epoch has lost something"
        self.rows, self.batch_seqs, self.owners, self.snapshot = [], {}, {}, None
        self.indexes[self.epoch], self.guard, self.locked_seq = StructIndex(), Guard(), 0
        self.append(UUID(int=self.epoch), "rebase", bytes(doc.get_update()))
