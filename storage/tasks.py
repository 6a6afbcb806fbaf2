"""A task that lives exactly as long as a `with` block.

`asyncio.TaskGroup` does the work; this adds that the block's own error comes out as itself and not in a group.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Runs `work` beside the block and cancels it at the block's end. If `work` fails, the block is cancelled."""
    failure: Exception | None = None
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        try:
            yield task
        except Exception as error:
            failure = error
        finally:
            task.cancel()
    if failure is not None:
        raise failure
