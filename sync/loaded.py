"""A document as a room begins with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sync.names import DocumentName


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document as the log has it: `states` are the snapshot and then the rows up to `seq`, in order.

    `rests`: the snapshot is all of it.
    """

    name: DocumentName
    server_client: int
    seq: int
    states: Sequence[bytes]
    owners: dict[int, UUID]
    quarantined: frozenset[bytes] = frozenset()
    rests: bool = False
