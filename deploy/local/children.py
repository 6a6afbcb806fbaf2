"""Starts and ends child processes: own session, own log file, ended by the kernel when this process is.

Knows nothing about what the children are. Start them on the main thread: the kernel ends them with the thread.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launch.py")
LOG_BYTES_MAX = 8 * 1024 * 1024
LOGS_KEPT = 3
POLL_S = 0.005


@dataclass(frozen=True, slots=True)
class Program:
    """How to start one child. `death_signal` is what it gets when we are killed; `user` "" keeps ours."""

    name: str
    argv: Sequence[str]
    environ: Mapping[str, str]
    folder: Path
    log: Path
    death_signal: signal.Signals = signal.SIGTERM
    user: str = ""
    fds: tuple[int, ...] = ()


def rotate(log: Path, bytes_max: int = LOG_BYTES_MAX, kept: int = LOGS_KEPT) -> None:
    """`hub.log` -> `hub.log.1` -> `hub.log.2`, only when it has grown over `bytes_max`."""
    if not log.exists() or log.stat().st_size < bytes_max:
        return
    for number in range(kept - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    log.replace(log.with_name(f"{log.name}.1"))


def start(program: Program, stdin: bytes | None = None) -> subprocess.Popen[bytes]:
    """`stdin`: given to the child (secrets that must not be seen in its arguments), else it reads nothing."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    rotate(program.log)
    launcher = (
        sys.executable,
        "-I",
        "-S",
        str(LAUNCHER),
        str(os.getpid()),
        str(int(program.death_signal)),
        program.user,
    )
    with program.log.open("ab") as log:
        process = subprocess.Popen(
            [*launcher, *program.argv],
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(program.environ),
            cwd=program.folder,
            start_new_session=True,
            pass_fds=program.fds,
        )
    if stdin is not None and process.stdin is not None:
        process.stdin.write(stdin)
        process.stdin.close()
    return process


def stop(process: subprocess.Popen[bytes], ask: signal.Signals, timeout_s: float) -> None:
    """Asks, waits, then kills the whole session, grandchildren included."""
    if process.poll() is None:
        process.send_signal(ask)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            pass
    kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """-9 to the child and to whatever it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def wait_gone(pid: int, timeout_s: float) -> bool:
    """For a process that is not our child. True when it has ended (a zombie counts as ended)."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        if not alive(pid):
            return True
        time.sleep(POLL_S)
    return not alive(pid)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    state = Path(f"/proc/{pid}/stat")
    try:
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return sys.platform != "linux"


def tail(log: Path, lines: int = 8) -> str:
    """The end of a log, for an error message."""
    try:
        text = log.read_bytes()[-16384:].decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
