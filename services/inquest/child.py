"""The inside of a trial: opens a document from states on stdin and reads all of it.

It may spin, crash or eat memory; that is what it is for. On stdout stands how far it has come: a line before each
state, `lacking N` where a state rests on what is not there, `reading`, `whole`.
"""

import resource
import signal
import sys
from collections.abc import Sequence
from struct import Struct
from typing import Any

from pycrdt import Doc

from services.history import content
from sync.index import StructIndex
from sync.names import Kind
from sync.schema import OWNERSHIP
from sync.update import parse

LENGTH = Struct("<I")
CPU_BASE_S = 0.7
CPU_PER_MIB_S = 1.0
"""Of processor time; a compiled load takes 0.2 s a MiB."""
MEMORY_BYTES_MAX = 4 * 1024**3


def main(kind: Kind, slower_times: float) -> None:
    """`slower_times`: than compiled code this process is."""
    packed = sys.stdin.buffer.read()
    cpu_s = (CPU_BASE_S + CPU_PER_MIB_S * len(packed) / 1024**2) * slower_times
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_PROF, cpu_s)  # the kernel ends us, whatever native code does
    index = StructIndex()
    doc: Doc[Any] = Doc()
    for place, state in enumerate(unpack(packed)):
        print(place, flush=True)
        judgement = index.check(parse(state), trusted=True)
        if judgement.missing is not None:
            print("lacking", place, flush=True)
            continue
        doc.apply_update(state)
        index.admit(judgement)
    print("reading", flush=True)
    doc.get_update()
    content.read(doc, OWNERSHIP[kind].roots)
    print("whole", flush=True)


def pack(states: Sequence[bytes]) -> bytes:
    return b"".join(LENGTH.pack(len(state)) + state for state in states)


def unpack(packed: bytes) -> list[bytes]:
    states, at = [], 0
    while at < len(packed):
        (size,) = LENGTH.unpack_from(packed, at)
        at += LENGTH.size
        states.append(packed[at : at + size])
        at += size
    return states
