"""Ends this process when its event loop stands still at full speed (consistency.md C5).

Native code that spins holds the interpreter for ever: no thread of ours, no signal handler in Python, no health check
ever runs again. So the kernel is asked to end us after so much processor time, and the loop puts that off as long as it
comes round. Processor time, not a clock: a stopped, suspended or starved process is no standing one. What was worked
on stands in the process's announcement; a traceback goes beside it.
"""

import asyncio
import faulthandler
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from storage.announcements import Announcements
from storage.tasks import beside

PUT_OFF_EVERY_S = 0.25


@asynccontextmanager
async def ended_by_standstill(cpu_s: float | None, announcements: Announcements) -> AsyncIterator[None]:
    """`cpu_s`: of processor time, of all threads; None: never. The fault file also gets the traceback of a crash."""
    fault_file, before = announcements.fault_file, announcements.put_off
    if fault_file is not None:
        faulthandler.enable(fault_file)
        faulthandler.register(signal.SIGPROF, fault_file, all_threads=True, chain=True)  # and then it ends us
    try:
        if cpu_s is None:
            yield
        else:
            announcements.put_off = partial(_put_off, cpu_s)  # for long work that is known to come to an end
            async with beside(_put_off_forever(cpu_s)):
                yield
    finally:
        announcements.put_off = before
        signal.setitimer(signal.ITIMER_PROF, 0)
        if fault_file is not None:
            faulthandler.unregister(signal.SIGPROF)
            faulthandler.disable()


def _put_off(cpu_s: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, cpu_s)


async def _put_off_forever(cpu_s: float) -> None:
    while True:
        _put_off(cpu_s)
        await asyncio.sleep(PUT_OFF_EVERY_S)
