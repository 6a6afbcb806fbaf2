"""Circuit breakers: who fails too often is left alone for a while, then tried with one call at a time.

A circuit is one key with several faults, each with a rule of its own. Which faults there are and what they weigh is the
callers'. Here are the arithmetic and its form inside one process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

HALF_LIFE_MS = 60_000
"""A call of a minute ago counts half, one of two minutes ago a quarter."""
PROBE_MS = 120_000
"""So long a probe may be silent before another is let through: its caller may have died."""
KEPT_MS = 3_600_000
"""An hour after the last word a circuit is forgotten, and so forgiven."""


class State(StrEnum):
    """Of a circuit."""

    CLOSED = "closed"
    """Calls go through."""
    OPEN = "open"
    """None does."""
    HALF_OPEN = "half_open"
    """The next one goes through, as a probe."""
    PROBING = "probing"
    """One is on its way, others wait for what it brings."""


@dataclass(frozen=True, slots=True)
class Trip:
    """When a fault opens a circuit: it weighs at least `weight` and is `share` of all calls, fading as they age.

    Opened again by its probe it stays open twice as long, up to `open_max_ms`.
    """

    weight: float
    share: float
    open_ms: int
    open_max_ms: int


@dataclass(frozen=True, slots=True)
class Seen:
    """`fault`: the one that keeps it open the longest, empty where it is closed."""

    state: State
    fault: str = ""
    retry_after_ms: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """What a word did: the same state twice where it did nothing."""

    before: Seen
    after: Seen


class Breakers(Protocol):
    """Each raises `StoreAway`."""

    async def look(self, keys: Sequence[str]) -> list[Seen]:
        """Changes nothing."""

    async def admit(self, key: str) -> Seen:
        """Before a call. `HALF_OPEN`: it is the probe, and its end has to be told as such."""

    async def tell(self, key: str, fault: str | None, trip: Trip | None, *, is_probe: bool) -> Changed:
        """After a call. `fault` None: it went well. `trip` None: it went in a way that says nothing of the circuit."""


@dataclass(slots=True)
class Fault:
    """`count` fades. `until_ms` and `opens`: of a fault that opened the circuit, 0 of the others."""

    count: float = 0.0
    until_ms: int = 0
    opens: int = 0


@dataclass(slots=True)
class Circuit:
    """`calls` fade as the faults do, from `at_ms` on. `probe_ms`: until then a probe may be silent."""

    at_ms: int = 0
    calls: float = 0.0
    probe_ms: int = 0
    faults: dict[str, Fault] = field(default_factory=dict)


# Kept alike in `redis_breakers.lua` ------------------------------------------------------------------------


def seen(circuit: Circuit, now_ms: int) -> Seen:
    """Of faults that are open as long as each other the first by name."""
    opened = sorted((-each.until_ms, name) for name, each in circuit.faults.items() if each.opens)
    if not opened:
        return Seen(State.CLOSED)
    left_ms, fault = -opened[0][0] - now_ms, opened[0][1]
    if left_ms > 0:
        return Seen(State.OPEN, fault, left_ms)
    if circuit.probe_ms > now_ms:
        return Seen(State.PROBING, fault, circuit.probe_ms - now_ms)
    return Seen(State.HALF_OPEN, fault)


def admit(circuit: Circuit, now_ms: int) -> Seen:
    """Takes the probe where there is one to take."""
    found = seen(circuit, now_ms)
    if found.state is State.HALF_OPEN:
        circuit.probe_ms = now_ms + PROBE_MS
    return found


def tell(circuit: Circuit, now_ms: int, fault: str | None, trip: Trip | None, is_probe: bool) -> Changed:
    """While a circuit is not closed only its probe counts: whatever else ends now was begun before it opened."""
    before = seen(circuit, now_ms)
    _fade(circuit, now_ms)
    circuit.calls += 1
    known = None
    if fault is not None and trip is not None:
        known = circuit.faults.setdefault(fault, Fault())
        known.count += 1
    if before.state is State.CLOSED:
        if known is not None and trip is not None and known.count >= trip.weight:
            if known.count >= trip.share * circuit.calls:
                known.opens, known.until_ms = 1, now_ms + trip.open_ms
    elif is_probe and before.state is not State.OPEN:
        circuit.probe_ms = 0
        if fault is None:
            circuit.faults.clear()
        elif known is not None and trip is not None:
            known.opens = max(each.opens for each in circuit.faults.values()) + 1
            known.until_ms = now_ms + min(trip.open_max_ms, trip.open_ms * 2 ** (known.opens - 1))
    return Changed(before, seen(circuit, now_ms))


def _fade(circuit: Circuit, now_ms: int) -> None:
    left = 0.5 ** (max(0, now_ms - circuit.at_ms) / HALF_LIFE_MS)
    circuit.at_ms = now_ms
    circuit.calls *= left
    for each in circuit.faults.values():
        each.count *= left


# In one process --------------------------------------------------------------------------------------------


class MemoryBreakers:
    """One process's own. `now`: seconds, any origin."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._circuits: dict[str, Circuit] = {}

    async def look(self, keys: Sequence[str]) -> list[Seen]:
        now_ms = self._now_ms()
        return [seen(self._circuits.get(key, Circuit()), now_ms) for key in keys]

    async def admit(self, key: str) -> Seen:
        return admit(self._circuits.setdefault(key, Circuit()), self._now_ms())

    async def tell(self, key: str, fault: str | None, trip: Trip | None, *, is_probe: bool) -> Changed:
        return tell(self._circuits.setdefault(key, Circuit()), self._now_ms(), fault, trip, is_probe)

    def _now_ms(self) -> int:
        return round(self._now() * 1_000)
