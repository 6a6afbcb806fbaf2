"""What waits for a peer that does not read as fast as its room speaks (architecture.md P6). Sans-IO.

Bounded: what can be said anew later (edits, presence) is dropped first, and the peer is resynchronised when it has read
the rest; who falls behind again soon, or does not read at all, is closed.
"""

from collections import deque

from sync.limits import Limits

AGAIN_WITHIN_S = 30.0
"""Falling behind a second time so soon means that this peer is too slow for this room."""
BEHIND_S_MAX = 10.0
"""A peer that has not read what was before in this time does not read."""


class Outbox:
    """`is_behind`: edits and presence are not kept, because the peer will get all that it lacks at once."""

    __slots__ = ("_bytes", "_fell_at_s", "_frames", "_limits", "is_behind")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._frames: deque[tuple[bytes, int, bool]] = deque()
        """Frame, how much of the limit it takes, whether it can be said anew."""
        self._bytes = 0
        self._fell_at_s: float | None = None
        self.is_behind = False

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def waiting_bytes(self) -> int:
        """All that waits, answers to a join included."""
        return sum(len(frame) for frame, _, _ in self._frames)

    def add(self, frame: bytes, *, unbounded: bool, repeatable: bool, now_s: float) -> bool:
        """False: this peer cannot be helped. `unbounded` frames (answers to a join) take nothing of the limit."""
        if repeatable and self.is_behind:
            return True
        counted = 0 if unbounded else len(frame)
        self._frames.append((frame, counted, repeatable))
        self._bytes += counted
        if self._fits():
            return True
        if self._fell_at_s is not None and now_s - self._fell_at_s < AGAIN_WITHIN_S:
            return False
        self._fell_at_s = now_s
        self.is_behind = True
        self._frames = deque(waiting for waiting in self._frames if not waiting[2])
        self._bytes = sum(counted for _, counted, _ in self._frames)
        return self._fits()

    def _fits(self) -> bool:
        return self._bytes <= self._limits.outbox_bytes_max and len(self._frames) <= self._limits.outbox_frames_max

    def take(self) -> bytes:
        """The oldest frame."""
        frame, counted, _ = self._frames.popleft()
        self._bytes -= counted
        return frame

    def clear(self) -> None:
        self._frames.clear()
        self._bytes = 0

    def caught_up(self) -> bool:
        """Whether the peer has read all that was kept, and must now be told what was not."""
        if self._frames or not self.is_behind:
            return False
        self.is_behind = False
        return True
