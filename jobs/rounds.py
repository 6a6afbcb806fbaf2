"""Work that a worker does again and again by the clock, as long as it lives."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from storage.errors import StoreAway

log = logging.getLogger("storyforge.jobs")


async def again(work: Callable[[], Awaitable[None]], interval_s: float, failed: str) -> None:
    """At once and then every `interval_s`, until cancelled. `failed`: the event that says that a round did not end."""
    while True:
        try:
            await work()
        except StoreAway:
            pass  # nobody can do anything; the next round looks again
        except Exception:
            log.exception(failed)
        await asyncio.sleep(interval_s)
