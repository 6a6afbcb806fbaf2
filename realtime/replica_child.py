"""The inside of a replica process: answers its hub about large documents, one question after another (C21).

Native code may spin here, crash or eat memory: the kernel ends the process then, and the hub's inquest finds what it
was working on. It ends by itself when its hub has gone.
"""

import faulthandler
import resource
import signal
import socket
from contextlib import suppress
from functools import partial

from realtime.replica_wire import receive, send
from storage.announcements import Announcements
from sync.remote.messages import Request, decode_request, encode_answer
from sync.remote.process_side import Contents

MIB = 1024 * 1024
CPU_BASE_S = 1.0
CPU_PER_MIB_S = 1.0
"""Of processor time, between two signs of life; a compiled load takes 0.2 s a MiB and shows many."""
MEMORY_BYTES_MAX = 8 * 1024**3


def main(connection: socket.socket, announcements: Announcements, slower_times: float) -> None:
    """Until the hub closes its side. `slower_times`: than compiled code this process is."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the hub ends us when it ends
    if announcements.fault_file is not None:
        faulthandler.enable(announcements.fault_file)
        faulthandler.register(signal.SIGPROF, announcements.fault_file, chain=True)
    contents = Contents(announcements.of)
    with suppress(EOFError, ConnectionError):
        while True:
            request = decode_request(*receive(connection))
            announcements.put_off = partial(_allow, _allowed_s(request, contents, slower_times))
            announcements.put_off()
            answer = contents.answer(request)
            _allow(0)
            send(connection, encode_answer(answer))


def _allow(cpu_s: float) -> None:
    """Of processor time from now on; 0: no end."""
    signal.setitimer(signal.ITIMER_PROF, cpu_s)


def _allowed_s(request: Request, contents: Contents, slower_times: float) -> float:
    size = sum(len(blob) for blob in request.blobs) + contents.bytes_of(request.opened)
    return CPU_BASE_S + CPU_PER_MIB_S * slower_times * size / MIB
