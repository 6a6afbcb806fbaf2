"""Where a room stands between what its replica holds, what is committed, and what other nodes have committed.

Sequences, acknowledgements and nothing else: no content is looked at here (consistency.md C8 to C11).
"""

from collections import deque
from collections.abc import Iterator, Sequence
from uuid import UUID

from sync.effects import Batch
from sync.relay import CommittedRow

AHEAD_ROWS_MAX = 1_000
"""Rows that may wait for an earlier one; what does not fit is read from the log."""


class Order:
    """`seq`: every row up to here is in the replica. Ordinals count this room's own edits as they are made."""

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.committed_seq = seq
        """Where the newest row of this room's own stands, or where the log stood before the first."""
        self.uncommitted_bytes = 0
        self.reading = False
        """Whether an answer of the log is awaited."""
        self._uncommitted: deque[Batch] = deque()
        self._ordinal = 0
        self._committed_ordinal = 0
        self._owed: deque[tuple[int, int, bytes]] = deque()
        """(ordinal, session, name of the message): one acknowledgement each, in rising order."""
        self._ahead: dict[int, bytes | None] = {}
        """Rows behind `seq`; None: the replica has that one already."""

    # Own edits ---------------------------------------------------------------------------------------

    def add(self, batch: Batch) -> None:
        """The replica holds it, the log not yet."""
        self._ordinal += 1
        self._uncommitted.append(batch)
        self.uncommitted_bytes += len(batch.bytes)

    def owe(self, session: int, name: bytes) -> bool:
        """False: it may go out now. Otherwise it waits for all that the replica holds."""
        if self._ordinal <= self._committed_ordinal:
            return False
        self._owed.append((self._ordinal, session, name))
        return True

    def forget(self, session: int) -> None:
        """Nobody listens for its acknowledgements any more."""
        self._owed = deque(owed for owed in self._owed if owed[1] != session)

    def committed(self, seqs: dict[UUID, int], rewritten: dict[UUID, bytes]) -> list[CommittedRow]:
        """The oldest uncommitted edits are in the log under these sequences; of `rewritten` ones the rows are these."""
        rows: list[CommittedRow] = []
        while self._uncommitted and (seq := seqs.get(self._uncommitted[0].batch_id)) is not None:
            batch = self._uncommitted.popleft()
            self.uncommitted_bytes -= len(batch.bytes)
            self._committed_ordinal += 1
            self.committed_seq = max(self.committed_seq, seq)
            row = rewritten.get(batch.batch_id) if rewritten else None
            rows.append(CommittedRow(seq, batch.origin, batch.bytes if row is None else row))
            if seq > self.seq:
                self._ahead[seq] = row
        return rows

    def due(self) -> Iterator[tuple[int, bytes]]:
        """Sessions and names of messages to acknowledge, now that more is committed."""
        while self._owed and self._owed[0][0] <= self._committed_ordinal:
            _, session, name = self._owed.popleft()
            yield session, name

    @property
    def uncommitted(self) -> list[Batch]:
        """Own edits that are not in the log, as far as is known here; in their order."""
        return list(self._uncommitted)

    @property
    def has_uncommitted(self) -> bool:
        return bool(self._uncommitted)

    # Rows of the log -----------------------------------------------------------------------------------

    def offer(self, rows: Sequence[CommittedRow]) -> None:
        """Rows in any order, known ones included."""
        for row in rows:
            if row.seq > self.seq and row.seq not in self._ahead and len(self._ahead) < AHEAD_ROWS_MAX:
                self._ahead[row.seq] = row.bytes

    def next_rows(self) -> Iterator[bytes]:
        """What the replica lacks and may take now, strictly in sequence. `seq` moves on as they are taken."""
        while self.seq + 1 in self._ahead:
            update = self._ahead.pop(self.seq + 1)
            self.seq += 1
            if update is not None:
                yield update

    @property
    def has_gap(self) -> bool:
        """Whether later rows are here and an earlier one is not."""
        return bool(self._ahead)

    @property
    def is_quiet(self) -> bool:
        """Whether the replica is exactly the log up to `seq`."""
        return not self._uncommitted and not self._ahead
