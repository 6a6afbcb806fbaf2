"""A document at rest: its bytes, and just enough beside them to tell who lacks what and who brings nothing new.

A live document takes forty times as much memory as its bytes, and most that are open are only looked at.
"""

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from pycrdt import get_update

from sync.state_vector import decode_state_vector
from sync.update import parse


class Resting:
    """`whole`: the document as one update. `deleted`: by client disjoint ascending (start, end)."""

    __slots__ = ("_clocks", "_deleted", "whole")

    def __init__(self, whole: bytes, state_vector: bytes, deleted: Mapping[int, Sequence[tuple[int, int]]]) -> None:
        self.whole = whole
        self._clocks = decode_state_vector(state_vector)
        self._deleted = {
            client: (array("Q", [start for start, _ in ranges]), array("Q", [end for _, end in ranges]))
            for client, ranges in deleted.items()
        }

    def difference(self, state_vector: bytes) -> bytes:
        """What somebody with this (checked) state vector lacks, and the whole delete set."""
        return bytes(get_update(self.whole, state_vector))

    def holds(self, data: bytes) -> bool:
        """Whether there is nothing new in an update, as of those who come back. Raises `MalformedUpdate`."""
        update = parse(data)
        return all(
            struct.clock + struct.length <= self._clocks.get(struct.client, 0) for struct in update.structs
        ) and all(self._is_deleted(client, clock, clock + length) for client, clock, length in update.deletes)

    def _is_deleted(self, client: int, start: int, end: int) -> bool:
        starts, ends = self._deleted.get(client, (array("Q"), array("Q")))
        place = bisect_right(starts, start) - 1
        return place >= 0 and end <= ends[place]
