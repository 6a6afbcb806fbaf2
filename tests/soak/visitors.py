"""People of a soak: they come, edit, move their cursor, read slowly, vanish and come back, on both stock dialects.

Nothing is judged here; what they met is counted.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.interop.participants import DIALECTS, Participant, join
from tests.interop.wire import presence, set_key

STAY_S = (0.5, 6.0)
AWAY_S = (0.0, 1.0)
BETWEEN_EDITS_S = (0.02, 0.3)
VALUE_CHARS_MAX = 2_000
SLOW_SHARE, ABRUPT_SHARE = 0.1, 0.3
"""Of visits: who stops reading half-way; whose connection breaks instead of being closed."""
JOIN_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Shelf:
    """Documents with tokens. Only `open_at_once` of them are visited at a time; the window moves on with `share`."""

    documents: Sequence[tuple[str, str]]
    open_at_once: int

    def pick(self, share: float, rng: Random) -> tuple[str, str]:
        """`share`: of the soak that is over, 0 to 1."""
        first = int(share * (len(self.documents) - self.open_at_once))
        return self.documents[first + rng.randrange(self.open_at_once)]


@dataclass(slots=True)
class Met:
    """`ends`: how visits ended that did not end as the visitor wanted."""

    visits: int = 0
    edits: int = 0
    ends: Counter[str] = field(default_factory=Counter)


async def visit_forever(base: str, shelf: Shelf, share: Callable[[], float], rng: Random, met: Met) -> None:
    """One visit after the other, until cancelled. `share`: how much of the soak is over."""
    while True:
        name, token = shelf.pick(share(), rng)
        try:
            await asyncio.wait_for(_visit(base, name, token, rng, met), JOIN_TIMEOUT_S + STAY_S[1])
        except (ConnectionClosed, InvalidStatus, OSError, TimeoutError) as error:
            met.ends[type(error).__name__] += 1
        met.visits += 1
        await asyncio.sleep(rng.uniform(*AWAY_S))


async def _visit(base: str, name: str, token: str, rng: Random, met: Met) -> None:
    loop = asyncio.get_running_loop()
    async with join(rng.choice(DIALECTS), base, name, token) as one:
        until_s = loop.time() + rng.uniform(*STAY_S)
        reader = asyncio.ensure_future(_read(one))
        try:
            await _work(one, until_s, rng, met)
            if rng.random() < ABRUPT_SHARE:
                one.socket.connection.transport.abort()
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)


async def _work(one: Participant, until_s: float, rng: Random, met: Met) -> None:
    loop, client, clock = asyncio.get_running_loop(), rng.randrange(1, 2**31), 0
    slow_at_s = loop.time() + 0.5 if rng.random() < SLOW_SHARE else until_s
    await one.awareness(presence(client, 1, '{"user":{"name":"soak"}}'))
    while loop.time() < until_s:
        value = "x" * rng.randrange(VALUE_CHARS_MAX)
        await one.update(set_key(client, clock, "ext", f"k{rng.randrange(50)}", value))
        await one.awareness(presence(client, clock + 2, f'{{"cursor":{clock}}}'))
        clock += 1
        met.edits += 1
        if loop.time() > slow_at_s:
            one.socket.connection.transport.pause_reading()
        await asyncio.sleep(rng.uniform(*BETWEEN_EDITS_S))


async def _read(one: Participant) -> None:
    while True:
        await one.socket.next()
        one.socket.said.clear()
