"""Which processes there are, and waiting for their end without asking again and again."""

import asyncio
import os
from pathlib import Path


def children(pid: int | None = None) -> list[int]:
    """Processes that this one, or another, has started and that still run."""
    tasks = Path(f"/proc/{pid or os.getpid()}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


async def gone(pid: int) -> None:
    """Returns when the process has ended, whoever started it."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
