"""`./dev fuzz`: mutated updates and frames against a live hub that others go on working with.

`python -m tests.fuzz.live --minutes M [--seed N] [--json FILE]`; exit code 1 when a line of the table fails: a process
that died, an acknowledgement that took longer than 3 s, a relayed byte that a replica cannot take.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from pycrdt import Doc
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from websockets.exceptions import WebSocketException

from deploy.local import children, environment
from deploy.local.demo.nodes import Node
from deploy.local.household import household
from deploy.local.ports import free_port
from deploy.local.screen import write_json
from sync.index import StructIndex
from sync.update import parse
from tests.chaos.editor import Editor
from tests.chaos.people import Board, People, open_people
from tests.fuzz.attack import Attack
from tests.interop.wire import sync_socket
from tests.simulation.schedule import fingerprint

BOARDS, ATTACKERS = 3, 6
HANG_S = 3.0
POLL_S = 0.1
SETTLE_TIMEOUT_S = 20.0


@dataclass
class Witness:
    """Follows a document and takes nothing on trust. `bad`: what it could not take."""

    board: Board
    doc: Doc[Any] = field(default_factory=Doc)
    index: StructIndex = field(default_factory=StructIndex)
    relayed: int = 0
    bad: list[str] = field(default_factory=list)

    async def run(self, hub: str, token: str) -> None:
        async with sync_socket(hub, self.board.name, token) as socket:
            await socket.step1()
            while True:
                try:
                    said = await socket.next()
                except TimeoutError:
                    continue
                if said.kind in ("step2", "update"):
                    self._take(said.payload)
                socket.said.clear()

    def _take(self, update: bytes) -> None:
        self.relayed += 1
        try:
            self.index.load(parse(update))
            self.doc.apply_update(update)
        except (KeyboardInterrupt, asyncio.CancelledError):
            raise
        except BaseException as error:  # pycrdt's PanicException is no Exception
            self.bad.append(f"{type(error).__name__}: {update.hex()[:200]}")


@dataclass
class Seen:
    tried: Mapping[str, int] = field(default_factory=dict)
    endings: Mapping[str, int] = field(default_factory=dict)
    deaths: int = 0
    hangs: int = 0
    slowest_ack_s: float = 0.0
    relayed: int = 0
    acknowledged: int = 0
    failures: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./dev fuzz")
    parser.add_argument("--minutes", type=float, default=2.0, metavar="M")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="storyforge-fuzz-"))
    try:
        port = free_port()
        with household(folder / "data", {environment.PUBLIC_URL: f"http://127.0.0.1:{port}"}, console.print) as home:
            ours = {name: value for name, value in os.environ.items() if not name.startswith("STORYFORGE_")}
            arguments = ("hub", "--without-api", "--raise-budgets")
            hub = Node("hub", arguments, {**ours, **home.variables}, folder / "logs", port)
            hub.start()
            try:
                seen = asyncio.run(_try(hub, home.variables, options.minutes * 60.0, options.seed, console))
            finally:
                hub.stop()
            if seen.deaths:
                console.print(children.tail(hub.log, 40), markup=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _show(seen, console)
    write_json(options.json, {"ok": not seen.failures, "inputs": sum(seen.tried.values()), **vars(seen)})
    return 1 if seen.failures else 0


async def _try(hub: Node, variables: Mapping[str, str], seconds: float, seed: int, console: Console) -> Seen:
    seen = Seen()
    await hub.ready()
    async with open_people(variables) as people:
        boards = [await people.board() for _ in range(BOARDS)]
        watchers = [
            Editor(f"w{number}", board.name, await people.editor(board), [hub.websocket], seed * 10 + number)
            for number, board in enumerate(boards)
        ]
        witnesses = [Witness(board) for board in boards]
        attack = Attack(hub.websocket, people, boards)
        seen.tried, seen.endings = attack.tried, attack.endings
        async with asyncio.TaskGroup() as group:
            for one in watchers:
                group.create_task(one.run())
            for witness in witnesses:
                group.create_task(_witness(witness, hub, await people.editor(witness.board), seen))
            attacks = [group.create_task(attack.run(Random(seed * 1000 + one))) for one in range(ATTACKERS)]
            with Progress(console=console) as progress:
                await _watch(hub, watchers, attack, seconds, seen, progress)
            for task in attacks:
                task.cancel()
            await _compare(people, watchers, witnesses, seen)
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
    return seen


async def _witness(witness: Witness, hub: Node, token: str, seen: Seen) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        try:
            await witness.run(hub.websocket, token)
        except WebSocketException as error:
            seen.failures.append(f"a witness was put out: {error}")


async def _watch(
    hub: Node, watchers: Sequence[Editor], attack: Attack, seconds: float, seen: Seen, progress: Progress
) -> None:
    """Every watcher edits all the time: each must hear an acknowledgement at least every 3 s."""
    begun = time.monotonic()
    bar = progress.add_task("fuzz", total=seconds)
    is_hung = False
    while (elapsed := time.monotonic() - begun) < seconds:
        await asyncio.sleep(POLL_S)
        progress.update(bar, completed=elapsed, description=f"{attack.tried.total()} inputs")
        if hub.process is None or hub.process.poll() is not None:
            seen.deaths += 1
            seen.failures.append("the hub has died")
            return
        waited_s = time.monotonic() - min(max(one.newest_acknowledged_s, begun) for one in watchers)
        seen.slowest_ack_s = max(seen.slowest_ack_s, waited_s)
        if waited_s > HANG_S and not is_hung:
            seen.hangs += 1
            seen.failures.append(f"no acknowledgement for {waited_s:.1f} s")
        is_hung = waited_s > HANG_S
    progress.update(bar, completed=seconds)


async def _compare(people: People, watchers: Sequence[Editor], witnesses: Sequence[Witness], seen: Seen) -> None:
    """At the end all that was relayed is the log, nothing else."""
    for one in watchers:
        one.is_typing = False
    for one, witness in zip(watchers, witnesses, strict=True):
        seen.relayed += witness.relayed
        seen.acknowledged += len(one.acknowledged)
        seen.failures += [f"relayed: {bad}" for bad in witness.bad]
        until = time.monotonic() + SETTLE_TIMEOUT_S
        while True:
            replay: Doc[Any] = Doc()
            async for row in people.log.tail(witness.board.document_id, 1, 0):
                replay.apply_update(row.bytes)
            expected = fingerprint(bytes(replay.get_update()))
            if expected == fingerprint(bytes(witness.doc.get_update())) == fingerprint(bytes(one.doc.get_update())):
                break
            if time.monotonic() > until:
                seen.failures.append(f"{witness.board.name}: witness, watcher and log are not equal")
                break
            await asyncio.sleep(POLL_S)


def _show(seen: Seen, console: Console) -> None:
    table = Table("input", "tried", title="mutated updates and frames", title_justify="left")
    table.columns[1].justify = "right"
    for name, count in sorted(seen.tried.items()):
        table.add_row(name, f"{count}")
    table.add_row("all", f"{sum(seen.tried.values())}")
    console.print(table)
    console.print(f"how connections ended: {dict(seen.endings)}", markup=False)
    console.print(
        f"{seen.deaths} deaths, {seen.hangs} hangs; the slowest acknowledgement took {seen.slowest_ack_s:.2f} s"
    )
    console.print(f"{seen.relayed} updates relayed and taken; {seen.acknowledged} acknowledged to watchers")
    for failure in seen.failures:
        console.print(f"FAILED: {failure}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
