"""saq on Redis: enqueues N empty jobs, then works them off. Prints what that took. `queue_saq.py REDIS_URL N SLOTS`."""

import asyncio
import json
import sys
import time

from saq import Queue, Worker  # type: ignore[import-not-found]


async def main(url: str, jobs: int, slots: int) -> None:
    queue = Queue.from_url(url, name="peer-saq")
    done, all_done = 0, asyncio.Event()

    async def empty(ctx: dict[str, object]) -> None:
        nonlocal done
        done += 1
        if done == jobs:
            all_done.set()

    await queue.connect()
    for _ in range(jobs):
        await queue.enqueue("empty", ttl=-1)
    worker = Worker(queue, functions=[("empty", empty)], concurrency=slots)
    begun, cpu = time.perf_counter(), time.process_time()
    task = asyncio.create_task(worker.start())
    await all_done.wait()
    print(json.dumps({"s": time.perf_counter() - begun, "cpu_s": time.process_time() - cpu}))
    await worker.stop()
    task.cancel()
    await asyncio.wait([task])


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
