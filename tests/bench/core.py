"""`python -m tests.bench.core [--json FILE]`: what the compiled form of `sync/` gains over the same sources as Python.

Each form runs in a process of its own, in turns; of the rounds the best counts. CPU time, no IO.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.progress import track
from rich.table import Table

from deploy.local import compiled
from deploy.local.screen import write_json

ROUNDS = 3
EDITS = 4_000
STRUCTS = 80_000
SEEDS = 12
HOSTILE_BYTES = 256 * 1024
HOSTILE_COUNT = 8
AUTHOR = 77


@dataclass(frozen=True, slots=True)
class Line:
    """`gain_min`: how many times better the compiled form has to be. `per`: seconds in one unit."""

    name: str
    unit: str
    per: float
    gain_min: float


LINES = (
    Line("judge and admit a 45-byte overwrite of a key", "us", 1e-6, 2.5),
    Line("room of 20: the same edit received, applied, relayed, committed", "us", 1e-6, 1.5),
    Line(f"load a document of {STRUCTS:,} structs, 1.6 MB", "ms", 1e-3, 1.4),
    Line("the same load without passes of Python's garbage collector", "ms", 1e-3, 1.6),
    Line("refuse or judge a hostile update of 256 KiB, the worst of 8 kinds", "ms", 1e-3, 1.2),
    Line("read and write a Hocuspocus frame", "us", 1e-6, 1.5),
    Line("one seed of tests/simulation", "ms", 1e-3, 1.2),
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.core", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the seconds of both forms there")
    parser.add_argument("--form", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.form:
        print(json.dumps(measure()))
        return 0
    console = Console(stderr=True, highlight=False)
    if not compiled.build_of().is_dir():
        console.print("there is no compiled form of these sources: python -P -m deploy.local.compile", soft_wrap=True)
        return 2
    forms = ("1", "") * ROUNDS
    runs = [(form, _run(form)) for form in track(forms, "measuring both forms", console=console)]
    pure = [min(times) for times in zip(*(run for form, run in runs if form), strict=True)]
    fast = [min(times) for times in zip(*(run for form, run in runs if not form), strict=True)]
    _show(pure, fast)
    rows = [
        {"line": line.name, "pure_s": slow, "compiled_s": quick, "gain_min": line.gain_min}
        for line, slow, quick in zip(LINES, pure, fast, strict=True)
    ]
    ok = all(slow / quick >= line.gain_min for line, slow, quick in zip(LINES, pure, fast, strict=True))
    write_json(options.json, {"ok": ok, "lines": rows})
    return 0 if ok else 1


def _run(pure: str) -> list[float]:
    command = [sys.executable, "-m", "tests.bench.core", "--form"]
    environ = os.environ | {compiled.PURE: pure}
    done = subprocess.run(command, cwd=compiled.ROOT, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    seconds: list[float] = json.loads(done.stdout)
    return seconds


def _show(pure: Sequence[float], fast: Sequence[float]) -> None:
    table = Table("CPU time of", "", "pure", "compiled", "gain", "at least", "")
    for line, slow, quick in zip(LINES, pure, fast, strict=True):
        gain = slow / quick
        cells = (f"{slow / line.per:.2f}", f"{quick / line.per:.2f}", f"{gain:.1f}x", f"{line.gain_min}x")
        table.add_row(line.name, line.unit, *cells, "" if gain >= line.gain_min else "[red]FAILED[/]")
    Console(highlight=False).print(table)


# In the process of one form ---------------------------------------------------------------------------


def measure() -> list[float]:
    """Seconds of each line, in their order."""
    compiled.use(os.environ)
    loads = _loads()
    return [_admission(), _room(), *loads, _hostile(), _frames(), _simulation()]


def _cpu_s(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _overwrites() -> list[bytes]:
    """What an editor sends who sets the same four keys of `ext` again and again."""
    from pycrdt import Doc, Map, TransactionEvent

    doc: Doc[Any] = Doc(client_id=AUTHOR)
    root = doc.get("ext", type=Map)
    updates: list[bytes] = []

    def keep(event: TransactionEvent) -> None:
        updates.append(bytes(event.update))

    watch = doc.observe(keep)
    for number in range(EDITS):
        root[f"k{number % 4}"] = f"@@{number:08x}{'0' * 20}"
    doc.unobserve(watch)
    return updates


def _admission() -> float:
    from pycrdt import Doc

    from sync.admission import Admission, Admitted, Bringer
    from sync.index import StructIndex
    from sync.judge import Judge
    from sync.limits import MIB, Limits
    from sync.locks import Locks
    from sync.names import Kind
    from sync.schema import SCHEMAS

    index = StructIndex()
    admission = Admission(Judge(index, SCHEMAS[Kind.STORYBOARD], Locks(Doc()), MIB), 7, {}, lambda client: False)
    bringer = Bringer(UUID(int=1), AUTHOR, False, Limits().update_bytes_max)
    updates = _overwrites()

    def work() -> None:
        for update in updates:
            verdict = admission.judge(update, bringer, document_bytes=0)
            assert isinstance(verdict, Admitted)
            index.admit(verdict.judgement)

    return _cpu_s(work) / EDITS


def _room() -> float:
    from sync.effects import Commit
    from sync.messages import Update
    from tests.unit.sync.stage import join, room_of

    room = room_of()
    for session in range(20):
        join(room, session)
    updates = _overwrites()

    def work() -> None:
        for seq, update in enumerate(updates, start=1):
            for effect in room.receive(3, Update(update), 0.0):
                if isinstance(effect, Commit):
                    room.committed({effect.batch.batch_id: seq}, 0.0)
        assert room.order.seq == EDITS

    return _cpu_s(work) / EDITS


def _loads() -> tuple[float, float]:
    """With the garbage collector as Python starts it, and without."""
    from pycrdt import Doc, Map

    from sync.index import StructIndex
    from sync.update import parse

    doc: Doc[Any] = Doc(client_id=AUTHOR)
    scenes = doc.get("scenes", type=Map)
    with doc.transaction():
        for number in range(STRUCTS // 5):
            scenes[f"s{number:06}"] = Map({"title": "x" * 15, "ord": f"{number}", "num": number, "st": "draft"})
    state = bytes(doc.get_update())
    usual = _cpu_s(lambda: StructIndex().load(parse(state)))
    gc.disable()
    without = _cpu_s(lambda: StructIndex().load(parse(state)))
    gc.enable()
    return usual, without


def _hostile() -> float:
    """The dearest of updates that are as long as a live one may be and made of as many structs as that holds."""
    from sync.errors import Refused
    from sync.index import StructIndex
    from sync.update import parse

    def work(update: bytes) -> None:
        try:
            StructIndex().check(parse(update))
        except Refused:
            pass

    return max(_cpu_s(lambda update=update: work(update)) for update in _hostile_updates())  # type: ignore[misc]


def _hostile_updates() -> list[bytes]:
    from sync.lib0 import var_uint
    from sync.update import ANY, DELETED, EMBED, STRING

    tiny = {
        "text": bytes([STRING]) + b"\1\1a\1a",
        "values": bytes([ANY | 0x20]) + b"\1\1a\1b\1\x7f",
        "deleted": bytes([DELETED]) + b"\1\1a\1",
        "json": bytes([EMBED]) + b"\1\1a\2[]",
    }
    updates = []
    for struct in tiny.values():
        count = (HOSTILE_BYTES - 16) // len(struct)
        updates.append(b"\1" + var_uint(count) + b"\5\0" + struct * count + b"\0")
    count = HOSTILE_BYTES // 3
    ranges = b"".join(var_uint(2 * clock) + b"\1" for clock in range(count // 2))
    updates.append(b"\0\1\5" + var_uint(count // 2) + ranges)
    deep = b"\x75\1" * 31
    one = bytes([ANY | 0x20]) + b"\1\1a\1b" + var_uint(3_000) + (deep + b"\x7f") * 3_000
    updates.append(b"\1\1\5\0" + one + b"\0")
    rng = Random(4711)
    updates.append(rng.randbytes(HOSTILE_BYTES))
    updates.append(b"\1" + var_uint(200_000) + b"\5\0" + bytes([0, 1]) * ((HOSTILE_BYTES - 8) // 2))
    assert len(updates) == HOSTILE_COUNT
    return updates


def _frames() -> float:
    from sync.dialects import hocuspocus
    from sync.messages import Update

    key = "sb:00000000000000000000000000~1"
    frame = hocuspocus.encode(key, Update(bytes(45)))
    assert frame is not None

    def work() -> None:
        for _ in range(EDITS):
            hocuspocus.decode(frame)
            hocuspocus.encode(key, Update(bytes(45)))

    return _cpu_s(work) / EDITS


def _simulation() -> float:
    from tests.simulation.schedule import run

    return _cpu_s(lambda: [run(seed) for seed in range(SEEDS)]) / SEEDS


if __name__ == "__main__":
    sys.exit(main())
