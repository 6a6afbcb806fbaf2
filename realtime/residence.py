"""One room and where its content lives: here while it is small, in a replica process once it has grown (C21).

What is done with the room is done in its turn; what takes long, or asks another process, beside the loop.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, TypeVar

from realtime.loader import LoadedRoom
from realtime.places import Place
from realtime.turns import Gone, Turns
from sync import relay
from sync.content import Content
from sync.messages import DocumentMessage, Edit, Step1, Step2, Update

Result = TypeVar("Result")

EDITS = (Update, Step2, Edit)
ON_LOOP_BYTES_MAX = 64 * 1024
"""What a room takes in on the loop. A longer update takes tens of milliseconds to judge, so it is judged beside it."""


class Residence:
    """`state_vector`: asked before the room goes away. `moved`: counts. `spawn`, `gone`: as of `Turns`."""

    def __init__(
        self,
        loaded: LoadedRoom,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        gone: Gone,
        state_vector: Callable[[], bytes],
        moved: Callable[[], None],
    ) -> None:
        self.room = loaded.room
        self.said = b""
        """The state vector of what was on the wires when the room went away."""
        self._turns = Turns(loaded.place, spawn, gone)
        self._in_process_bytes_max = loaded.in_process_bytes_max
        self._move = loaded.move
        self.is_at_rest = loaded.room.is_at_rest
        """Nothing was edited for a while, so only the document's bytes are kept."""
        self._stands = (-1, -1)
        self._stands_since_s = 0.0
        self._state_vector = state_vector
        self._count_move = moved

    @property
    def is_away(self) -> bool:
        """The room is in another thread: what it holds cannot be read now."""
        return self._turns.is_taken

    @property
    def is_lost(self) -> bool:
        """Its content is gone; the log has it."""
        return self._turns.place.is_lost

    def is_remote(self) -> bool:
        """The content lives in another process: whoever asks it waits, so not on the loop."""
        return self.room.content.is_remote

    def are_long(self, rows: Sequence[relay.CommittedRow]) -> bool:
        if not rows:
            return False
        return self.is_remote() or self._wakes_long() or sum(len(row.bytes) for row in rows) > ON_LOOP_BYTES_MAX

    def outgrows(self, coming_bytes: int) -> bool:
        """Whether it will be too large for this process."""
        return not self.is_remote() and self.room.document_bytes + coming_bytes > self._in_process_bytes_max

    def take(self, work: Callable[[], None]) -> None:
        """Now, or when all that came before is done. `work` asks nothing of the content."""
        self._turns.take(work)

    def do(self, work: Callable[[], Result], then: Callable[[Result], None], is_long: Callable[[], bool]) -> None:
        """In its turn `work` and `then`; `work` beside the loop if it is long then."""
        if self._turns.is_taken:
            self._turns.take(lambda: self.do(work, then, is_long))
        elif is_long():
            self._take_beside(work, then)
        else:
            then(work())

    def takes_at_once(self, message: DocumentMessage) -> bool:
        """Whether what a session says can be taken now, on the loop."""
        if self._turns.is_taken or self.room.content.is_remote or self.is_at_rest:
            return False
        return not isinstance(message, EDITS) or len(message.update) <= ON_LOOP_BYTES_MAX

    def receive(self, message: DocumentMessage, work: Callable[[], Result], then: Callable[[Result], None]) -> None:
        """As `do`; before something large comes, the content moves to where that is no harm."""
        if self._turns.is_taken:
            self._turns.take(lambda: self.receive(message, work, then))
            return
        size = len(message.update) if isinstance(message, EDITS) else 0
        self._look_whether_awake()
        if size > ON_LOOP_BYTES_MAX and self.outgrows(size):
            self.move(size, lambda: self.receive(message, work, then))
        elif size > ON_LOOP_BYTES_MAX or (size and self._wakes_long()):
            self._take_beside(work, then)
        elif self.is_remote() and (size or isinstance(message, Step1)):
            self._take_beside(work, then)
        else:
            then(work())

    def move(self, coming_bytes: int, then: Callable[[], None]) -> None:
        """To a replica process, if it still proves to be too large; the room goes on from there."""
        self.said = self._state_vector()
        self._turns.take_away(partial(self._move, coming_bytes), lambda found: self._moved(found, then))

    def _moved(self, found: tuple[Content, Place] | None, then: Callable[[], None]) -> None:
        if found is not None:
            content, self._turns.place = found
            self.room.move(content)
            self._count_move()
        then()

    def _take_beside(
        self, work: Callable[[], Result], then: Callable[[Result], None], gone: Gone | None = None
    ) -> None:
        self.said = self._state_vector()
        if self.is_remote():
            self.is_at_rest = False  # it may be woken there
        self._turns.take_beside(work, then, gone)

    async def quiet_state(self) -> tuple[int, bytes] | None:
        """The document as it is at a sequence of the log; None if it is busy now."""
        done: asyncio.Future[tuple[int, bytes] | None] = asyncio.get_running_loop().create_future()

        def answer(state: tuple[int, bytes] | None) -> None:
            if not done.done():
                done.set_result(state)

        def encode() -> tuple[int, bytes] | None:
            order = self.room.order
            return (order.seq, self.room.encode()) if order.is_quiet else None

        def take() -> None:
            if self.is_remote() or self.room.document_bytes > ON_LOOP_BYTES_MAX:
                self._take_beside(encode, answer, lambda error: answer(None))
            else:
                answer(encode())

        self._turns.take(take)
        return await done

    # At rest ---------------------------------------------------------------------------------------------

    def may_rest(self, quiet_s: float, now_s: float) -> bool:
        """Whether it is awake, nothing is under way and nothing has changed for so long. Asked every second or so."""
        if self.is_away:
            return False
        self._look_whether_awake()
        if not self.room.order.is_quiet or self.room.parked_count:
            return False
        stands = (self.room.order.seq, self.room.document_bytes)
        if stands != self._stands:
            self._stands, self._stands_since_s = stands, now_s
        return not self.is_at_rest and now_s - self._stands_since_s >= quiet_s

    def rest(self) -> None:
        """In its turn; the next edit wakes it."""
        self.do(self.room.rest, self._rests, lambda: self.is_remote() or self.room.document_bytes > ON_LOOP_BYTES_MAX)

    def _rests(self, nothing: None) -> None:
        self.is_at_rest = True
        self._stands = (self.room.order.seq, self.room.document_bytes)

    def _look_whether_awake(self) -> None:
        if self.is_at_rest and not self.is_remote():
            self.is_at_rest = self.room.is_at_rest

    def _wakes_long(self) -> bool:
        """Whether the next edit wakes so much that the loop must not wait for it."""
        return self.room.is_at_rest and self.room.document_bytes > ON_LOOP_BYTES_MAX

    def leave(self) -> Coroutine[Any, Any, None]:
        """Nobody comes to this room any more; what is returned tells the place. Keeps its host alive no longer."""
        self._state_vector = bytes
        self._turns.forget_owner()
        return self._turns.place.leave()
