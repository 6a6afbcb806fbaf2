"""How much a connection may send. Over its rate the hub first stops reading, then closes with 4529 (PROTOCOL.md)."""

from sync.limits import Limits

DEBT_S_MAX = 10.0
"""More than this ahead of its rate, a connection is closed."""


class TokenBucket:
    """`rate_per_s` with a burst; spending is always recorded, also beyond what is there."""

    __slots__ = ("_at_s", "_level", "_level_max", "_rate_per_s")

    def __init__(self, rate_per_s: float, burst_s: float, now_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._level_max = rate_per_s * burst_s
        self._level = self._level_max
        self._at_s = now_s

    def spend(self, amount: float, now_s: float) -> float:
        """Seconds until the bucket is level again; 0 while there is enough."""
        self._level = min(self._level_max, self._level + (now_s - self._at_s) * self._rate_per_s)
        self._at_s = now_s
        self._level -= amount
        return max(0.0, -self._level / self._rate_per_s)

    def take(self, now_s: float) -> bool:
        """Spends one if there is one."""
        if self.spend(0, now_s) > 0 or self._level < 1:
            return False
        self._level -= 1
        return True


class Budget:
    """One connection's."""

    __slots__ = ("_bytes", "_presence", "_updates")

    def __init__(self, limits: Limits, now_s: float) -> None:
        self._updates = TokenBucket(limits.updates_per_s_max, limits.burst_s, now_s)
        self._bytes = TokenBucket(limits.update_bytes_per_s_max, limits.burst_s, now_s)
        self._presence = TokenBucket(limits.awareness_per_s_max, limits.burst_s, now_s)

    def edit(self, frame_bytes: int, now_s: float) -> float:
        """How long not to read on, in seconds."""
        return max(self._updates.spend(1, now_s), self._bytes.spend(frame_bytes, now_s))

    def bytes(self, frame_bytes: int, now_s: float) -> float:
        """A part of a message that is no edit yet: as `edit`."""
        return self._bytes.spend(frame_bytes, now_s)

    def presence(self, now_s: float) -> bool:
        """Whether one more change of presence may pass; otherwise it is dropped."""
        return self._presence.take(now_s)
