"""What is done to a studio, by name: kill -9, stop and continue, flush. Each returns when recovery may begin."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from random import Random

from deploy.local.demo.nodes import Node
from tests.chaos.studio import Studio, restart, signal_all

STOPPED_S = 3.0
Fault = Callable[[Studio, Random], Awaitable[None]]


async def _kill(node: Node) -> None:
    node.kill()
    node.start()


async def _pause(node: Node) -> None:
    assert node.process is not None
    node.process.send_signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(STOPPED_S)
    finally:
        node.process.send_signal(signal.SIGCONT)


async def kill_hub(studio: Studio, rng: Random) -> None:
    await _kill(rng.choice(studio.hubs))


async def kill_both_hubs(studio: Studio, rng: Random) -> None:
    for hub in studio.hubs:
        hub.kill()
    for hub in studio.hubs:
        hub.start()


async def stop_hub(studio: Studio, rng: Random) -> None:
    await _pause(rng.choice(studio.hubs))


async def kill_worker(studio: Studio, rng: Random) -> None:
    await _kill(studio.nodes.worker)


async def stop_worker(studio: Studio, rng: Random) -> None:
    await _pause(studio.nodes.worker)


async def kill_postgres(studio: Studio, rng: Random) -> None:
    await _kill_store(studio, "postgres")


async def stop_postgres(studio: Studio, rng: Random) -> None:
    await _pause_store(studio, "postgres")


async def kill_valkey(studio: Studio, rng: Random) -> None:
    await _kill_store(studio, "valkey")


async def stop_valkey(studio: Studio, rng: Random) -> None:
    await _pause_store(studio, "valkey")


async def flush_valkey(studio: Studio, rng: Random) -> None:
    await studio.flush_valkey()


async def _kill_store(studio: Studio, name: str) -> None:
    store = studio.store(name)
    process = store.start()
    signal_all(process, signal.SIGKILL)
    process.wait()
    await asyncio.sleep(0.25)
    restart(store)


async def _pause_store(studio: Studio, name: str) -> None:
    process = studio.store(name).start()
    signal_all(process, signal.SIGSTOP)
    try:
        await asyncio.sleep(STOPPED_S)
    finally:
        signal_all(process, signal.SIGCONT)


FAULTS: dict[str, Fault] = {
    "hub kill -9": kill_hub,
    "both hubs kill -9": kill_both_hubs,
    "hub stopped 3 s": stop_hub,
    "worker kill -9": kill_worker,
    "worker stopped 3 s": stop_worker,
    "PostgreSQL kill -9": kill_postgres,
    "PostgreSQL stopped 3 s": stop_postgres,
    "Valkey kill -9": kill_valkey,
    "Valkey stopped 3 s": stop_valkey,
    "Valkey flushed": flush_valkey,
}
