"""Our own side of a bench: real stores in a scratch folder, fresh hubs on them, storyboards with tokens.

Everything goes through the commands that a person would type.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.local import children, environment
from deploy.local.ports import free_port
from tests.bench import catalogue
from tests.bench.errors import PeerMissing
from tests.bench.servers import POLL_S, READY_TIMEOUT_S, SERVER_CORE, STOP_TIMEOUT_S, Reached, Say, pinned

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-P", "-m", "deploy.local")
STORES_STOP_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Stores:
    """Running ones. `pid`: the process above PostgreSQL and Valkey."""

    folder: Path
    pid: int

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def documents(self, count: int, content: Path | None = None) -> Path:
        """Fresh storyboards: a file of names and tokens."""
        file = self.folder / f"documents-{time.monotonic_ns()}.tsv"
        argv = [*COMMAND, "documents", "--data", str(self.data), "--count", str(count), "--role", "editor"]
        argv += ["--out", str(file), *(["--import", str(content)] if content else [])]
        ended = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise PeerMissing(f"./dev documents failed:\n{ended.stderr[-1500:]}")
        return file

    @contextmanager
    def hub(self, core: int = SERVER_CORE) -> Iterator[tuple[int, int]]:
        """Its pid and port. Raises `PeerMissing`."""
        port = free_port()
        argv = (*COMMAND, "serve", "hub", "--data", str(self.data), "--port", str(port), "--raise-budgets")
        with _running(f"hub-{port}", pinned(core, argv), self.folder, port) as process:
            yield process.pid, port


@contextmanager
def stores(folder: Path, say: Say) -> Iterator[Stores]:
    say("starting our stores")
    port = free_port()
    argv: tuple[str, ...] = (*COMMAND, "serve", "stores", "--data", str(folder / "data"), "--port", str(port))
    with _running("stores", argv, folder, port, STORES_STOP_TIMEOUT_S) as process:
        yield Stores(folder, process.pid)


@contextmanager
def server(running: Stores, bench: catalogue.Bench, content: Path | None) -> Iterator[Reached]:
    """A fresh hub with fresh documents. With `content` they are filled before, without the clients' help."""
    names = running.documents(bench.documents, content)
    with running.hub() as (pid, port):
        door: tuple[str, ...]
        if bench.acknowledged:
            door = ("--url", f"ws://127.0.0.1:{port}/collab", "--proto", "hocuspocus")
        else:
            door = ("--url", f"ws://127.0.0.1:{port}/sync/", "--proto", "yws", "--query", "token={token}")
        documents = ("--docs-file", str(names), *(["--no-preload"] if content else []))
        yield Reached(catalogue.OURS, pid, (*door, *documents, "--stores-pid", str(running.pid)))


@contextmanager
def _running(
    name: str, argv: tuple[str, ...], folder: Path, port: int, stop_timeout_s: float = STOP_TIMEOUT_S
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours until the end of the block, ready when `/readyz` says so."""
    environ = {key: value for key, value in os.environ.items() if key not in (*environment.STORES, environment.KEYS)}
    log = folder / f"{name}.log"
    process = children.start(children.Program(name, argv, environ, ROOT, log))
    try:
        until = time.monotonic() + READY_TIMEOUT_S
        while not _ready(port):
            if process.poll() is not None or time.monotonic() > until:
                raise PeerMissing(f"{name} did not start. The end of its log says:\n{children.tail(log)}")
            time.sleep(POLL_S)
        yield process
    finally:
        children.stop(process, signal.SIGTERM, stop_timeout_s)


def _ready(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == httpx.codes.OK
    except (OSError, httpx.HTTPError):
        return False
