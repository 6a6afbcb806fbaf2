"""A studio started by `up` in a process of its own, as a person starts it, and what tests ask of it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.ports import free_port

START_TIMEOUT_S = 60.0
POLL_S = 0.02


def until(what: str, condition: Callable[[], object], timeout_s: float = 20.0) -> Any:
    """The first truthy answer; AssertionError after the deadline."""
    deadline = time.monotonic() + timeout_s
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what} did not happen within {timeout_s:g} s"
        time.sleep(POLL_S)
    return answer


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "deploy.local", *arguments]


def descendants(pid: int) -> dict[int, str]:
    """pid -> command line of everything that this process started, directly or not."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # it ended while we looked
    found: dict[int, str] = {}
    grown = {pid}
    while grown:
        grown = {child for child, parent in parents.items() if parent in grown and child not in found}
        for child in grown:
            try:
                found[child] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                found[child] = ""
    return found


@dataclass(slots=True)
class Studio:
    """One run of `up`. `ready`: what it wrote with --json."""

    data: Path
    port: int
    process: subprocess.Popen[str]
    ready: dict[str, Any]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def child(self, what: str) -> int | None:
        """The pid of the hub or worker, None while there is none."""
        return next((pid for pid, line in descendants(self.process.pid).items() if f"serve {what}" in line), None)

    def stop(self, ask: signal.Signals = signal.SIGINT) -> float:
        """Seconds until it had ended."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(ask)
        self.process.wait(30)
        return time.monotonic() - begun


def start(data: Path, port: int | None = None, environ: Mapping[str, str] | None = None) -> Studio:
    """Returns when it is ready."""
    chosen = port or free_port()
    ready_file = data.with_name(f"{data.name}.ready.json")
    ready_file.unlink(missing_ok=True)
    arguments = command("up", "--data", str(data), "--port", str(chosen), "--json", str(ready_file))
    output = data.with_name(f"{data.name}.output").open("w")
    with output:
        process = subprocess.Popen(arguments, stdout=output, stderr=subprocess.STDOUT, text=True, env=environ)

    def written() -> dict[str, Any] | None:
        assert process.poll() is None, Path(output.name).read_text()
        return json.loads(ready_file.read_text()) if ready_file.exists() else None

    try:
        return Studio(data, chosen, process, until("the studio's start", written, START_TIMEOUT_S))
    except BaseException:
        process.kill()
        process.wait()
        raise
