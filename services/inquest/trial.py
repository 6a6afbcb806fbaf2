"""Opens a document in a child process and says how that ended.

Native code that spins or crashes takes the child with it and nobody else (consistency.md C5).
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from dataclasses import dataclass

from services.inquest import child
from services.inquest.errors import TrialUnclear
from sync.names import Kind

WALL_MAX_S = 60.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a trial ended. `at`: the state it died of, None where it died of reading all of them together, or not at all.

    `lacking`: states that rest on what no other state holds.
    """

    how: str
    is_whole: bool
    at: int | None
    lacking: tuple[int, ...]


async def try_in_child(program: Sequence[str], kind: Kind, states: Sequence[bytes]) -> Ended:
    """`program`: calls `child.main`. Raises `TrialUnclear` when the child could not have its processor time."""
    packed = child.pack(states)
    try:
        process = await asyncio.create_subprocess_exec(*program, kind.value, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
    except OSError as error:
        raise TrialUnclear(f"no child could be started: {error}") from error
    try:
        async with asyncio.timeout(WALL_MAX_S):
            said, _ = await process.communicate(packed)
    except TimeoutError:
        raise TrialUnclear(f"no verdict within {WALL_MAX_S:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _ended(said.decode().split("\n"), process.returncode)


def _ended(lines: list[str], code: int | None) -> Ended:
    steps = [line for line in lines if line]
    lacking = tuple(int(line.split()[1]) for line in steps if line.startswith("lacking"))
    last = steps[-1] if steps else ""
    how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
    if not steps:
        raise TrialUnclear(f"the child ended before it began: {how}")
    return Ended(how, last == "whole" and code == 0, int(last) if last.isdigit() else None, lacking)
