"""Two hubs over Redis: how much later does an edit arrive on the other node than on its author's?

A driver in Python: its own time is in both numbers.
"""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

import httpx
from pycrdt import Doc, Map
from websockets.asyncio.client import ClientConnection, connect

from tests.bench.errors import BenchError
from tests.bench.figures import Result
from tests.bench.ours import Stores
from tests.bench.servers import LOAD_CORE, SERVER_CORE
from tests.interop.wire import STEP1, STEP2, SYNC, UPDATE, var_bytes

RATE_PER_S = 10
WARMUP_S = 1.0
DURATION_S = 10.0
DRAIN_S = 10.0
ALLOWED_EXTRA_MS = 5
MARK = re.compile(rb"@@([0-9a-f]{8})")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Times:
    """`sent`: by edit; of the edits of the warm-up too, which are not counted."""

    sent: list[float] = field(default_factory=list)
    counted: set[int] = field(default_factory=set)
    same: dict[int, float] = field(default_factory=dict)
    cross: dict[int, float] = field(default_factory=dict)

    def summary(self, commit_ms: float) -> dict[str, object]:
        same, cross = self._ms(self.same), self._ms(self.cross)
        allowed = 2 * percentile(same, 0.99) + commit_ms + ALLOWED_EXTRA_MS
        return {
            "ok": bool(same and cross),
            "same_ms": {"n": len(same), "p50": percentile(same, 0.5), "p99": percentile(same, 0.99)},
            "cross_ms": {"n": len(cross), "p50": percentile(cross, 0.5), "p99": percentile(cross, 0.99)},
            "commit_ms": commit_ms,
            "cross_over_allowed": percentile(cross, 0.99) / allowed,
            "missing": 2 * len(self.counted) - len(same) - len(cross),
        }

    def _ms(self, received: dict[int, float]) -> list[float]:
        return sorted(1000 * (received[edit] - self.sent[edit]) for edit in self.counted if edit in received)


def percentile(ordered: list[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed; 0 of none."""
    return ordered[max(ceil(share * len(ordered)), 1) - 1] if ordered else 0.0


def measured(stores: Stores, documents: int) -> Result:
    lines = stores.documents(documents).read_text().splitlines()
    names = [tuple(line.split("\t")) for line in lines]
    with stores.hub(SERVER_CORE) as (pid_a, port_a), stores.hub(LOAD_CORE) as (pid_b, port_b):
        before, stores_before, driver_before, begun = _cpu_s(pid_a, pid_b), _cpu_s(stores.pid), _own_s(), time.time()
        times = asyncio.run(_drive([(name, token) for name, token in names], port_a, port_b))
        seconds = time.time() - begun
        return times.summary(_commit_ms(port_a)) | {
            "hubs_cpu_pct": 100 * (_cpu_s(pid_a, pid_b) - before) / seconds,
            "stores_cpu_pct": 100 * (_cpu_s(stores.pid) - stores_before) / seconds,
            "driver_cpu_pct": 100 * (_own_s() - driver_before) / seconds,
        }


async def _drive(names: list[tuple[str, str]], port_a: int, port_b: int) -> Times:
    times, loop = Times(), asyncio.get_running_loop()
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as readers:
        writers: list[ClientConnection] = []
        reading: list[asyncio.Task[None]] = []
        for name, token in names:
            writers.append(await stack.enter_async_context(_joined(port_a, name, token)))
            for port, received in ((port_a, times.same), (port_b, times.cross)):
                reader = await stack.enter_async_context(_joined(port, name, token))
                reading.append(readers.create_task(_read(reader, received)))
        begun = loop.time()
        async with asyncio.TaskGroup() as typing:
            for number, writer in enumerate(writers):
                typing.create_task(_write(writer, times, begun + number / RATE_PER_S / len(writers)))
        until = loop.time() + DRAIN_S
        while loop.time() < until and min(len(times.same), len(times.cross)) < len(times.sent):
            await asyncio.sleep(0.05)
        for task in reading:
            task.cancel()
    return times


@asynccontextmanager
async def _joined(port: int, name: str, token: str) -> AsyncIterator[ClientConnection]:
    """Has both sync steps behind it."""
    address = f"ws://127.0.0.1:{port}/sync/{name}?token={token}"
    async with connect(address, compression=None, ping_interval=None) as socket:
        await socket.send(bytes([SYNC, STEP1]) + var_bytes(b"\x00"))
        seen: set[int] = set()
        while not seen >= {STEP1, STEP2}:
            frame = await socket.recv()
            if not isinstance(frame, bytes):
                raise BenchError("the hub sent a text frame")
            if frame[0] == SYNC:
                seen.add(frame[1])
        await socket.send(bytes([SYNC, STEP2]) + var_bytes(b"\x00\x00"))
        yield socket


async def _write(socket: ClientConnection, times: Times, first_at: float) -> None:
    """Overwrites its own key, evenly spaced."""
    loop = asyncio.get_running_loop()
    doc: Doc[Map[str]] = Doc()
    root = doc.get("ext", type=Map[str])
    out: list[bytes] = []
    watching = doc.observe(lambda event: out.append(event.update))
    for number in range(int((WARMUP_S + DURATION_S) * RATE_PER_S)):
        await asyncio.sleep(max(0.0, first_at + number / RATE_PER_S - loop.time()))
        edit = len(times.sent)
        times.sent.append(loop.time())
        if number >= WARMUP_S * RATE_PER_S:
            times.counted.add(edit)
        root["k"] = f"@@{edit:08x}"
        await socket.send(bytes([SYNC, UPDATE]) + var_bytes(out.pop()))
    doc.unobserve(watching)


async def _read(socket: ClientConnection, received: dict[int, float]) -> None:
    loop = asyncio.get_running_loop()
    async for frame in socket:
        if isinstance(frame, bytes):
            for mark in MARK.findall(frame):
                received.setdefault(int(mark, 16), loop.time())


def _commit_ms(port: int) -> float:
    """The mean from an update's arrival to its commit, as the hub counts it."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    found = {
        part: float(match[1])
        for part in ("sum", "count")
        if (match := re.search(rf"^storyforge_ack_seconds_{part} (\S+)$", text, flags=re.MULTILINE))
    }
    return 1000 * found["sum"] / found["count"] if found.get("count") else 0.0


def _own_s() -> float:
    times = os.times()
    return times.user + times.system


def _cpu_s(*roots: int) -> float:
    """User and system seconds of these processes and all below them."""
    parents: dict[int, tuple[int, float]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS_PER_S
    found, fresh = set(roots), set(roots)
    while fresh:
        fresh = {pid for pid, (parent, _) in parents.items() if parent in fresh} - found
        found |= fresh
    return sum(parents[pid][1] for pid in found if pid in parents)
