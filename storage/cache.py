"""Values that are used once and expire: tickets, hand-overs.

Losing one costs its owner a second try, so nothing that must last is kept here.
"""

from collections.abc import Callable
from typing import Protocol


class Cache(Protocol):
    """`put` replaces; `take` gives a value to exactly one caller. Both raise `StoreAway`."""

    async def put(self, key: str, value: bytes, ttl_s: float) -> None: ...

    async def take(self, key: str) -> bytes | None: ...


class MemoryCache:
    """A cache inside one process. `now`: seconds, any monotonic origin."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._values: dict[str, tuple[float, bytes]] = {}

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        now = self._now()
        self._values = {name: entry for name, entry in self._values.items() if entry[0] > now}
        self._values[key] = (now + ttl_s, value)

    async def take(self, key: str) -> bytes | None:
        expires_at, value = self._values.pop(key, (self._now(), b""))
        return value if expires_at > self._now() else None
