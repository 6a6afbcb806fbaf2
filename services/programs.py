"""Running programs: bounded, killed at once when the caller is cancelled, never left behind.

Not which programs: whoever makes pictures, sounds or films of something says that.
"""

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

NICENESS = 4
"""Pictures may wait; people typing may not."""
COMPLAINT_CHARS_MAX = 300
CHUNK_BYTES = 64 * 1024

OnLine = Callable[[str], Awaitable[None]]
_BOUNDED = 'ulimit -v "$1" && ulimit -t "$2" && ulimit -f "$3" && ulimit -c 0 && shift 3 && exec "$@"'
_ULIMIT_FILE_BLOCK_BYTES = 512
_STARVED = (-24, -9, -25, 152, 137, 153)
"""Signals of used-up CPU time, of the kernel, of a file grown too large; as `sh` tells them, too."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the kernel lets a program have. `memory_bytes`: of addresses; `file_bytes`: of each file that it writes."""

    memory_bytes: int
    cpu_s: int
    file_bytes: int

    def around(self, argv: Sequence[str]) -> list[str]:
        """The command that limits itself and becomes `argv`: nothing of it runs without its limits."""
        limits = (self.memory_bytes // 1024, self.cpu_s, self.file_bytes // _ULIMIT_FILE_BLOCK_BYTES)
        return ["/bin/sh", "-c", _BOUNDED, "sh", *map(str, limits), *argv]


class ProgramFailed(Exception):
    """A program that makes pictures or sound ended with an error.

    `detail` is for whoever runs the studio: the end of `complaint`, all that was kept of what it said. `status`: its
    exit code, or minus the signal that ended it.
    """

    code = "step.program"

    def __init__(self, program: str = "", complaint: str = "", status: int = 1) -> None:
        super().__init__(f"A program that makes pictures or sound failed ({program or 'unnamed'}).")
        self.complaint = complaint
        self.detail = f"ended with {status}: {complaint[-COMPLAINT_CHARS_MAX:]}"
        self.status = status

    @property
    def starved(self) -> bool:
        """It wanted more time, memory or disk than its `Bounds`."""
        return self.status in _STARVED or "Cannot allocate memory" in self.complaint


async def run(argv: Sequence[str], folder: Path, stdin: bytes = b"", bounds: Bounds | None = None) -> bytes:
    """Standard output of a program that succeeds. Raises `ProgramFailed`."""
    async with _child(argv, folder, PIPE, PIPE, bounds) as child:
        output, complaint = await child.communicate(stdin)
        _check(argv, child, complaint)
        return output


async def remarks(argv: Sequence[str], folder: Path, bounds: Bounds) -> str:
    """The end of what a program that succeeds says on standard error. Raises `ProgramFailed`."""
    async with _child(argv, folder, DEVNULL, DEVNULL, bounds) as child:
        assert child.stderr is not None
        said = await _end_of(child.stderr)
        await child.wait()
        _check(argv, child, said)
        return said.decode(errors="replace")


async def lines(argv: Sequence[str], folder: Path, stdin: bytes, on_line: OnLine, bounds: Bounds | None = None) -> None:
    """Feeds a program and hears every line that it prints. Raises `ProgramFailed` and what `on_line` raises."""
    async with _child(argv, folder, PIPE, PIPE, bounds) as child:
        await _converse(argv, child, stdin, on_line)


async def pipe(source: Sequence[str], sink: Sequence[str], folder: Path, stdin: bytes, on_line: OnLine) -> None:
    """`source | sink`: feeds the source, hears the lines of the sink. The bytes between never pass through us."""
    read_end, write_end = os.pipe()
    ends = {read_end, write_end}
    try:
        async with _child(source, folder, PIPE, write_end) as first:
            os.close(write_end)
            ends.discard(write_end)
            async with _child(sink, folder, read_end, PIPE) as second:
                os.close(read_end)
                ends.discard(read_end)
                async with _plainly(), asyncio.TaskGroup() as group:
                    group.create_task(_feed(source, first, stdin, second))
                    group.create_task(_converse(sink, second, None, on_line))
    finally:
        for end in ends:
            os.close(end)


@asynccontextmanager
async def _child(
    argv: Sequence[str], folder: Path, stdin: int, stdout: int, bounds: Bounds | None = None
) -> AsyncIterator[Process]:
    """A running program; whatever happens, it has ended when the block has."""
    command = argv if bounds is None else bounds.around(argv)
    child = await asyncio.create_subprocess_exec(*command, stdin=stdin, stdout=stdout, stderr=PIPE, cwd=folder)
    try:
        with suppress(ProcessLookupError, PermissionError):
            os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
        yield child
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await asyncio.shield(child.wait())


async def _feed(argv: Sequence[str], child: Process, stdin: bytes, reader: Process) -> None:
    """A program that only failed because its reader was gone says nothing: the reader's own end says why."""
    _, complaint = await child.communicate(stdin)
    if child.returncode and b"Broken pipe" in complaint[-COMPLAINT_CHARS_MAX:] and await reader.wait():
        return
    _check(argv, child, complaint)


async def _converse(argv: Sequence[str], child: Process, stdin: bytes | None, on_line: OnLine) -> None:
    assert child.stdout is not None and child.stderr is not None
    complaints = _end_of(child.stderr)
    async with _plainly(), asyncio.TaskGroup() as group:
        complaint = group.create_task(complaints)
        if stdin is not None:
            group.create_task(_write(child, stdin))
        async for line in child.stdout:
            await on_line(line.decode(errors="replace").strip())
    await child.wait()
    _check(argv, child, complaint.result())


async def _end_of(stream: asyncio.StreamReader) -> bytes:
    """However much is said, what is kept is bounded."""
    kept = b""
    while chunk := await stream.read(CHUNK_BYTES):
        kept = (kept + chunk)[-CHUNK_BYTES:]
    return kept


async def _write(child: Process, stdin: bytes) -> None:
    assert child.stdin is not None
    with suppress(BrokenPipeError, ConnectionResetError):  # its exit code says why
        child.stdin.write(stdin)
        await child.stdin.drain()
    child.stdin.close()


def _check(argv: Sequence[str], child: Process, complaint: bytes) -> None:
    if child.returncode:
        words = complaint.decode(errors="replace").strip()
        raise ProgramFailed(Path(argv[0]).name, words, child.returncode)


@asynccontextmanager
async def _plainly() -> AsyncIterator[None]:
    """The first real error of a task group, instead of a group of one."""
    try:
        yield
    except BaseExceptionGroup as group:
        first: BaseException = group
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None
