"""What chaos is made on: two hubs, a worker, PostgreSQL and Valkey in processes of their own, and who edits there."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis.asyncio

from deploy.errors import DeployError
from deploy.local.demo.nodes import Node, Nodes
from deploy.local.household import Household
from deploy.local.supervisor import Kept
from tests.chaos.editor import Editor
from tests.chaos.people import open_people

STORE_START_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Studio:
    """All that may be hurt."""

    house: Household
    nodes: Nodes

    @property
    def hubs(self) -> tuple[Node, Node]:
        return self.nodes.a, self.nodes.b

    def store(self, name: str) -> Kept:
        return next(kept for kept in self.house.kept if kept.name == name)

    async def flush_valkey(self) -> None:
        client = redis.asyncio.Redis.from_url(self.house.endpoints.redis_url)
        try:
            await client.flushall()
        finally:
            await client.aclose()


def family(process: subprocess.Popen[bytes]) -> list[int]:
    """The process and its children, which for PostgreSQL are in sessions of their own."""
    found = [process.pid]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if parent == process.pid:
                found.append(int(entry.name))
    return found


def signal_all(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    for pid in family(process):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def restart(store: Kept) -> None:
    """Waits until it answers. On the main thread, which its life hangs on. Raises `DeployError`."""
    until = time.monotonic() + STORE_START_TIMEOUT_S
    while True:
        try:
            store.start()
            return
        except DeployError:
            if time.monotonic() > until:
                raise


async def editors(studio: Studio, documents: int, each: int, seed: int) -> list[Editor]:
    """Fresh storyboards and as many people for each."""
    hubs = [hub.websocket for hub in studio.hubs]
    made: list[Editor] = []
    async with open_people(studio.house.variables) as people:
        for _ in range(documents):
            board = await people.board()
            for _ in range(each):
                token = await people.editor(board)
                made.append(Editor(f"e{len(made)}", board.name, token, hubs, seed * 100 + len(made)))
    return made
