"""A task that lives exactly as long as a `with` block, and a block out of which no cancellation is lost."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Runs `work` beside the block and cancels it at the block's end. If `work` fails, the block is cancelled.

    `asyncio.TaskGroup` does the work; this adds that the block's own error comes out as itself and not in a group.
    """
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


class cancellable:
    """A task that is cancelled inside the block leaves it as cancelled, whatever a library made of it.

    Python 3.11's `asyncio.wait_for` returns the result when a cancellation meets it (gh-86296), and redis-py sends each
    command through it; closing a connection in the middle may raise something else instead. Whoever calls in a loop
    would never end.
    """

    __slots__ = ("_before", "_task")

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._before = 0 if self._task is None else self._task.cancelling()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        is_over = error is None or isinstance(error, Exception)
        if is_over and self._task is not None and self._task.cancelling() > self._before:
            raise asyncio.CancelledError from error
