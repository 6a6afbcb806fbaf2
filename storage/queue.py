"""Waking workers for runs. The run's row and its lease are the truth: a wake-up lost, late or doubled changes nothing.

The queue on arq is in `arq_queue.py`, so that who only wakes does not import it.
"""

from collections import deque
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Wake:
    """What a worker is told: look at this run, which stood in this epoch of its lease."""

    run_id: UUID
    epoch: int


class Queue(Protocol):
    """Raises `StoreAway`; a sweeper finds the runs that nobody was woken for."""

    async def wake(self, run_id: UUID, epoch: int) -> None: ...


class MemoryQueue:
    """A queue inside one process: `take` gives what a worker would get next."""

    def __init__(self) -> None:
        self._waiting: deque[Wake] = deque()

    async def wake(self, run_id: UUID, epoch: int) -> None:
        self._waiting.append(Wake(run_id, epoch))

    def take(self) -> Wake | None:
        return self._waiting.popleft() if self._waiting else None
