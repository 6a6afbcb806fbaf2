"""Plain arq: enqueues N empty jobs, then works them off. Prints what that took. `queue_arq.py REDIS_URL N SLOTS`."""

import asyncio
import json
import sys
import time

from arq.connections import RedisSettings, create_pool
from arq.worker import Worker, func


async def main(url: str, jobs: int, slots: int) -> None:
    redis = await create_pool(RedisSettings.from_dsn(url), default_queue_name="peer:arq")
    done, all_done = 0, asyncio.Event()

    async def empty(ctx: dict[str, object]) -> None:
        nonlocal done
        done += 1
        if done == jobs:
            all_done.set()

    for _ in range(jobs):
        await redis.enqueue_job("empty")
    worker = Worker(
        [func(empty, name="empty", keep_result=0)],
        queue_name="peer:arq",
        redis_pool=redis,
        handle_signals=False,
        max_jobs=slots,
        poll_delay=0.02,
        queue_read_limit=max(100, 5 * slots),
    )
    begun, cpu = time.perf_counter(), time.process_time()
    task = asyncio.create_task(worker.main())
    await all_done.wait()
    print(json.dumps({"s": time.perf_counter() - begun, "cpu_s": time.process_time() - cpu}))
    task.cancel()
    await asyncio.wait([task])


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
