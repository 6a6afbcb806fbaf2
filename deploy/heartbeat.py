"""Proof of life for a supervisor outside the process: a file touched from the event loop every second.

A loop that native code holds for ever cannot tell anybody; a file that stays old does. Also measures lateness and
counts tasks.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, Histogram

from storage.tasks import beside

BEAT_EVERY_S = 1.0
AGE_MAX_S = 5.0
"""A supervisor replaces a process whose file has not changed for so long."""
LATENESS_BUCKETS_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@asynccontextmanager
async def beating(file: Path | None, registry: CollectorRegistry, every_s: float = BEAT_EVERY_S) -> AsyncIterator[None]:
    """`file` None: nobody watches, only the metric is kept."""
    lateness = Histogram(
        "storyforge_loop_lateness_seconds",
        "How much later than asked the event loop came back to a task",
        registry=registry,
        buckets=LATENESS_BUCKETS_S,
    )
    tasks = Gauge("storyforge_asyncio_tasks", "Tasks of the event loop, at the last beat", registry=registry)
    async with beside(_beat(file, lateness, tasks, every_s)):
        yield


async def _beat(file: Path | None, lateness: Histogram, tasks: Gauge, every_s: float) -> None:
    loop = asyncio.get_running_loop()
    while True:
        if file is not None:
            file.touch()  # noqa: ASYNC240 - one utime call; a thread would hide a loop that stands still
        tasks.set(len(asyncio.all_tasks()))
        due = loop.time() + every_s
        await asyncio.sleep(every_s)
        lateness.observe(max(0.0, loop.time() - due))
