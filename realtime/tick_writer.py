"""When connections are written to: answers at the end of the loop tick, what rooms tell everybody in turns.

What is written is the rooms' (`fanout`) and the connections' (`fast_wire`); decision 41 says why in turns.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

WIRES_A_TICK = 128
"""A write takes some microseconds: to thousands of connections in one go, and whoever writes meanwhile is read late."""


class Delivering(Protocol):
    """A room that has something to say to its sessions."""

    def deliver(self) -> None:
        """Puts it on their wires."""


class Pending(Protocol):
    """A connection on which something was put that is not written yet."""

    def write_pending(self) -> None:
        """All of it, in one piece where that pays."""


class TickWriter:
    """At the end of a loop tick: what rooms have to say goes on the wires, then each wire is written once.

    Answers and acknowledgements are written whole in their tick. What rooms tell everybody is written to
    `WIRES_A_TICK` connections, then the loop reads what has come meanwhile, and the others' turn comes in the next
    ticks. Whoever is in the line already hears newer edits with the older ones; whoever was written to goes to its
    end. So an edit reaches everybody within one round of a large room, also when it comes in the middle of one.
    """

    def __init__(self, observe: Callable[[float], None]) -> None:
        self._loop = asyncio.get_running_loop()  # to ask again in each tick costs a system call
        self._observe = observe
        """How long it took from the first word of a tick to the last write of it, in seconds."""
        self._rooms: list[Delivering] = []
        self._dirty: list[Pending] = []
        self._line: deque[Pending] = deque()
        self._lined = 0
        """How many have ever been in the line, those in it among them."""
        self._spoken: deque[tuple[int, float]] = deque()
        """Of each tick that is not written yet: up to where in the line it is heard, and its first word."""
        self.at_once = WIRES_A_TICK
        """How many more connections may be written to in this tick without standing in the line."""
        self._is_due = False
        self._since_s = 0.0

    def deliver_soon(self, room: Delivering) -> None:
        if not self._rooms:
            self._since_s = time.perf_counter()  # the loop's own clock stands still within a tick
        self._rooms.append(room)
        self._flush_soon()

    def mark(self, wire: Pending) -> None:
        """Written at the end of this tick."""
        self._dirty.append(wire)
        self._flush_soon()

    def line_up(self, wire: Pending) -> None:
        """Written in its turn."""
        self._line.append(wire)
        self._lined += 1
        self._flush_soon()

    def _flush_soon(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        had_line = bool(self._line)
        rooms, self._rooms = self._rooms, []
        for room in rooms:
            room.deliver()
        if rooms:
            self._spoken.append((self._lined, self._since_s))
        dirty, self._dirty = self._dirty, []
        self._is_due = False
        for wire in dirty:
            wire.write_pending()
        self._write_line(WIRES_A_TICK if had_line else self.at_once)
        self.at_once = 0 if self._line else WIRES_A_TICK
        if self._line:
            self._flush_soon()

    def _write_line(self, wires_max: int) -> None:
        line = self._line
        for _ in range(min(len(line), wires_max)):
            line.popleft().write_pending()
        written = self._lined - len(line)
        while self._spoken and self._spoken[0][0] <= written:
            self._observe(time.perf_counter() - self._spoken.popleft()[1])
