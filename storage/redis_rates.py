"""The rates of all processes together, on Redis: one script, one round trip, one moment per key.

Not a cache of anything: what Redis forgets is forgiven.
"""

import asyncio
from pathlib import Path

from redis.asyncio import Redis

from storage.rates import Quota, Taken, taken
from storage.redis import redis_away

ANSWER_TIMEOUT_S = 0.25
"""A request does not wait longer to learn whether it may be made."""
_SCRIPT = Path(__file__).with_suffix(".lua")


class RedisRates:
    """Counts under `prefix`."""

    def __init__(self, client: Redis, prefix: str = "sf:rate:") -> None:
        self._take = client.register_script(_SCRIPT.read_text(encoding="utf-8"))
        self._prefix = prefix

    async def take(self, key: str, quota: Quota) -> Taken:
        with redis_away():
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                answer: list[int] = await self._take(
                    keys=[self._prefix + key], args=[quota.interval_us, quota.requests]
                )
        return taken(*answer)
