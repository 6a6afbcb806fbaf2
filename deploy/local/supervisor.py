"""Keeps children running: starts again what crashed, kills what stopped answering.

Does not know what they do. One `Keeper` owns one child; `asyncio.TaskGroup` owns the keepers.
"""

import asyncio
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.heartbeat import AGE_MAX_S
from deploy.local import children

POLL_S = 0.1
BACKOFF_FIRST_S = 0.25
BACKOFF_MAX_S = 10.0
STEADY_AFTER_S = 30.0
"""A child that ran for so long starts from the first back-off again."""
FIRST_BEAT_S = 30.0
"""A child that is starting has so long until its heartbeat is expected."""
STOP_TIMEOUT_S = 4.0


def backoff_s(failures: int) -> float:
    """0.25, 0.5, 1, 2, 4, 8, 10, 10 ... seconds for the first, second ... failure in a row."""
    return min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0 ** min(failures - 1, 16))


class Pulse:
    """Age of a heartbeat file by our own monotonic clock: neither a set clock nor a suspended laptop ages it."""

    def __init__(
        self, file: Path, now: float, first_beat_s: float = FIRST_BEAT_S, age_max_s: float = AGE_MAX_S
    ) -> None:
        self._file = file
        self._seen = self._stamp()
        self._deadline = now + first_beat_s
        self._age_max_s = age_max_s

    def alive(self, now: float) -> bool:
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            self._deadline = now + self._age_max_s
        return now < self._deadline

    def _stamp(self) -> int:
        try:
            return self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A child that must run. `heartbeat`: the file that it touches, if it has one."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    heartbeat: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM


class Keeper:
    """Runs one child until cancelled. `say` is told, in one line, whatever a person would like to know."""

    def __init__(self, kept: Kept, say: Callable[[str], None]) -> None:
        self._kept = kept
        self._say = say
        self._failures = 0
        self.process: subprocess.Popen[bytes] | None = None

    async def run(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            begun = clock()
            await self._one_life()
            if clock() - begun > STEADY_AFTER_S:
                self._failures = 0
            self._failures += 1
            wait_s = backoff_s(self._failures)
            self._say(f"{self._kept.name} is started again in {wait_s:g} s")
            await asyncio.sleep(wait_s)

    async def _one_life(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            process = self.process = self._kept.start()
        except Exception as error:  # a server that does not come back yet is one more failure, not our end
            self._say(f"{self._kept.name} could not be started: {error}")
            return
        pulse = None if self._kept.heartbeat is None else Pulse(self._kept.heartbeat, clock())
        while process.poll() is None:
            if pulse is not None and not pulse.alive(clock()):
                self._say(f"{self._kept.name} has not answered for {AGE_MAX_S:g} s and is replaced")
                break
            await asyncio.sleep(POLL_S)
        else:
            self._say(f"{self._kept.name} ended with {ending(process.returncode)}")
        children.kill(process)


def ending(code: int) -> str:
    """Exit code or signal, for people."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
