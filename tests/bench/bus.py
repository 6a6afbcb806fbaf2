"""`python -m tests.bench.bus`: what a committed edit costs on its way to another node, by pub/sub and by streams.

Real Valkey, redis-py as the hub uses it; one process sends and receives, so CPU is of both sides. Decision 10.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from redis.asyncio import Redis
from rich.console import Console
from rich.progress import track
from rich.table import Table

from deploy.local.embedded import EmbeddedStores
from storage.bus import Message
from storage.redis import RedisBus, open_redis
from storage.tasks import beside

CHANNELS = 50
PAYLOAD_BYTES = 150
MESSAGES_PER_S = 1_000
SECONDS = 4.0
ROUNDS = 3
STREAM_ROWS_MAX = 1_000

Send = Callable[[list[tuple[str, bytes]]], Awaitable[None]]
Receive = Callable[[], Awaitable[list[bytes]]]


class Figures:
    """Milliseconds from sending to hearing, and CPU of this process in microseconds a message."""

    def __init__(self, late_ms: list[float], cpu_us: float) -> None:
        self.p50_ms = median(late_ms)
        self.p99_ms = quantiles(late_ms, n=100)[98]
        self.cpu_us = cpu_us


async def measured(send: Send, receive: Receive) -> Figures:
    total = int(MESSAGES_PER_S * SECONDS)
    late_ms: list[float] = []

    async def hear() -> None:
        while len(late_ms) < total:
            for payload in await receive():
                late_ms.append((time.perf_counter_ns() - int.from_bytes(payload[:8], "big")) / 1e6)

    begun_s, loop = time.process_time(), asyncio.get_running_loop()
    async with beside(hear()) as hearing:
        first_s = loop.time()
        for number in range(total):
            await asyncio.sleep(max(0.0, first_s + number / MESSAGES_PER_S - loop.time()))
            stamp = time.perf_counter_ns().to_bytes(8, "big")
            await send([(f"bench:{number % CHANNELS}", stamp + bytes(PAYLOAD_BYTES - 8))])
        await asyncio.wait([hearing], timeout=10)
    assert len(late_ms) == total, f"{len(late_ms)} of {total} messages came"
    return Figures(late_ms, (time.process_time() - begun_s) / total * 1e6)


async def by_pub_sub(url: str) -> Figures:
    """As the hub does it."""
    async with open_redis(url) as client:
        bus = RedisBus(client, url, random.Random())
        async with bus.subscription() as subscription:
            for number in range(CHANNELS):
                await subscription.add(f"bench:{number}")

            async def receive() -> list[bytes]:
                message = await subscription.next()
                assert isinstance(message, Message), "nothing is lost here"
                return [message.payload]

            return await measured(bus.publish_all, receive)


async def by_streams(url: str) -> Figures:
    """One stream a document, read together, cut to its newest entries."""
    async with open_redis(url) as writer, open_redis(url) as reader:
        await writer.delete(*(f"bench:{number}" for number in range(CHANNELS)))  # of the round before
        return await measured(*_streams(writer, reader))


def _streams(writer: Redis, reader: Redis) -> tuple[Send, Receive]:
    after: dict[bytes | str | memoryview, int | bytes | str | memoryview] = {
        f"bench:{number}": "0" for number in range(CHANNELS)
    }

    async def send(messages: list[tuple[str, bytes]]) -> None:
        async with writer.pipeline(transaction=False) as pipe:
            for stream, payload in messages:
                pipe.xadd(stream, {"p": payload}, maxlen=STREAM_ROWS_MAX, approximate=True)
            await pipe.execute()

    async def receive() -> list[bytes]:
        heard: list[bytes] = []
        for stream, entries in await reader.xread(after, count=1_000, block=1_000) or []:
            after[stream.decode()] = entries[-1][0]
            heard += [fields[b"p"] for _, fields in entries]
        return heard

    return send, receive


def main() -> None:
    argparse.ArgumentParser(prog="python -m tests.bench.bus", description=__doc__).parse_args()
    console = Console(highlight=False)
    ways = {"pub/sub": by_pub_sub, "streams": by_streams}
    found: dict[str, list[Figures]] = {name: [] for name in ways}
    with TemporaryDirectory() as folder, EmbeddedStores(Path(folder), durable=False) as stores:
        for _ in track(range(ROUNDS), "measuring both, in turns", console=Console(stderr=True)):
            for name, way in ways.items():
                found[name].append(asyncio.run(way(stores.endpoints.redis_url)))
    table = Table("", "p50 ms", "p99 ms", "CPU us a message")
    for name, figures in found.items():
        cells = [median(getattr(each, field) for each in figures) for field in ("p50_ms", "p99_ms", "cpu_us")]
        table.add_row(name, *(f"{cell:.2f}" for cell in cells))
    console.print(table)


if __name__ == "__main__":
    main()
