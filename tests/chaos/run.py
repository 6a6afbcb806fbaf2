"""`./dev chaos`: real processes are killed and stopped at random under load; nothing acknowledged may be lost.

`python -m tests.chaos.run --minutes M [--seed N] [--json FILE]`; exit code 1 when a line of the table fails.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from pycrdt import Doc
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from deploy.local import environment
from deploy.local.demo.nodes import open_nodes
from deploy.local.household import household
from deploy.local.ports import free_port
from deploy.local.screen import write_json
from sync import names
from sync.index import StructIndex
from sync.update import parse
from tests.chaos.editor import Editor
from tests.chaos.faults import FAULTS
from tests.chaos.people import open_people
from tests.chaos.studio import Studio, editors
from tests.interop.wire import collab_socket
from tests.simulation.schedule import fingerprint

DOCUMENTS, EDITORS_EACH = 2, 4
RECOVERY_TIMEOUT_S = 60.0
QUIET_MAX_S = 2.0
POLL_S = 0.02
LATE_JOINER_TIMEOUT_S = 5.0


@dataclass
class Seen:
    """`recoveries_s`: fault -> seconds until everybody had a later edit acknowledged. `failures`: empty is good."""

    recoveries_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    edits: int = 0
    acknowledged: int = 0
    lost: int = 0
    replicas: int = 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./dev chaos")
    parser.add_argument("--minutes", type=float, default=3.0, metavar="M")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="storyforge-chaos-"))
    try:
        port = free_port()
        house = household(folder / "data", {environment.PUBLIC_URL: f"http://127.0.0.1:{port}"}, console.print)
        with house as home, open_nodes(home.variables, folder, port) as nodes:
            seen = asyncio.run(_torment(Studio(home, nodes), options.minutes * 60.0, options.seed, console))
    finally:
        if os.environ.get("STORYFORGE_CHAOS_KEEP") is None:
            shutil.rmtree(folder, ignore_errors=True)
    _show(seen, console)
    write_json(
        options.json,
        {
            "ok": not seen.failures,
            "acknowledged": seen.acknowledged,
            "lost": seen.lost,
            "edits": seen.edits,
            "replicas": seen.replicas,
            "recoveries_s": {name: [round(one, 2) for one in times] for name, times in seen.recoveries_s.items()},
            "refusals": seen.refusals,
            "failures": seen.failures,
        },
    )
    return 1 if seen.failures else 0


async def _torment(studio: Studio, seconds: float, seed: int, console: Console) -> Seen:
    seen, rng = Seen(), Random(seed)
    await studio.nodes.ready()
    people = await editors(studio, DOCUMENTS, EDITORS_EACH, seed)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one.run()) for one in people]
        try:
            await _recovered(studio, people, time.monotonic())
            with Progress(console=console) as progress:
                await _hurt(studio, people, seconds, rng, seen, progress)
            for one in people:
                one.is_typing = False
            await _until(lambda: all(one.is_saved for one in people), "everything saved")
            await _compare(studio, people, seen)
        except TimeoutError as error:
            seen.failures.append(str(error))
        finally:
            for task in tasks:
                task.cancel()
    for one in people:
        seen.refusals.update(one.refusals)
        seen.edits += one.edits
        seen.acknowledged += len(one.acknowledged)
    return seen


async def _hurt(
    studio: Studio, people: Sequence[Editor], seconds: float, rng: Random, seen: Seen, progress: Progress
) -> None:
    """One fault after the other, each kind once before any comes again."""
    begun = time.monotonic()
    bar = progress.add_task("chaos", total=seconds)
    left: list[str] = []
    while (elapsed := time.monotonic() - begun) < seconds:
        left = left or rng.sample(sorted(FAULTS), len(FAULTS))
        name = left.pop()
        progress.update(bar, completed=elapsed, description=name)
        await FAULTS[name](studio, rng)
        hurt_s = time.monotonic()
        await _recovered(studio, people, hurt_s)
        recovery_s = time.monotonic() - hurt_s
        seen.recoveries_s[name].append(recovery_s)
        progress.console.print(f"{name}: everybody saved again after {recovery_s:.2f} s", markup=False)
        await asyncio.sleep(rng.random() * QUIET_MAX_S)
    progress.update(bar, completed=seconds)


async def _recovered(studio: Studio, people: Sequence[Editor], since_s: float) -> None:
    await _until(lambda: all(one.newest_acknowledged_s > since_s for one in people), "everybody saved again")
    await studio.nodes.ready()


async def _until(holds: Any, what: str) -> None:
    until = time.monotonic() + RECOVERY_TIMEOUT_S
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {RECOVERY_TIMEOUT_S:g} s: {what}")
        await asyncio.sleep(POLL_S)


async def _compare(studio: Studio, people: Sequence[Editor], seen: Seen) -> None:
    """The log, every editor and a late joiner at each hub are equal, and all that was acknowledged is in the log."""
    async with open_people(studio.house.variables) as reached:
        for document in sorted({one.document for one in people}):
            name = names.parse(document)
            replay: Doc[Any] = Doc()
            index = StructIndex()
            async for row in reached.log.tail(name.id, name.epoch, 0):
                replay.apply_update(row.bytes)
                index.load(parse(row.bytes))
            expected = fingerprint(bytes(replay.get_update()))
            here = [one for one in people if one.document == document]
            for one in here:
                lost = [update for update in one.acknowledged if _is_lost(index, update)]
                seen.lost += len(lost)
                seen.failures += [f"{one.name}: {len(lost)} acknowledged edits are lost"] if lost else []
            replicas = {f"editor {one.name}": one.doc for one in here}
            for hub in studio.hubs:
                replicas[f"late joiner at {hub.name}"] = await _late_joiner(hub.websocket, here[0], expected)
            for who, doc in replicas.items():
                seen.replicas += 1
                if fingerprint(bytes(doc.get_update())) != expected:
                    seen.failures.append(f"{who} differs from the log")


def _is_lost(index: StructIndex, update: bytes) -> bool:
    judgement = index.check(parse(update), trusted=True)
    return judgement.missing is not None or judgement.adds


async def _late_joiner(hub: str, as_one: Editor, expected: object) -> Doc[Any]:
    """A fresh replica. A node hears of the others' last edits when it next polls the heads, so it gets a while."""
    doc: Doc[Any] = Doc()
    async with collab_socket(hub) as socket:
        await socket.authenticate(as_one.document, as_one.token)
        await socket.step1(as_one.document)
        try:
            async with asyncio.timeout(LATE_JOINER_TIMEOUT_S):
                while fingerprint(bytes(doc.get_update())) != expected:
                    said = await socket.next()
                    if said.kind in ("step2", "update"):
                        doc.apply_update(said.payload)
        except TimeoutError:
            return doc  # as it is: the caller compares
    return doc


def _show(seen: Seen, console: Console) -> None:
    table = Table("fault", "times", "median s", "worst s", title="until everybody had a later edit acknowledged")
    for name in FAULTS:
        times = seen.recoveries_s.get(name, [])
        if times:
            table.add_row(name, f"{len(times)}", f"{statistics.median(times):.2f}", f"{max(times):.2f}")
    console.print(table)
    console.print(f"{seen.edits} edits, {seen.acknowledged} messages acknowledged, {seen.lost} of them lost")
    console.print(f"{seen.replicas} replicas compared with the log; refusals: {dict(seen.refusals)}")
    for failure in seen.failures:
        console.print(f"FAILED: {failure}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
