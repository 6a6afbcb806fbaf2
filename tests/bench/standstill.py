"""`python -m tests.bench.standstill`: for how long everybody waits while a large document is opened beside them.

A document is built in a thread, as a hub does it, and what somebody brings is judged in one; meanwhile a loop that only
looks at its watch sees how late it comes round. What is left is native code, which holds the interpreter's lock until
it is done.
"""

import asyncio
import gc
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from pycrdt import Doc, Map
from rich.console import Console
from rich.table import Table

from deploy.local import compiled

MIB = 1024 * 1024
SIZES_MIB = (0.25, 1, 2, 4, 8)
ROUNDS = 3
WATCH_S = 0.0005
ENTITIES_PER_MIB = 2_240
AUTHOR = 77


def document(mib: float) -> bytes:
    """Shots with their registers, many structs as people make them."""
    doc: Doc[Any] = Doc(client_id=AUTHOR)
    shots = doc.get("shots", type=Map)
    with doc.transaction():
        for number in range(int(mib * ENTITIES_PER_MIB)):
            words = {key: f"{number} {'x' * 20}" for key in ("size", "angle", "move", "rig", "audio", "board", "axis")}
            words["board"] = words["axis"] = f"ast_{number:026d}"
            shots[f"sht_{number:026d}"] = Map({**words, "ord": f"A{number:05d}", "lens_mm": 50, "dur_f": 48})
    return doc.get_update()


async def latest(work: Callable[[], object]) -> tuple[float, float]:
    """(seconds that the work took in its thread, the longest that the loop was late)."""
    late = 0.0
    begun = time.perf_counter()
    done = asyncio.create_task(asyncio.to_thread(work))
    while not done.done():
        before = time.perf_counter()
        await asyncio.sleep(WATCH_S)
        late = max(late, time.perf_counter() - before - WATCH_S)
    await done
    return time.perf_counter() - begun, late


def opening(state: bytes) -> Callable[[], object]:
    from sync.ids import DocumentId  # after `use`: it imports what is compiled
    from sync.limits import Limits
    from sync.names import DocumentName, Kind
    from sync.room import Loaded, Room

    name = DocumentName(Kind.STORYBOARD, DocumentId(uuid4()), 1)
    loaded = Loaded(name, 7, 1, [state], {})
    limits, node = Limits(), UUID(int=1)
    return lambda: Room(loaded, limits=limits, node=node, new_id=uuid4, server_clock=1, now_s=0.0)


def judging(state: bytes) -> Callable[[], object]:
    """Somebody brings all of it at once, as after days offline."""
    from sync.effects import Commit
    from sync.ids import DocumentId
    from sync.limits import Limits
    from sync.messages import Step2
    from sync.names import DocumentName, Kind
    from sync.presence import Person
    from sync.room import Loaded, Room
    from sync.session import Session

    name = DocumentName(Kind.STORYBOARD, DocumentId(uuid4()), 1)
    loaded = Loaded(name, 7, 1, [], {})
    room = Room(loaded, limits=Limits(), node=UUID(int=1), new_id=uuid4, server_clock=1, now_s=0.0)
    room.join(Session(1, Person(UUID(int=2), "Ana", "#102030"), True, resets=True))

    def work() -> None:
        effects = room.receive(1, Step2(state), 0.0)
        assert any(isinstance(effect, Commit) for effect in effects), effects[-1]

    return work


def encoding(state: bytes) -> Callable[[], object]:
    from sync.replica import Replica

    replica = Replica(7)
    replica.load(state)
    return replica.encode


async def median(make: Callable[[], Callable[[], object]]) -> tuple[float, float]:
    """Of `ROUNDS`, each after a collection of its own: seconds of the work, and the longest that the loop was late."""
    rounds = []
    for _ in range(ROUNDS):
        gc.collect()
        rounds.append(await latest(make()))
    return statistics.median(took for took, _ in rounds), statistics.median(late for _, late in rounds)


async def main() -> None:
    compiled.use(os.environ)
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    table = Table("document", "opened in", "loop late", "judged and applied in", "loop late", "encoded: loop late")
    for mib in SIZES_MIB:
        state = document(mib)
        opened, late = await median(partial(opening, state))
        judged, held = await median(partial(judging, state))
        _, encoded = await median(partial(encoding, state))
        size = f"{len(state) / MIB:.2f} MiB"
        table.add_row(size, *(f"{1000 * value:.0f} ms" for value in (opened, late, judged, held, encoded)))
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(main())
