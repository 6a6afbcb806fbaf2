"""The live document of a room: pycrdt's replica and the index that knows what is in it.

Native code is called here and nowhere else in a room; what may be applied was judged before. It is announced: reading
and loading here, what a client brings where that is judged.
"""

from typing import Any

from pycrdt import Doc

from sync.announcer import Announcer, Unwatched
from sync.index import Judgement, StructIndex
from sync.locks import Locks
from sync.update import parse


class Replica:
    """`bytes`: about how large the document is when encoded."""

    def __init__(self, server_client: int, announcer: Announcer | None = None) -> None:
        self.announcer: Announcer = announcer or Unwatched()
        self.index = StructIndex()
        self.bytes = 0
        self._whole: bytes | None = None
        """All of it as one update, until something is applied."""
        self._state_vector: bytes | None = None
        """As `_whole`."""
        self._doc: Doc[Any] = Doc(client_id=server_client)  # never edited here: server edits have replicas of their own
        self.locks = Locks(self._doc)

    def state_vector(self) -> bytes:
        if self._state_vector is None:
            self._state_vector = bytes(self._doc.get_state())
        return self._state_vector

    def difference(self, state_vector: bytes) -> bytes:
        """What somebody with this (checked) state vector lacks, and the whole delete set."""
        self.announcer.begin(b"", True)
        try:
            return bytes(self._doc.get_update(state_vector))
        finally:
            self.announcer.end()

    def apply(self, judgement: Judgement) -> None:
        """Raises whatever native code raises, pycrdt's PanicException too, which is no Exception."""
        data = judgement.update.data
        self._whole = self._state_vector = None
        self._doc.apply_update(data)
        self.index.admit(judgement, self.announcer.alive)
        self.bytes += len(data)
        locked = judgement.entities_with("lock")
        if locked:
            self.locks.read_again(locked)

    def load(self, data: bytes) -> None:
        """A snapshot or a row of the log: judged when it was admitted, by whichever node admitted it."""
        alive = self.announcer.alive
        self.announcer.begin(data, True)
        try:
            self.apply(self.index.check(parse(data, breathe=alive), trusted=True, breathe=alive))
        finally:
            self.announcer.end()

    def encode(self) -> bytes:
        """All of it as one update; encoded once for however many ask before something is applied."""
        if self._whole is None:
            self.announcer.begin(b"", True)
            try:
                self._whole = bytes(self._doc.get_update())
            finally:
                self.announcer.end()
            self.bytes = len(self._whole)
        return self._whole
