"""What a room is told, one thing after another, though what takes long happens beside the loop.

Other rooms go on meanwhile; who has to do with this one waits for his turn. How much waits is bounded by what the doors
let in (`realtime.budget`) in the second or so that a room is away.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any, TypeVar

Result = TypeVar("Result")
Work = Callable[[], None]


class Turns:
    """Of one room. `beside`: round work in another thread. `spawn`: starts a task that its owner ends."""

    def __init__(
        self,
        beside: Callable[[], AbstractContextManager[None]],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self.is_taken = False
        """The room is in another thread: nobody may look into it."""
        self._beside = beside
        self._spawn = spawn
        self._waiting: deque[Work] = deque()

    def take(self, work: Work) -> None:
        """Now, or when all that came before is done."""
        if self.is_taken:
            self._waiting.append(work)
        else:
            work()

    def take_beside(self, work: Callable[[], Result], then: Callable[[Result], None]) -> None:
        """`work` in a thread, `then` on the loop. Only for whoever has the turn."""
        self.is_taken = True
        self._spawn(self._take_beside(work, then))

    async def _take_beside(self, work: Callable[[], Result], then: Callable[[Result], None]) -> None:
        def announced() -> Result:
            with self._beside():
                return work()

        result = await asyncio.to_thread(announced)  # a hub that ends meanwhile leaves the room to its thread
        self.is_taken = False
        then(result)
        while self._waiting and not self.is_taken:
            self._waiting.popleft()()
