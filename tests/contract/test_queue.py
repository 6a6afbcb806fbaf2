"""One suite for every queue: in memory and on arq. A worker's side of arq is its own library's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from arq.worker import Worker, func
from redis.asyncio import Redis

from storage.arq_queue import FUNCTION, QUEUE_NAME, deserialize, open_arq_queue, serialize
from storage.errors import StoreAway
from storage.queue import MemoryQueue, Queue
from storage.tables.steps import Ring


@dataclass(frozen=True)
class Side:
    queue: Queue
    heard: Callable[[int], Awaitable[list[Ring]]]
    """The next so many wake-ups, as a worker gets them."""


@asynccontextmanager
async def arq_side(redis_url: str) -> AsyncIterator[Side]:
    heard: asyncio.Queue[Ring] = asyncio.Queue()

    async def run(ctx: dict[str, object], run_id: str, name: str, epoch: int) -> None:
        heard.put_nowait(Ring(UUID(run_id), name, epoch))

    async with open_arq_queue(redis_url) as queue:
        await queue.connection.delete(QUEUE_NAME)  # what other tests have rung for, and nobody heard
        worker = Worker(
            functions=[func(run, name=FUNCTION, keep_result=0)],
            queue_name=QUEUE_NAME,
            redis_pool=queue.connection,
            job_serializer=serialize,
            job_deserializer=deserialize,
            poll_delay=0.01,
            handle_signals=False,
        )

        async def take(count: int) -> list[Ring]:
            async with asyncio.timeout(10), asyncio.TaskGroup() as group:
                working = group.create_task(worker.async_run())
                wakes = [await heard.get() for _ in range(count)]
                working.cancel()
            return wakes

        try:
            yield Side(queue, take)
        finally:
            await asyncio.gather(*worker.tasks.values(), return_exceptions=True)


@pytest_asyncio.fixture(params=["memory", "arq"])
async def side(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Side]:
    if request.param == "memory":
        queue = MemoryQueue()

        async def take(count: int) -> list[Ring]:
            wakes = [queue.take() for _ in range(count)]
            return [wake for wake in wakes if wake is not None]

        yield Side(queue, take)
    else:
        async with arq_side(redis_url) as side:
            yield side


async def test_a_wake_up_says_which_step_and_epoch(side: Side) -> None:
    ring = Ring(uuid4(), "clip", 3)
    await side.queue.wake(ring)
    assert await side.heard(1) == [ring]


async def test_the_same_step_and_epoch_may_be_woken_for_again(side: Side) -> None:
    ring = Ring(uuid4(), "clip", 1)
    await side.queue.wake(ring)
    await side.queue.wake(ring)
    assert await side.heard(2) == [ring] * 2


async def test_nothing_on_redis_is_a_pickle_and_ids_never_return(redis_url: str) -> None:
    run_id = uuid4()
    async with open_arq_queue(redis_url) as queue, Redis.from_url(redis_url) as redis:
        await queue.wake(Ring(run_id, "clip", 1))
        await queue.wake(Ring(run_id, "clip", 1))
        keys = [key async for key in redis.scan_iter(f"arq:job:{run_id.hex}:clip:1:*")]
        assert len(set(keys)) == 2
        for key in keys:
            assert deserialize(await redis.get(key))["a"] == [run_id.hex, "clip", 1]
            assert 0 < await redis.pttl(key) <= 3_600_000
            await redis.zrem(QUEUE_NAME, key.removeprefix(b"arq:job:"))
            await redis.delete(key)


async def test_a_queue_that_cannot_connect_is_store_away() -> None:
    with pytest.raises(StoreAway):
        async with open_arq_queue("redis://127.0.0.1:1"):
            pass
