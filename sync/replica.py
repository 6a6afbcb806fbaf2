"""The live document of a room: pycrdt's replica and the index that knows what is in it.

Native code is called here and nowhere else in a room; what may be applied was judged before.
"""

from typing import Any

from pycrdt import Doc

from sync.index import Judgement, StructIndex
from sync.update import parse

TAIL_UPDATES_MAX = 64
TAIL_SHARE = 8
"""A document is encoded anew for joiners when what came since is more than this part of it."""


class Replica:
    """`bytes`: about how large the document is when encoded."""

    def __init__(self, server_client: int) -> None:
        self.index = StructIndex()
        self.bytes = 0
        self._whole: bytes | None = None
        self._since_whole: list[bytes] = []
        """What was applied after `_whole` was encoded."""
        self._since_whole_bytes = 0
        self._doc: Doc[Any] = Doc(client_id=server_client)  # never edited here: server edits have replicas of their own

    def state_vector(self) -> bytes:
        return bytes(self._doc.get_state())

    def difference(self, state_vector: bytes) -> bytes:
        """What somebody with this (checked) state vector lacks, and the whole delete set."""
        return bytes(self._doc.get_update(state_vector))

    def apply(self, judgement: Judgement) -> None:
        """Raises whatever native code raises, pycrdt's PanicException too, which is no Exception."""
        data = judgement.update.data
        self._doc.apply_update(data)
        self.index.admit(judgement)
        self.bytes += len(data)
        if self._whole is not None:
            self._since_whole.append(data)
            self._since_whole_bytes += len(data)
            if len(self._since_whole) > TAIL_UPDATES_MAX or self._since_whole_bytes * TAIL_SHARE > self.bytes:
                self._forget_whole()

    def _forget_whole(self) -> None:
        self._whole, self._since_whole, self._since_whole_bytes = None, [], 0

    def load(self, data: bytes) -> None:
        """A snapshot or a row of the log: judged when it was admitted, by whichever node admitted it."""
        self.apply(self.index.check(parse(data), trusted=True))

    def encode(self) -> bytes:
        """All of it as one update."""
        self._forget_whole()
        self._whole = whole = bytes(self._doc.get_update())
        self.bytes = len(whole)
        return whole

    def whole(self) -> tuple[bytes, list[bytes]]:
        """All of it for somebody who has nothing: encoded once for many who join, and what came after that."""
        if self._whole is None:
            return self.encode(), []
        return self._whole, list(self._since_whole)
