"""The queue on arq, used as a bell only: payloads are JSON of three values, results are not kept, job ids never return.

The worker's side must be given `QUEUE_NAME`, `FUNCTION`, `serialize` and `deserialize`.
"""

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool

from storage.redis import redis_away
from storage.tables.steps import Ring

QUEUE_NAME = "sf:arq"
FUNCTION = "run"
CONNECT_TIMEOUT_S = 1.0
EXPIRES_S = 3600
"""A bell nobody heard for so long is not rung: the sweeper rings again."""


def serialize(job: dict[str, Any]) -> bytes:
    """arq's own choice is pickle: whoever can write to Redis could run code in a worker."""
    return json.dumps(job, separators=(",", ":"), default=repr).encode()


def deserialize(data: bytes) -> dict[str, Any]:
    """Inverse of `serialize`."""
    job: dict[str, Any] = json.loads(data)
    return job


class ArqQueue:
    """Rings `run(ctx, run_id: hex, step, epoch)` in some worker."""

    def __init__(self, connection: ArqRedis) -> None:
        self.connection = connection

    async def wake(self, ring: Ring) -> None:
        words = (ring.run_id.hex, ring.name, ring.epoch)
        job_id = f"{ring.run_id.hex}:{ring.name}:{ring.epoch}:{secrets.token_hex(8)}"
        wait_s = ring.after_s or None
        expires_s = EXPIRES_S + ring.after_s
        with redis_away():
            await self.connection.enqueue_job(FUNCTION, *words, _job_id=job_id, _defer_by=wait_s, _expires=expires_s)


@asynccontextmanager
async def open_arq_queue(redis_url: str) -> AsyncIterator[ArqQueue]:
    """Connects at once. Raises `StoreAway`.

    Not by arq's `create_pool`: cancelled in the middle, it leaves a connection that nobody closes.
    """
    pool = ConnectionPool.from_url(redis_url, socket_connect_timeout=CONNECT_TIMEOUT_S)
    redis = ArqRedis(pool, serialize, deserialize, QUEUE_NAME)
    try:
        with redis_away():
            await redis.ping()
        yield ArqQueue(redis)
    finally:
        await redis.aclose()
        await pool.disconnect()
