"""`./dev soak`: many people open and leave documents of a real hub for minutes; afterwards nothing of them is left.

`python -m tests.soak.run --minutes M [--seed N] [--json FILE] [--plot FILE]`; exit code 1 when something is left.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

import httpx
from rich.console import Console
from rich.table import Table

from deploy.local import documents, environment
from deploy.local.demo.nodes import Node
from deploy.local.household import household
from deploy.local.ports import free_port
from deploy.local.screen import write_json
from tests.bench import svg
from tests.soak.judge import MIB, Sample, failures, growth_mib, slope_mib_per_minute
from tests.soak.visitors import Met, Shelf, visit_forever

VISITORS = 40
OPEN_AT_ONCE = 8
DOCUMENTS_PER_MINUTE = 20
WARM_UP_S = 30.0
SAMPLE_INTERVAL_S = 1.0
IDLE_TIMEOUT_S = 40.0
REST_S = 5.0
"""Sampled when everybody has left and every document has left memory."""
FIGURES = {
    "rss_bytes": "process_resident_memory_bytes",
    "descriptors": "process_open_fds",
    "tasks": "storyforge_asyncio_tasks",
    "rooms": "storyforge_doc_open",
    "sessions": "storyforge_sessions",
    "connections": "storyforge_ws_connections",
}


@dataclass(slots=True)
class Soak:
    """One hub under watch."""

    hub: Node
    samples: list[Sample] = field(default_factory=list)
    phase: str = "warm-up"

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Samples every second meanwhile."""
        async with httpx.AsyncClient(timeout=10.0) as client:
            watch = asyncio.ensure_future(self._watch(client))
            try:
                yield
            finally:
                watch.cancel()
                await asyncio.gather(watch, return_exceptions=True)

    async def _watch(self, client: httpx.AsyncClient) -> None:
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        while True:
            phase = self.phase
            text = (await client.get(f"{self.hub.http}/metrics")).raise_for_status().text
            self.samples.append(_sample(text, loop.time() - begun_s, phase))
            await asyncio.sleep(SAMPLE_INTERVAL_S)

    async def load(self, shelf: Shelf, seconds: float, seed: int) -> Met:
        """Everybody visits for so long; they are gone when this returns."""
        met, loop = Met(), asyncio.get_running_loop()
        begun_s = loop.time()

        def share() -> float:
            return min(1.0, (loop.time() - begun_s) / seconds)

        async with asyncio.TaskGroup() as group:
            visitors = [
                group.create_task(visit_forever(self.hub.websocket, shelf, share, Random(f"{seed} {number}"), met))
                for number in range(VISITORS)
            ]
            await asyncio.sleep(seconds)
            for one in visitors:
                one.cancel()
        return met

    async def rest(self, phase: str) -> None:
        """Waits until nothing is open, then a little longer for samples. Stays silent when that never comes."""
        self.phase = "leaving"
        async with asyncio.timeout(IDLE_TIMEOUT_S) as limit:
            while not self.samples or self.samples[-1].rooms or self.samples[-1].connections:
                await asyncio.sleep(SAMPLE_INTERVAL_S)
            limit.reschedule(None)
            self.phase = phase
            await asyncio.sleep(REST_S)


def _sample(text: str, at_s: float, phase: str) -> Sample:
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return Sample(at_s, phase, **{field: float(lines[name]) for field, name in FIGURES.items()})


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./dev soak")
    parser.add_argument("--minutes", type=float, default=5.0, metavar="M")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--plot", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="storyforge-soak-"))
    try:
        port = free_port()
        with household(folder / "data", {environment.PUBLIC_URL: f"http://127.0.0.1:{port}"}, console.print) as home:
            soak, met, problem = _soaked(home.variables, folder, port, options.minutes * 60.0, options.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found = problem + failures(soak.samples)
    _show(soak.samples, met, found, console)
    if options.plot is not None:
        options.plot.parent.mkdir(parents=True, exist_ok=True)
        options.plot.write_text(_plot(soak.samples), encoding="utf-8")
    write_json(
        options.json,
        {"ok": not found, "failures": found, "met": asdict(met), "samples": [asdict(one) for one in soak.samples]},
    )
    return 1 if found else 0


def _soaked(
    variables: Mapping[str, str], folder: Path, port: int, seconds: float, seed: int
) -> tuple[Soak, Met, list[str]]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("STORYFORGE_")}
    hub = Node("hub", ("hub", "--without-api"), {**ours, **variables}, folder / "logs", port)
    warm, main_shelf = _shelf(variables, folder, WARM_UP_S), _shelf(variables, folder, seconds)
    soak, met = Soak(hub), Met()
    hub.start()
    try:
        met = asyncio.run(_soak(soak, warm, main_shelf, seconds, seed))
    except TimeoutError:
        return soak, met, [f"not everything was closed {IDLE_TIMEOUT_S:g} s after everybody had left"]
    finally:
        hub.stop()
    return soak, met, []


def _shelf(variables: Mapping[str, str], folder: Path, seconds: float) -> Shelf:
    """Fresh documents."""
    count = OPEN_AT_ONCE + int(seconds / 60 * DOCUMENTS_PER_MINUTE)
    file = folder / f"documents-{count}.tsv"
    documents.run(documents.Wanted(count, "editor", file), variables)
    lines = [line.split("\t") for line in file.read_text().splitlines()]
    return Shelf([(name, token) for name, token in lines], OPEN_AT_ONCE)


async def _soak(soak: Soak, warm: Shelf, shelf: Shelf, seconds: float, seed: int) -> Met:
    await soak.hub.ready()
    async with soak.watched():
        await soak.load(warm, WARM_UP_S, seed)
        await soak.rest("rest")
        soak.phase = "load"
        met = await soak.load(shelf, seconds, seed + 1)
        await soak.rest("end")
    return met


def _show(samples: Sequence[Sample], met: Met, found: Sequence[str], console: Console) -> None:
    table = Table("phase", "seconds", "MiB", "descriptors", "tasks", "rooms", "sessions")
    for phase in ("warm-up", "rest", "load", "end"):
        part = [one for one in samples if one.phase == phase]
        if part:
            last = part[-1]
            figures = (last.rss_bytes / MIB, last.descriptors, last.tasks, last.rooms, last.sessions)
            table.add_row(phase, f"{last.at_s - part[0].at_s:.0f}", *(f"{figure:.0f}" for figure in figures))
    console.print(table)
    console.print(f"{met.visits} visits, {met.edits} edits, other ends: {dict(met.ends)}", markup=False)
    if {"rest", "load", "end"} <= {one.phase for one in samples}:
        slope, growth = slope_mib_per_minute(samples), growth_mib(samples)
        console.print(f"{growth:+.1f} MiB from rest to rest; {slope:+.1f} MiB a minute in the second half of the load")
    for sentence in found:
        console.print(f"FAILED: {sentence}", markup=False)


def _plot(samples: Sequence[Sample]) -> str:
    times = [one.at_s for one in samples]
    return svg.lines(
        "A hub while people come and go",
        times,
        [
            svg.Line("memory, MiB", [one.rss_bytes / MIB for one in samples]),
            svg.Line("descriptors", [one.descriptors for one in samples]),
            svg.Line("tasks", [one.tasks for one in samples]),
            svg.Line("rooms", [one.rooms for one in samples]),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
