"""One process that holds the content of large documents for this hub (C21). `replica_child` is its inside.

Each has one thread here that asks it and waits; the thread holds no lock of the interpreter meanwhile. A process that
ends, or does not answer in time, is lost with all that it held: its rooms are loaded again from the log.
"""

import asyncio
import socket
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar
from uuid import UUID

from realtime.replica_wire import receive, send
from sync.errors import ContentLost
from sync.remote.messages import Answer, Request, decode_answer, encode_request

WATCH_EVERY_S = 1.0
END_WAIT_S = 2.0
"""For a process to end by itself; then it is killed."""

Result = TypeVar("Result")


class ReplicaProcess:
    """`documents`: the size of each that it holds, by opening. `answer_timeout_s`: by the clock; a spin ends sooner."""

    def __init__(self, process: Process, connection: socket.socket, answer_timeout_s: float) -> None:
        self.documents: dict[UUID, int] = {}
        self.is_lost = False
        self._process = process
        self._connection = connection
        self._answer_timeout_s = answer_timeout_s
        self._thread = ThreadPoolExecutor(1, f"replica-{process.pid}")
        self._asked_s: float | None = None
        """When the question was asked that is under way."""

    @classmethod
    async def start(cls, program: Sequence[str], folder: Path | None, answer_timeout_s: float) -> Self:
        """`folder`: where it announces its work. Raises `ContentLost` when no process can be started."""
        ours, theirs = socket.socketpair()
        arguments = [str(theirs.fileno()), *([] if folder is None else [str(folder)])]
        try:
            process = await asyncio.create_subprocess_exec(
                *program, *arguments, stdin=DEVNULL, pass_fds=[theirs.fileno()]
            )
        except OSError as error:
            ours.close()
            raise ContentLost(f"no replica process could be started: {error}") from error
        finally:
            theirs.close()
        return cls(process, ours, answer_timeout_s)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def bytes(self) -> int:
        """Of all documents that it holds, as they were when they came."""
        return sum(self.documents.values())

    async def run(self, work: Callable[[], Result]) -> Result:
        """`work` may `ask`. What several want is done in their order. Raises `ContentLost` and what `work` raises."""
        if self.is_lost:
            raise ContentLost(ContentLost.__doc__)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except RuntimeError as error:
            if not self.is_lost:
                raise
            raise ContentLost(ContentLost.__doc__) from error  # its thread takes no more work

    def ask(self, request: Request) -> Answer:
        """In `run`'s thread only. Raises `ContentLost`."""
        self._asked_s = time.monotonic()
        try:
            send(self._connection, encode_request(request))
            return decode_answer(*receive(self._connection))
        except (OSError, EOFError) as error:
            raise ContentLost(f"the replica process has ended: {error}") from error
        finally:
            self._asked_s = None

    async def watch(self) -> int:
        """Until it ends, by itself or for not answering; how it ended, as `Process.returncode` says it."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(WATCH_EVERY_S):
                    return await self._process.wait()
            asked_s = self._asked_s
            if asked_s is not None and time.monotonic() - asked_s > self._answer_timeout_s:
                self.kill()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """In order, or by force. Whoever still waits for an answer is told `ContentLost`."""
        self.is_lost = True
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._thread.shutdown(wait=False)
        try:
            async with asyncio.timeout(END_WAIT_S):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()
        await asyncio.to_thread(self._thread.shutdown)
        self._connection.close()
