"""An edit and a row, in the words of a room and in those of the log."""

from collections.abc import Sequence

from storage.log import Batch, Row
from sync.effects import Batch as Edit
from sync.relay import CommittedRow


def to_log(edit: Edit) -> Batch:
    return Batch(edit.batch_id, edit.actor, edit.origin, edit.bytes, edit.relayed_by, edit.claims, edit.seen)


def relayed(rows: Sequence[Row]) -> list[CommittedRow]:
    return [CommittedRow(row.seq, row.origin, row.bytes) for row in rows]
