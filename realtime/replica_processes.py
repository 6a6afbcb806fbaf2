"""The replica processes of a hub: started when the first large document comes, replaced when one ends.

What one was working on when it ended is the inquest's; it has begun before anybody hears of the end.
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID, uuid4

from realtime.metrics import HubMetrics
from realtime.replica_process import ReplicaProcess
from services.inquest.service import Inquest
from storage.announcements import Announcements, deaths
from sync.content import Content
from sync.errors import ContentLost
from sync.limits import Limits
from sync.names import DocumentName
from sync.remote.messages import Ask, Request
from sync.remote.room_side import open_there

Result = TypeVar("Result")

log = logging.getLogger("storyforge.hub")


@dataclass(frozen=True, slots=True)
class ReplicaSettings:
    """`program`: calls `replica_child.main`, given a descriptor and a folder. `answer_timeout_s`: of one question."""

    program: Sequence[str]
    processes_max: int
    answer_timeout_s: float


@dataclass(frozen=True, slots=True)
class There:
    """`realtime.places.Place` of one document in a replica process."""

    process: ReplicaProcess
    opened: UUID
    ended: Callable[[ReplicaProcess], Coroutine[Any, Any, None]]

    @property
    def is_lost(self) -> bool:
        return self.process.is_lost

    async def run(self, work: Callable[[], Result]) -> Result:
        try:
            return await self.process.run(work)
        except ContentLost:
            await self.ended(self.process)  # the inquest shuts the document before anybody comes back for it
            raise

    async def leave(self) -> None:
        self.process.documents.pop(self.opened, None)
        try:
            await self.process.run(lambda: self.process.ask(Request(Ask.CLOSE, self.opened)))
        except ContentLost:
            pass  # and its content with it


class ReplicaProcesses:
    """Enter it to own them: leaving ends them. `spawn`: starts a task that outlives no block but the hub's."""

    def __init__(
        self,
        settings: ReplicaSettings,
        announcements: Announcements,
        inquest: Inquest,
        metrics: HubMetrics,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._settings = settings
        self._folder = announcements.folder
        self._inquest = inquest
        self._metrics = metrics
        self._spawn = spawn
        self._processes: list[ReplicaProcess] = []
        self._ends: dict[ReplicaProcess, asyncio.Event] = {}
        self._starting = asyncio.Lock()
        self._is_closed = False
        metrics.ask("storyforge_replica_processes", "Processes that hold large documents", self.process_count)
        metrics.ask("storyforge_replica_documents", "Documents in replica processes", self.document_count)
        metrics.ask("storyforge_replica_bytes", "Of the documents in replica processes, encoded", self.byte_count)

    def process_count(self) -> int:
        return len(self._processes)

    def document_count(self) -> int:
        return sum(len(process.documents) for process in self._processes)

    def byte_count(self) -> int:
        return sum(process.bytes for process in self._processes)

    def pids(self) -> list[int]:
        return [process.pid for process in self._processes]

    async def open(
        self, name: DocumentName, server_client: int, limits: Limits, states: Sequence[bytes], *, rests: bool
    ) -> tuple[Content, There]:
        """`rests`: as of `Loaded`. Raises `ContentLost`, `ContentFailed`."""
        process = await self._choose()
        there = There(process, uuid4(), self._ended)
        process.documents[there.opened] = sum(len(state) for state in states)
        try:
            content = await there.run(
                lambda: open_there(process.ask, there.opened, name, server_client, limits, states, rests)
            )
        except BaseException:
            process.documents.pop(there.opened, None)
            raise
        return content, there

    async def _choose(self) -> ReplicaProcess:
        """One that holds nothing, a new one, or the one that holds least."""
        async with self._starting:
            if self._is_closed:
                raise ContentLost("the hub is going away")
            least = min(self._processes, key=lambda process: process.bytes, default=None)
            if least is not None and (not least.documents or len(self._processes) >= self._settings.processes_max):
                return least
            settings = self._settings
            process = await ReplicaProcess.start(settings.program, self._folder, settings.answer_timeout_s)
            self._processes.append(process)
            self._ends[process] = asyncio.Event()
            self._spawn(self._watch(process))
            log.info("replica_process.started", extra={"pid": process.pid})
            return process

    async def _watch(self, process: ReplicaProcess) -> None:
        code = await process.watch()
        await process.end()
        self._processes.remove(process)
        if not self._is_closed:
            how = signal.Signals(-code).name if code < 0 else f"exit {code}"
            self._metrics.replica_ends.labels(how).inc()
            log.error("replica_process.ended", extra={"pid": process.pid, "how": how})
            if self._folder is not None:
                died = await asyncio.to_thread(deaths, self._folder, process.pid)
                self._spawn(self._inquest.begin(died))
        self._ends.pop(process).set()

    async def _ended(self, process: ReplicaProcess) -> None:
        """Returns when what the process was working on is known. One that only lost its connection is killed."""
        process.kill()
        end = self._ends.get(process)
        if end is not None:
            await end.wait()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_closed = True
        async with AsyncExitStack() as stack:
            for process in list(self._processes):
                stack.push_async_callback(process.end)
