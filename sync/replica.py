"""The live document of a room: pycrdt's replica and the index that knows what is in it.

Native code is called here and nowhere else in a room; what may be applied was judged before. It is announced: reading
and loading here, what a client brings where that is judged.
"""

from typing import Any

from pycrdt import Doc, get_state

from sync.announcer import Announcer, Unwatched
from sync.index import Judgement, StructIndex
from sync.locks import Locks
from sync.resting import Resting
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
        self._server_client = server_client
        self._doc = self._new_doc()
        self._resting: Resting | None = None
        self.locks = Locks(self._doc)

    def _new_doc(self) -> Doc[Any]:
        """Never edited here: server edits have replicas of their own."""
        return Doc(client_id=self._server_client)

    @property
    def is_at_rest(self) -> bool:
        """Its index and locks are empty; `wake` comes before they are asked."""
        return self._resting is not None

    def rest(self) -> None:
        """Only its bytes stay."""
        if self._resting is None:
            whole = self.encode()
            self._resting = Resting(whole, self.state_vector(), self.index.deleted())
            self._empty()

    def begin_at_rest(self, whole: bytes) -> None:
        """With a snapshot, which is looked at no more than a join needs. What is deleted in it nobody knows yet."""
        self.announcer.begin(b"", True)
        try:
            state_vector = bytes(get_state(whole))
        finally:
            self.announcer.end()
        self._resting = Resting(whole, state_vector, {})
        self._whole, self._state_vector, self.bytes = whole, state_vector, len(whole)

    def wake(self) -> None:
        """All of it is here again."""
        if self._resting is not None:
            whole = self._resting.whole
            self._empty()
            self._resting = None
            self.load(whole)
            self._whole, self.bytes = whole, len(whole)

    def _empty(self) -> None:
        self._doc = self._new_doc()
        self.index.clear()
        self.locks.turn_to(self._doc)

    def holds(self, data: bytes) -> bool:
        """At rest, whether there is nothing new in it. Raises `MalformedUpdate`."""
        assert self._resting is not None
        return self._resting.holds(data)

    def state_vector(self) -> bytes:
        if self._state_vector is None:
            self._state_vector = bytes(self._doc.get_state())
        return self._state_vector

    def difference(self, state_vector: bytes) -> bytes:
        """What somebody with this (checked) state vector lacks, and the whole delete set."""
        self.announcer.begin(b"", True)
        try:
            if self._resting is not None:
                return self._resting.difference(state_vector)
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
        self.wake()
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
