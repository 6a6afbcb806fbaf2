"""`./dev bench jobs`: what the orchestrator itself costs, with steps that make nothing, beside plain job queues.

A step of ours is rows in PostgreSQL under a lease, claimed in turn between tenants, its end committed with its output;
a job of the peers is an entry in the same Valkey. One process works, ten at once; the numbers say what the difference
costs. Then: how soon a worker hears of a step, and who waits how long when fifty tenants ask for ten thousand runs.
"""

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
from arq.worker import Worker, func
from rich.console import Console
from rich.table import Table

from deploy.local.embedded import EmbeddedStores
from deploy.local.screen import Screen, write_json
from jobs.bell import POLL_S, READ_LIMIT
from services.runs.model import Done, Priority, StepSpec
from services.runs.service import Held, Steps
from storage.arq_queue import FUNCTION, QUEUE_NAME, deserialize, open_arq_queue, serialize
from storage.log import DocumentLog
from storage.migrate import migrate
from storage.objects import FolderObjects
from storage.postgres import open_pool
from storage.queue import MemoryQueue
from storage.tables.steps import Ring
from tests.bench import programs
from tests.bench.errors import PeerMissing

JOBS = 2_000
SLOTS = 10
WAKES = 200
RUNS = 10_000
TENANTS = 50
FAIR_FACTOR_MAX = 2.0
WAKE_P50_MS_MAX = 30.0
PEERS = {"arq": "queues", "saq": "queues", "taskiq": "queues-taskiq"}
"""Which venv of the cache each is in: arq pins another redis than taskiq."""
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Spent:
    """Of `JOBS` jobs. `cpu_s`: of the working process."""

    s: float
    cpu_s: float

    @property
    def per_s(self) -> float:
        return JOBS / self.s

    @property
    def us(self) -> float:
        return 1e6 * self.cpu_s / JOBS


@dataclass(slots=True)
class Bench:
    """Real stores; runs whose steps make nothing."""

    pool: asyncpg.Pool
    redis_url: str
    project_id: UUID
    document_id: UUID
    user_id: UUID

    @classmethod
    async def open(cls, pool: asyncpg.Pool, redis_url: str, folder: Path) -> "Bench":
        user_id, project_id, document_id = uuid4(), uuid4(), uuid4()
        await pool.execute("insert into users (id, email, name, colour) values ($1, 'a@a', 'A', '#000000')", user_id)
        async with pool.acquire() as connection, connection.transaction():
            columns = "(id, owner_id, title, kind, brain, format)"
            await connection.execute(
                f"insert into projects {columns} values ($1, $2, 'T', 'short', 'b', 'f')", project_id, user_id
            )
            await connection.execute(
                "insert into episodes (id, project_id, ord, title) values ($1, $1, 'V', 'T')", project_id
            )
            log = DocumentLog(pool, FolderObjects(folder))
            await log.create(connection, project_id, "sb", document_id, 7, None)
        return cls(pool, redis_url, project_id, document_id, user_id)

    async def runs(self, steps: Steps, tenants: Sequence[UUID]) -> None:
        """One run of one step for each."""
        rows = [(uuid4(), self.project_id, self.document_id, f"scn_{uuid4().hex}", self.user_id) for _ in tenants]
        await self.pool.executemany(
            "insert into runs (id, project_id, document_id, scene_id, requested_by, state, request)"
            " values ($1, $2, $3, $4, $5, 'queued', '{}')",
            rows,
        )
        for at in range(0, len(rows), 500):
            async with self.pool.acquire() as connection, connection.transaction():
                rings: list[Ring] = []
                for row, tenant in zip(rows[at : at + 500], tenants[at : at + 500], strict=True):
                    spec = StepSpec("a", "empty/1", (), {"salt": row[0].hex})
                    rings += await steps.begin(connection, row[0], tenant, Priority.INTERACTIVE, (spec,))
            await steps.ring(rings)


async def _serve(bench: Bench, attend: Callable[[], Awaitable[None]], finished: asyncio.Event) -> None:
    """arq rings, as in a worker."""

    async def answer(ctx: object, *words: object) -> None:
        await attend()

    async with open_arq_queue(bench.redis_url) as queue:
        worker = Worker(
            [func(answer, name=FUNCTION, keep_result=0, max_tries=1_000_000)],
            queue_name=QUEUE_NAME,
            redis_pool=queue.connection,
            handle_signals=False,
            max_jobs=SLOTS,
            poll_delay=POLL_S,
            queue_read_limit=READ_LIMIT,
            keep_result=0,
            log_results=False,
            job_serializer=serialize,
            job_deserializer=deserialize,
        )
        task = asyncio.create_task(worker.main())
        await finished.wait()
        task.cancel()
        await asyncio.wait([task])
        with suppress(Exception):
            await asyncio.gather(*worker.tasks.values(), return_exceptions=True)


async def throughput(bench: Bench) -> Spent:
    """Steps that are rung for by arq, claimed, ended."""
    async with open_arq_queue(bench.redis_url) as queue:
        tenants = [uuid4() for _ in range(TENANTS)]
        await bench.runs(Steps(bench.pool, queue), [tenants[number % TENANTS] for number in range(JOBS)])
    steps, done, finished = Steps(bench.pool, MemoryQueue()), 0, asyncio.Event()

    async def attend() -> None:
        nonlocal done
        held = await steps.claim("bench")
        if held is not None:
            await steps.end(held, Done({}))
            done += 1
        if done == JOBS:
            finished.set()

    begun, cpu = time.perf_counter(), time.process_time()
    await _serve(bench, attend, finished)
    return Spent(time.perf_counter() - begun, time.process_time() - cpu)


async def wake_up(bench: Bench) -> list[float]:
    """Milliseconds from the commit of a run to the claim of its step, one after another, on an idle worker."""
    late_ms: list[float] = []
    claims: asyncio.Queue[Held] = asyncio.Queue()
    finished = asyncio.Event()
    steps = Steps(bench.pool, MemoryQueue())

    async def attend() -> None:
        held = await steps.claim("bench")
        if held is not None:
            claims.put_nowait(held)

    serving = asyncio.create_task(_serve(bench, attend, finished))
    rng = random.Random(1)
    async with open_arq_queue(bench.redis_url) as queue:
        asking = Steps(bench.pool, queue)
        for _ in range(WAKES):
            await asyncio.sleep(rng.uniform(0.0, 0.05))
            begun = time.perf_counter()
            await bench.runs(asking, [uuid4()])
            held = await claims.get()
            late_ms.append(1000 * (time.perf_counter() - begun))
            await steps.end(held, Done({}))
    finished.set()
    await serving
    return late_ms


async def fairness(bench: Bench, screen: Screen) -> tuple[float, float]:
    """(the worst wait against a fair share, seconds for all). One tenant asks for a third of everything, first.

    A tenant's k-th run is due when every tenant who still wants something has been served k times.
    """
    tenants = [uuid4() for _ in range(TENANTS)]
    greedy = [tenants[0]] * (RUNS // 3)
    others = [tenants[1 + number % (TENANTS - 1)] for number in range(RUNS - len(greedy))]
    steps = Steps(bench.pool, MemoryQueue())
    await bench.runs(steps, greedy + others)
    screen.say(f"{RUNS:,} runs of {TENANTS} tenants are queued")
    wanted = Counter(greedy + others)
    served: Counter[UUID] = Counter()
    worst, begun = 0.0, time.perf_counter()
    for position in range(1, RUNS + 1):
        held = await steps.claim("bench")
        assert held is not None
        tenant = held.step.tenant
        served[tenant] += 1
        due = sum(min(served[tenant], count) for count in wanted.values())
        worst = max(worst, position / due)
        await steps.end(held, Done({}))
    return worst, time.perf_counter() - begun


def _peers(redis_url: str, screen: Screen) -> dict[str, Spent]:
    found = {}
    for name, venv in PEERS.items():
        folder = programs.pypi_peer(venv, screen.say)
        argv = [
            str(folder / "bin" / "python"),
            str(HERE / "peers" / f"queue_{name}.py"),
            redis_url,
            str(JOBS),
            str(SLOTS),
        ]
        ended = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
        if ended.returncode:
            raise PeerMissing(f"{name} failed:\n{ended.stderr[-1500:]}")
        numbers = json.loads(ended.stdout.strip().splitlines()[-1])
        found[name] = Spent(numbers["s"], numbers["cpu_s"])
        screen.say(f"{name}: {JOBS:,} jobs")
    return found


async def _ours(folder: Path, stores: EmbeddedStores, screen: Screen) -> tuple[Spent, list[float], float, float]:
    endpoints = stores.endpoints
    connection = await asyncpg.connect(endpoints.database_url)
    await migrate(connection)
    await connection.close()
    async with open_pool(endpoints.database_url) as pool:
        bench = await Bench.open(pool, endpoints.redis_url, folder / "objects")
        spent = await throughput(bench)
        screen.say(f"ours: {JOBS:,} steps")
        late_ms = await wake_up(bench)
        worst, took_s = await fairness(bench, screen)
    return spent, late_ms, worst, took_s


def main(arguments: Sequence[str] | None = None) -> int:
    """0: every target is met; 1: one is missed."""
    parser = argparse.ArgumentParser(prog="./dev bench jobs", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    screen = Screen()
    with tempfile.TemporaryDirectory(prefix="storyforge-bench-") as name, EmbeddedStores(Path(name)) as stores:
        spent, late_ms, worst, took_s = asyncio.run(_ours(Path(name), stores, screen))
        peers = _peers(stores.endpoints.redis_url, screen)
    p50_ms, p99_ms = statistics.median(late_ms), statistics.quantiles(late_ms, n=100)[98]
    table = Table("", "ours", *peers)
    every = {"ours": spent, **peers}
    table.add_row("jobs/s of one worker", *(f"{each.per_s:,.0f}" for each in every.values()))
    table.add_row("its CPU, us a job", *(f"{each.us:,.0f}" for each in every.values()))
    console = Console(highlight=False)
    console.print(table)
    met = {"wake-up p50": p50_ms <= WAKE_P50_MS_MAX, "fair share": worst <= FAIR_FACTOR_MAX}
    console.print(
        f"wake-up: p50 {p50_ms:.1f} ms (at most {WAKE_P50_MS_MAX:.0f} wanted), p99 {p99_ms:.1f} ms\n"
        f"fairness: nobody waited more than {worst:.2f} times the fair share (at most {FAIR_FACTOR_MAX:.0f} wanted);"
        f" {RUNS:,} runs of {TENANTS} tenants in {took_s:.0f} s, one after another"
    )
    rows = {name: {"s": each.s, "cpu_s": each.cpu_s} for name, each in every.items()}
    ok = all(met.values())
    write_json(options.json, {"ok": ok, "jobs": rows, "wake_ms": late_ms, "fair_factor": worst})
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
