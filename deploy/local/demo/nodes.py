"""The processes of the demo's studio: two hub nodes and a worker, each of which may be killed and started again.

Nothing is restarted by itself here: the demo decides when.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.local import children
from deploy.local.demo.errors import NodeFailed
from deploy.local.ports import free_port

START_TIMEOUT_S = 30.0
POLL_S = 0.05
STOP_TIMEOUT_S = 4.0
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Node:
    """One `serve ...` in a process of its own, on a port that it keeps."""

    name: str
    arguments: Sequence[str]
    environ: Mapping[str, str]
    logs: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def websocket(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.logs / f"{self.name}.log"

    def start(self) -> None:
        """On the main thread (children.py). Returns at once; see `ready`."""
        serve = (sys.executable, "-P", "-m", "deploy.local", "serve", *self.arguments, "--port", str(self.port))
        self.process = children.start(children.Program(self.name, serve, self.environ, ROOT, self.log))

    async def ready(self) -> None:
        """Returns when `/readyz` says so. Raises `NodeFailed`."""
        clock = asyncio.get_running_loop().time
        until = clock() + START_TIMEOUT_S
        async with httpx.AsyncClient() as client:
            while clock() < until:
                if self.process is None or self.process.poll() is not None:
                    break
                if await self._answers(client):
                    return
                await asyncio.sleep(POLL_S)
        raise NodeFailed(f"{self.name} did not start:\n{children.tail(self.log)}")

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"{self.http}/readyz", timeout=2.0)).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> int:
        """`kill -9`; the pid that is gone."""
        assert self.process is not None
        pid = self.process.pid
        children.kill(self.process)
        return pid

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        if self.process is not None:
            children.stop(self.process, signal.SIGTERM, STOP_TIMEOUT_S)
            self.process = None


@dataclass(frozen=True)
class Nodes:
    """`a` is a hub without the API, `b` a hub with the API."""

    a: Node
    b: Node
    worker: Node

    async def ready(self) -> None:
        for node in (self.a, self.b, self.worker):
            await node.ready()


@contextmanager
def open_nodes(variables: Mapping[str, str], folder: Path, port: int) -> Iterator[Nodes]:
    """`variables`: how to reach the stores; `port`: of hub B, the studio's address. All that was started ends."""
    logs = folder / "logs"
    ours = {name: value for name, value in os.environ.items() if not name.startswith("STORYFORGE_")}
    environ = {**ours, **variables}  # nothing of a studio that happens to be set up in this shell
    nodes = Nodes(
        a=Node("hub-a", ("hub", "--without-api"), environ, logs),
        b=Node("hub-b", ("hub",), environ, logs, port),
        worker=Node("worker", ("worker",), environ, logs),
    )
    every = (nodes.b, nodes.a, nodes.worker)
    try:
        for node in every:
            node.start()
        yield nodes
    finally:
        for node in every:
            node.ask_to_stop()
        for node in every:
            node.stop()
