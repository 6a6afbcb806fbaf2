"""A worker in a process of its own, for tests that kill it. Stores from the environment; SIGTERM stops it."""

import asyncio
import os
import signal

from jobs.main import run_worker
from jobs.settings import WorkerSettings
from storage.settings import StoreSettings
from storage.stores import open_stores


async def main() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_stores(StoreSettings.from_env(os.environ)) as stores:
        worker = asyncio.create_task(run_worker(WorkerSettings.from_env(os.environ), stores))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([worker, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        worker.cancel()
        await asyncio.wait([worker])


if __name__ == "__main__":
    asyncio.run(main())
