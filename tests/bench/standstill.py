"""`python -m tests.bench.standstill`: for how long everybody waits while a large document is opened beside them.

A document is opened, what somebody brings after days offline is judged and taken in, and all of it is encoded: in a
thread of this process, as a hub does it with small documents, and in a replica process, as with large ones. Meanwhile
a loop that only looks at its watch sees how late it comes round; the first row is a loop with nothing beside it.
"""

import asyncio
import gc
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from pycrdt import Doc, Map
from rich.console import Console
from rich.table import Table

from deploy.local import compiled
from deploy.replicas import PROGRAM

MIB = 1024 * 1024
THREAD_SIZES_MIB = (0.25, 1, 8)
REPLICA_SIZES_MIB = (0.25, 1, 8)
HUGE_STATES = 3
"""Of 12 MiB each, one document: far more than is let grow, and one update of it all would not even be read."""
ROUNDS = 3
WATCH_S = 0.0005
IDLE_S = 2.0
ANSWER_TIMEOUT_S = 300.0
ENTITIES_PER_MIB = 2_240
AUTHOR = 77


def document(mib: float, author: int = AUTHOR) -> bytes:
    """Shots with their registers, many structs as people make them."""
    doc: Doc[Any] = Doc(client_id=author)
    shots = doc.get("shots", type=Map)
    with doc.transaction():
        for number in range(int(mib * ENTITIES_PER_MIB)):
            words = {key: f"{number} {'x' * 20}" for key in ("size", "angle", "move", "rig", "audio", "board", "axis")}
            words["board"] = words["axis"] = f"ast_{number:026d}"
            shots[f"sht_{author:04d}{number:022d}"] = Map(
                {**words, "ord": f"A{number:05d}", "lens_mm": 50, "dur_f": 48}
            )
    return doc.get_update()


class Watched(NamedTuple):
    """Seconds that the work took; how late the loop came round meanwhile, mostly and at worst."""

    took_s: float
    late_p99_s: float
    late_max_s: float


async def watched(work: asyncio.Future[object]) -> Watched:
    late = []
    begun = time.perf_counter()
    while not work.done():
        before = time.perf_counter()
        await asyncio.sleep(WATCH_S)
        late.append(time.perf_counter() - before - WATCH_S)
    await work
    late.sort()
    return Watched(time.perf_counter() - begun, late[len(late) * 99 // 100], late[-1])


@dataclass(frozen=True, slots=True)
class Beside:
    """Where rooms live that the loop does not wait for: `run` does work there, `make` opens a document."""

    run: Callable[[Callable[[], object]], Any]
    make: Callable[..., Any]


def opening(beside: Beside, states: list[bytes]) -> Callable[[], Any]:
    return lambda: beside.make(states)


def judging(beside: Beside, state: bytes) -> Callable[[], object]:
    """Somebody brings all of it at once, as after days offline."""
    from sync.effects import Commit  # after `use`: it imports what is compiled
    from sync.messages import Step2
    from sync.presence import Person
    from sync.session import Session

    def work() -> None:
        room = beside.make([])
        room.join(Session(1, Person(UUID(int=2), "Ana", "#102030"), True, resets=True))
        effects = room.receive(1, Step2(state), 0.0)
        assert any(isinstance(effect, Commit) for effect in effects), effects[-1]

    return work


async def encoding(beside: Beside, states: list[bytes]) -> Callable[[], object]:
    """All of it, for somebody who joins after an edit."""
    room = await beside.run(opening(beside, states))
    return lambda: room.content.holder.difference(b"\0")


def room_of(states: list[bytes], open_content: Callable[..., Any] | None = None) -> Any:
    from sync.ids import DocumentId
    from sync.limits import Limits
    from sync.loaded import Loaded
    from sync.names import DocumentName, Kind
    from sync.room import Room

    name = DocumentName(Kind.STORYBOARD, DocumentId(uuid4()), 1)
    limits = Limits(document_bytes_max=64 * MIB, answer_bytes_max=64 * MIB)
    loaded = Loaded(name, 7, 1, states, {})
    content = None if open_content is None else open_content(name, limits, states)
    return Room(loaded, limits=limits, node=UUID(int=1), new_id=uuid4, server_clock=1, now_s=0.0, content=content)


def here() -> Beside:
    return Beside(asyncio.to_thread, room_of)


def there(process: Any) -> Beside:
    from sync.remote.room_side import open_there

    def open_content(name: Any, limits: Any, states: list[bytes]) -> Any:
        return open_there(process.ask, uuid4(), name, 7, limits, states, rests=False)

    return Beside(process.run, partial(room_of, open_content=open_content))


async def median(beside: Beside, work: Callable[[], object]) -> Watched:
    """Of `ROUNDS`, each after a collection of its own."""
    rounds = []
    for _ in range(ROUNDS):
        gc.collect()
        rounds.append(await watched(asyncio.ensure_future(beside.run(work))))
    return Watched(*(statistics.median(values) for values in zip(*rounds, strict=True)))


def shown(found: Watched) -> list[str]:
    return [f"{1000 * value:.1f} ms" if value < 0.1 else f"{1000 * value:.0f} ms" for value in found]


def size_of(states: list[bytes]) -> str:
    return f"{sum(map(len, states)) / MIB:.1f} MiB"


async def main() -> None:
    compiled.use(os.environ)
    from realtime.replica_process import ReplicaProcess

    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    table = Table("where", "document", "what", "took", "loop late: p99", "at most")
    table.add_row("-", "-", "nothing", *shown(await watched(asyncio.ensure_future(asyncio.sleep(IDLE_S)))))
    process = await ReplicaProcess.start(PROGRAM, None, ANSWER_TIMEOUT_S)
    watching = asyncio.ensure_future(process.watch())
    states = {mib: document(mib) for mib in sorted({*THREAD_SIZES_MIB, *REPLICA_SIZES_MIB})}
    for where, beside, sizes in (
        ("thread", here(), THREAD_SIZES_MIB),
        ("replica process", there(process), REPLICA_SIZES_MIB),
    ):
        for mib in sizes:
            state = states[mib]
            for what, work in (
                ("opened", opening(beside, [state])),
                ("judged and taken in", judging(beside, state)),
                ("encoded", await encoding(beside, [state])),
            ):
                table.add_row(where, size_of([state]), what, *shown(await median(beside, work)))
    huge = [document(12, AUTHOR + number) for number in range(HUGE_STATES)]
    for what, work in (
        ("opened", opening(there(process), huge)),
        ("encoded", await encoding(there(process), huge)),
    ):
        table.add_row("replica process", size_of(huge), what, *shown(await median(there(process), work)))
    Console().print(table)
    await process.end()
    await watching


if __name__ == "__main__":
    asyncio.run(main())
