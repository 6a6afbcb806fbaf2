"""How often somebody may: the generic cell rate algorithm (GCRA), and its form inside one process.

A quota is one moment per key, so counting costs as much for a million requests as for one. Whom a key stands for, and
what happens to those over a quota, is the doors'.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

KEYS_MAX = 50_000
"""Of a `MemoryRates`; beyond, those with the most left are forgotten."""
_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Quota:
    """`requests` at once, which come back one after another, all of them within `window_s` seconds."""

    requests: int
    window_s: int

    @property
    def interval_us(self) -> int:
        """After which one more may be made, in microseconds."""
        return max(1, self.window_s * _US // self.requests)


@dataclass(frozen=True, slots=True)
class Taken:
    """`left`: how many more at once. `retry_after_s`: 0 when it was granted. `full_in_s`: until all have come back."""

    is_granted: bool
    left: int
    retry_after_s: float
    full_in_s: float


class Rates(Protocol):
    """`take` asks for one request; what is refused costs nothing. Raises `StoreAway`."""

    async def take(self, key: str, quota: Quota) -> Taken: ...


def taken(is_granted: int, left: int, retry_after_us: int, full_in_us: int) -> Taken:
    """From the whole numbers in which both forms count."""
    return Taken(bool(is_granted), left, retry_after_us / _US, full_in_us / _US)


def gcra(full_at_us: int, now_us: int, quota: Quota) -> tuple[Taken, int]:
    """(the answer, the new `full_at_us`): when the key will have its whole quota again. Kept alike in
    `redis_rates.lua`."""
    interval, whole = quota.interval_us, quota.interval_us * quota.requests
    owed = max(full_at_us - now_us, 0)
    if owed + interval > whole:
        return taken(False, 0, owed + interval - whole, owed), full_at_us
    owed += interval
    return taken(True, (whole - owed) // interval, 0, owed), now_us + owed


class MemoryRates:
    """One process's own count. `now`: seconds, any monotonic origin."""

    def __init__(self, now: Callable[[], float], keys_max: int = KEYS_MAX) -> None:
        self._now = now
        self._keys_max = keys_max
        self._full_at_us: dict[str, int] = {}

    async def take(self, key: str, quota: Quota) -> Taken:
        now_us = round(self._now() * _US)
        answer, full_at_us = gcra(self._full_at_us.get(key, 0), now_us, quota)
        self._full_at_us[key] = full_at_us
        if len(self._full_at_us) > self._keys_max:
            self._forget(now_us)
        return answer

    def _forget(self, now_us: int) -> None:
        """Who has all back is like one never seen; if those are few, half of the keys go, the fullest first."""
        owing = {key: at for key, at in self._full_at_us.items() if at > now_us}
        if len(owing) > self._keys_max // 2:
            owing = dict(sorted(owing.items(), key=lambda entry: entry[1])[-(self._keys_max // 2) :])
        self._full_at_us = owing
