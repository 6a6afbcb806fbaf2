"""A document of a provider's, kept: asked for when it is first needed and when it is old, by one caller for all.

While the provider is away the old one is used.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from services.users.errors import ProviderAway

log = logging.getLogger("storyforge.users.openid")

RENEWAL_FLOOR_S = 10.0
"""Between two requests, however many tokens name keys that do not exist."""

T = TypeVar("T")


class Kept(Generic[T]):
    """`fetch` raises `ProviderAway`. `clock`: seconds, any monotonic origin."""

    def __init__(self, fetch: Callable[[], Awaitable[T]], clock: Callable[[], float], age_s_max: float) -> None:
        self._fetch = fetch
        self._clock = clock
        self._age_s_max = age_s_max
        self._value: T | None = None
        self._got_at = 0.0
        self._asked_at: float | None = None
        self._asking = asyncio.Lock()

    async def get(self) -> T:
        """Raises `ProviderAway` only where there never was one."""
        value = self._value
        if value is None or (self._clock() - self._got_at > self._age_s_max and not self._asking.locked()):
            return await self.renewed()
        return value  # not old, or somebody is asking for a newer one: nobody else waits for that

    async def renewed(self) -> T:
        """A newer one, unless it was asked for within the floor. Raises as `get` does."""
        async with self._asking:  # whoever waited here finds what the first one got
            if self._asked_at is None or self._clock() - self._asked_at >= RENEWAL_FLOOR_S:
                self._asked_at = self._clock()
                await self._ask()
        if self._value is None:
            raise ProviderAway(ProviderAway.__doc__)
        return self._value

    async def _ask(self) -> None:
        try:
            self._value = await self._fetch()
            self._got_at = self._clock()
        except ProviderAway as error:
            log.warning("openid.away", extra={"why": str(error)})
            if self._value is None:
                raise
