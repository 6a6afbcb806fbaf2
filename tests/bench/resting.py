"""`python -m tests.bench.resting`: memory of many open documents, live and at rest; how long resting and waking take.

Each form is measured in a process of its own, as freed memory is not always given back. People are left out: a session
costs the same either way.
"""

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.local import compiled
from tests.bench.standstill import document, room_of

DOCUMENTS = 1_000
DOCUMENT_MIB = 0.127
"""As `document` counts: each has 100 KiB when it is encoded."""


def rss_bytes() -> int:
    with open("/proc/self/statm") as figures:
        return int(figures.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def opened(state: bytes, each: Callable[[Any], None]) -> tuple[int, float]:
    """(bytes a document beyond the process itself, seconds a document of what `each` does)."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    first = room_of([bytes(bytearray(state))])
    each(first)
    before, took_s = rss_bytes(), 0.0
    rooms = []
    for _ in range(DOCUMENTS):
        room = room_of([bytes(bytearray(state))])  # bytes of its own, as read from the log
        begun = time.perf_counter()
        each(room)
        took_s += time.perf_counter() - begun
        rooms.append(room)
    gc.collect()
    return (rss_bytes() - before) // len(rooms), took_s / DOCUMENTS


def live(room: Any) -> None: ...


def rested(room: Any) -> None:
    """As a room of a hub after a minute in which somebody had joined."""
    room.encode()
    room.rest()


def woken(room: Any) -> None:
    room.rest()
    room.content.holder.wake()


def main() -> None:
    forms = {"live": live, "at rest": rested, "at rest and woken": woken}
    compiled.use(os.environ)
    state = document(DOCUMENT_MIB)
    if len(sys.argv) == 2:
        print(*opened(state, forms[sys.argv[1]]))
        return
    table = Table("documents", "each encoded", "form", "memory each", "times its bytes", "took each")
    for form in forms:
        argv = [sys.executable, "-P", "-m", "tests.bench.resting", form]
        said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()
        memory, took_s = int(said[0]), float(said[1])
        size = f"{len(state) / 1024:.0f} KiB"
        times = f"{memory / len(state):.1f}"
        table.add_row(f"{DOCUMENTS:,}", size, form, f"{memory / 1024:,.0f} KiB", times, f"{1000 * took_s:.1f} ms")
    Console().print(table)


if __name__ == "__main__":
    main()
