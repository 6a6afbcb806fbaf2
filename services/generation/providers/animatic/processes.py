"""Running media programs: bounded, killed at once when the caller is cancelled, never left behind.

Not which programs: `ffmpeg.py` and `program.py` say that.
"""

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from services.generation.errors import ProgramFailed

NICENESS = 4
"""Pictures may wait; people typing may not."""
COMPLAINT_CHARS_MAX = 300

OnLine = Callable[[str], Awaitable[None]]


async def run(argv: Sequence[str], folder: Path, stdin: bytes = b"") -> bytes:
    """Standard output of a program that succeeds. Raises `ProgramFailed`."""
    async with _child(argv, folder, PIPE, PIPE) as child:
        output, complaint = await child.communicate(stdin)
        _check(argv, child, complaint)
        return output


async def lines(argv: Sequence[str], folder: Path, stdin: bytes, on_line: OnLine) -> None:
    """Feeds a program and hears every line that it prints. Raises `ProgramFailed` and what `on_line` raises."""
    async with _child(argv, folder, PIPE, PIPE) as child:
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
                    group.create_task(_feed(source, first, stdin))
                    group.create_task(_converse(sink, second, None, on_line))
    finally:
        for end in ends:
            os.close(end)


@asynccontextmanager
async def _child(argv: Sequence[str], folder: Path, stdin: int, stdout: int) -> AsyncIterator[Process]:
    """A running program; whatever happens, it has ended when the block has."""
    child = await asyncio.create_subprocess_exec(*argv, stdin=stdin, stdout=stdout, stderr=PIPE, cwd=folder)
    try:
        with suppress(ProcessLookupError, PermissionError):
            os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
        yield child
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await asyncio.shield(child.wait())


async def _feed(argv: Sequence[str], child: Process, stdin: bytes) -> None:
    _, complaint = await child.communicate(stdin)
    _check(argv, child, complaint)


async def _converse(argv: Sequence[str], child: Process, stdin: bytes | None, on_line: OnLine) -> None:
    assert child.stdout is not None and child.stderr is not None
    complaints = child.stderr.read()
    async with _plainly(), asyncio.TaskGroup() as group:
        complaint = group.create_task(complaints)
        if stdin is not None:
            group.create_task(_write(child, stdin))
        async for line in child.stdout:
            await on_line(line.decode(errors="replace").strip())
    await child.wait()
    _check(argv, child, complaint.result())


async def _write(child: Process, stdin: bytes) -> None:
    assert child.stdin is not None
    with suppress(BrokenPipeError, ConnectionResetError):  # its exit code says why
        child.stdin.write(stdin)
        await child.stdin.drain()
    child.stdin.close()


def _check(argv: Sequence[str], child: Process, complaint: bytes) -> None:
    if child.returncode:
        words = complaint.decode(errors="replace").strip()[-COMPLAINT_CHARS_MAX:]
        raise ProgramFailed(Path(argv[0]).name, f"ended with {child.returncode}: {words}")


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
