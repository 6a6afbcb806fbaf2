"""If-Match: a change is made only if the thing is still as its writer has read it; of two who send the same tag, one.

The thing is read again by the route that reads it, while the others who send a tag for this address wait. Whoever sends
none overwrites what there is, as they asked, unless the route insists.
"""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
from starlette.requests import Request
from starlette.responses import Response

from api.etags import as_read, names
from api.gateway_errors import PreconditionFailed, PreconditionRequired
from storage import turns

CHANGES_MAX = 4
"""With a tag, in one process at once: each has a connection of the pool beside the one that its handler takes."""

Answer = Callable[[], Awaitable[Response]]


async def unless_changed(
    pool: asyncpg.Pool,
    places: asyncio.Semaphore,
    request: Request,
    read: Answer,
    change: Answer,
    *,
    insists: bool = False,
) -> Response:
    """`places`: `CHANGES_MAX` of them. `insists`: whoever sends no tag is told to read first.

    Raises `PreconditionFailed`, `PreconditionRequired`, and what the two raise.
    """
    tags = request.headers.get("if-match")
    if tags is None:
        if insists:
            await read()  # whoever may not even look is told no more than that
            raise PreconditionRequired()
        return await change()
    async with places, pool.acquire() as connection, connection.transaction():
        await turns.take(connection, f"If-Match {request.url.path}")
        if not names(tags, as_read(await read(), None).headers["etag"], weak=False):
            raise PreconditionFailed()
        return await change()
