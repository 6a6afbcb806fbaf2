"""arq as a bell: its worker rings, the crew attends. Restarted when it breaks, for it ends at any error of Redis.

Not a store of jobs: what it loses, the sweeper finds.
"""

import asyncio
import logging
import random
from contextlib import suppress
from typing import Any
from uuid import UUID

from arq.connections import ArqRedis
from arq.worker import Worker, func
from redis.exceptions import RedisError

from jobs.crew import Crew
from jobs.metrics import WorkerMetrics
from storage.arq_queue import FUNCTION, QUEUE_NAME, ArqQueue, deserialize, open_arq_queue, serialize
from storage.errors import StoreAway
from storage.tables.steps import Ring

log = logging.getLogger("storyforge.jobs")

POLL_S = 0.02
"""A step follows the one before it within so much. An empty look takes 0.5 ms: 2 % of a core while there is nothing."""
READ_LIMIT = 1_000
"""Also the most runs that may be in progress over all workers: arq counts those that it reads past."""
JOB_TIMEOUT_S = 1_000
BACK_OFF_S = (0.5, 8.0)


class Line:
    """The queue that this worker rings others with: over the bell's connection, `StoreAway` while it has none."""

    def __init__(self) -> None:
        self.queue: ArqQueue | None = None

    async def wake(self, ring: Ring) -> None:
        if self.queue is None:
            raise StoreAway("Redis: not connected")
        await self.queue.wake(ring)


class Bell:
    """`run` answers rings until cancelled."""

    def __init__(
        self, redis_url: str, line: Line, crew: Crew, metrics: WorkerMetrics, slots: int, rng: random.Random
    ) -> None:
        self._redis_url = redis_url
        self._line = line
        self._crew = crew
        self._metrics = metrics
        self._slots = slots
        self._rng = rng

    async def run(self) -> None:
        """Again and again, with a growing pause."""
        pause_s = BACK_OFF_S[0]
        while True:
            started = asyncio.get_running_loop().time()
            try:
                async with open_arq_queue(self._redis_url) as queue:
                    self._line.queue = queue
                    await self._ring(queue.connection)
            except (StoreAway, RedisError, OSError) as error:
                log.warning("bell.broke", extra={"error": str(error)})
            except Exception:
                log.exception("bell.broke")
            finally:
                self._line.queue = None
            self._metrics.bell_breaks.inc()
            lived_s = asyncio.get_running_loop().time() - started
            pause_s = BACK_OFF_S[0] if lived_s > 60 else min(BACK_OFF_S[1], 2 * pause_s)
            await asyncio.sleep(pause_s * self._rng.uniform(0.5, 1.0))

    async def _ring(self, redis: ArqRedis) -> None:
        async def answer(ctx: dict[Any, Any], *args: Any, **kwargs: Any) -> None:
            """arq's view of a step: busy until it is out of our hands. The rows say what is to be done."""
            with suppress(ValueError, IndexError, TypeError):  # not a ring of ours
                await self._crew.attend(Ring(UUID(hex=args[0]), str(args[1]), int(args[2])))

        worker = Worker(
            [func(answer, name=FUNCTION, keep_result=0, timeout=JOB_TIMEOUT_S, max_tries=1_000_000)],
            queue_name=QUEUE_NAME,
            redis_pool=redis,
            handle_signals=False,
            max_jobs=self._slots,
            keep_result=0,
            poll_delay=POLL_S,
            queue_read_limit=READ_LIMIT,
            log_results=False,
            job_serializer=serialize,
            job_deserializer=deserialize,
        )
        try:
            await worker.main()
        finally:
            for task in (*worker.tasks.values(), *worker.job_tasks.values()):
                task.cancel()
            with suppress(Exception):  # what is left is a key that expires
                await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
