"""Waking workers. The rows of steps are the truth: a wake-up lost, late or doubled changes nothing.

The queue on arq is in `arq_queue.py`, so that who only wakes does not import it.
"""

from collections import deque
from typing import Protocol

from storage.tables.steps import Ring


class Queue(Protocol):
    """Raises `StoreAway`; a sweeper finds the steps that nobody was woken for."""

    async def wake(self, ring: Ring) -> None: ...


class MemoryQueue:
    """A queue inside one process: `take` gives what a worker would get next."""

    def __init__(self) -> None:
        self._waiting: deque[Ring] = deque()

    async def wake(self, ring: Ring) -> None:
        self._waiting.append(ring)

    def take(self) -> Ring | None:
        return self._waiting.popleft() if self._waiting else None
