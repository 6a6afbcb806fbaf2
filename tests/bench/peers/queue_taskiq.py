"""taskiq on a Redis list: enqueues N empty tasks, then works them off. `queue_taskiq.py REDIS_URL N SLOTS`."""

import asyncio
import json
import sys
import time

from taskiq.receiver import Receiver  # type: ignore[import-not-found]
from taskiq_redis import ListQueueBroker  # type: ignore[import-not-found]


async def main(url: str, jobs: int, slots: int) -> None:
    broker = ListQueueBroker(url=url, queue_name="peer-taskiq")
    done, all_done = 0, asyncio.Event()

    @broker.task(task_name="empty")  # type: ignore[untyped-decorator]
    async def empty() -> None:
        nonlocal done
        done += 1
        if done == jobs:
            all_done.set()

    await broker.startup()
    for _ in range(jobs):
        await empty.kiq()
    broker.is_worker_process = True
    receiver = Receiver(broker=broker, max_async_tasks=slots, run_startup=False)
    begun, cpu = time.perf_counter(), time.process_time()
    finish = asyncio.Event()
    task = asyncio.create_task(receiver.listen(finish))
    await all_done.wait()
    print(json.dumps({"s": time.perf_counter() - begun, "cpu_s": time.process_time() - cpu}))
    finish.set()
    task.cancel()
    await asyncio.wait([task])


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
