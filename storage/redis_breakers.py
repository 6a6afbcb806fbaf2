"""The breakers of all processes together, on Redis: one script, one round trip, one moment per key.

Not a cache of anything: what Redis forgets is forgiven.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from storage.breakers import HALF_LIFE_MS, KEPT_MS, PROBE_MS, Changed, Seen, State, Trip
from storage.redis import redis_away

ANSWER_TIMEOUT_S = 0.25
"""A call does not wait longer to learn whether it may be made."""
_SCRIPT = Path(__file__).with_suffix(".lua")


class RedisBreakers:
    """Circuits under `prefix`."""

    def __init__(self, client: Redis, prefix: str = "sf:breaker:") -> None:
        self._script = client.register_script(_SCRIPT.read_text(encoding="utf-8"))
        self._prefix = prefix

    async def look(self, keys: Sequence[str]) -> list[Seen]:
        return [_seen(each) for each in await self._run(keys, "look")] if keys else []

    async def admit(self, key: str) -> Seen:
        return _seen(await self._run([key], "admit", PROBE_MS))

    async def tell(self, key: str, fault: str | None, trip: Trip | None, *, is_probe: bool) -> Changed:
        rule = () if trip is None else (trip.weight, trip.share, trip.open_ms, trip.open_max_ms)
        before, after = await self._run([key], "tell", fault or "", int(is_probe), HALF_LIFE_MS, KEPT_MS, *rule)
        return Changed(_seen(before), _seen(after))

    async def _run(self, keys: Sequence[str], *args: str | int | float) -> Any:
        with redis_away():
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                return await self._script(keys=[self._prefix + key for key in keys], args=args)


def _seen(answer: Sequence[Any]) -> Seen:
    state, fault, retry_after_ms = answer
    return Seen(State(state.decode()), fault.decode(), retry_after_ms)
