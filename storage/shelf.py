"""What was made once, by its exact key, for a while; and who makes it just now, so that nobody makes it twice at once.

A cache: what it forgets is made again. Keys belong to a project, and go with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

VALUE_BYTES_MAX = 65_536
"""Values name media by hash, they do not hold it. Longer ones are not kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """It is there."""

    value: bytes


@dataclass(frozen=True, slots=True)
class Mine:
    """It is not there, and whoever asked holds the lease now."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """Somebody else is making it; his lease ends in `lease_s` unless he renews it."""

    lease_s: float


Claim = Kept | Mine | Theirs


class Shelf(Protocol):
    """`key`: 64 hexadecimal characters. All raise `StoreAway`."""

    async def look(self, project_id: UUID, key: str) -> bytes | None:
        """The value, and no claim to it."""
        ...

    async def claim(self, project_id: UUID, key: str, holder: str, lease_s: float) -> Claim:
        """The value, or the lease, or who has it: decided at one moment."""
        ...

    async def renew(self, project_id: UUID, key: str, holder: str, lease_s: float) -> bool:
        """False: the lease was lost."""
        ...

    async def free(self, project_id: UUID, key: str, holder: str) -> None:
        """Ends one's own lease; another's is left alone."""
        ...

    async def put(self, project_id: UUID, key: str, holder: str, value: bytes, ttl_s: float) -> bytes:
        """Keeps it and ends one's own lease. The first value stays: returns what is kept now."""
        ...

    async def lengthen(self, project_id: UUID, key: str, value: bytes, ttl_s: float) -> None:
        """Replaces a value that is still there."""
        ...

    async def remove(self, project_id: UUID, key: str) -> None:
        """The value; a lease is left alone."""
        ...

    async def forget(self, project_id: UUID) -> None:
        """Everything of the project."""
        ...


class MemoryShelf:
    """Inside one process. `now`: seconds, any monotonic origin."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._values: dict[tuple[UUID, str], tuple[float, bytes]] = {}
        self._leases: dict[tuple[UUID, str], tuple[float, str]] = {}

    async def look(self, project_id: UUID, key: str) -> bytes | None:
        now = self._now()
        ends_at, value = self._values.get((project_id, key), (now, b""))
        return value if ends_at > now else None

    async def claim(self, project_id: UUID, key: str, holder: str, lease_s: float) -> Claim:
        now, place = self._now(), (project_id, key)
        if (value := await self.look(project_id, key)) is not None:
            return Kept(value)
        until, other = self._leases.get(place, (now, holder))
        if until > now and other != holder:
            return Theirs(until - now)
        self._leases[place] = (now + lease_s, holder)
        return Mine()

    async def renew(self, project_id: UUID, key: str, holder: str, lease_s: float) -> bool:
        if not self._holds(project_id, key, holder):
            return False
        self._leases[project_id, key] = (self._now() + lease_s, holder)
        return True

    async def free(self, project_id: UUID, key: str, holder: str) -> None:
        if self._holds(project_id, key, holder):
            del self._leases[project_id, key]

    async def put(self, project_id: UUID, key: str, holder: str, value: bytes, ttl_s: float) -> bytes:
        now, place = self._now(), (project_id, key)
        self._values = {name: entry for name, entry in self._values.items() if entry[0] > now}
        if len(value) <= VALUE_BYTES_MAX:
            self._values.setdefault(place, (now + ttl_s, value))
        await self.free(project_id, key, holder)
        return self._values.get(place, (now, value))[1]

    async def lengthen(self, project_id: UUID, key: str, value: bytes, ttl_s: float) -> None:
        now, place = self._now(), (project_id, key)
        if self._values.get(place, (now, b""))[0] > now:
            self._values[place] = (now + ttl_s, value)

    async def remove(self, project_id: UUID, key: str) -> None:
        self._values.pop((project_id, key), None)

    async def forget(self, project_id: UUID) -> None:
        self._values = {place: entry for place, entry in self._values.items() if place[0] != project_id}

    def _holds(self, project_id: UUID, key: str, holder: str) -> bool:
        until, other = self._leases.get((project_id, key), (0.0, ""))
        return other == holder and until > self._now()
