"""Reading a clip that a provider has sent: as strictly as a file of strangers, within limits, with named failures.

Not what is read out of it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.assets.errors import FileUnreadable
from services.generation.errors import ClipTooCostly, ClipUnreadable
from services.programs import Bounds, ProgramFailed

DEMUXER = "mov"
READ_S_MAX = 300.0
"""Of the clock, for whatever is done to one clip at a time. Error: `ClipTooCostly`."""
BOUNDS = Bounds(memory_bytes=4 * 1024**3, cpu_s=600, file_bytes=512 * 1024**2)


@asynccontextmanager
async def judged() -> AsyncIterator[None]:
    """What a program's end says about the clip. Raises `ClipUnreadable`, `ClipTooCostly`."""
    try:
        async with asyncio.timeout(READ_S_MAX):
            yield
    except TimeoutError as error:
        raise ClipTooCostly(ClipTooCostly.__doc__) from error
    except ProgramFailed as error:
        kind = ClipTooCostly if error.starved else ClipUnreadable
        raise kind(kind.__doc__) from error
    except FileUnreadable as error:
        raise ClipUnreadable(ClipUnreadable.__doc__) from error
