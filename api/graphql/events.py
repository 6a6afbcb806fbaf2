"""A project's events for one subscription: rows in order, for as long as the rights last.

What `follower.py` is for server-sent events; rows only, no ticks.
"""

import asyncio
from collections.abc import AsyncGenerator

from api.audience import Audience
from api.follower import PAGE_ROWS_MAX, RIGHTS_AGE_S, Source
from storage.bus import Gap
from storage.events import FeedReader, ProjectEvent

RESET = "reset"


class Following:
    """`cursor`: the last event that the client knows; None for whatever is newest."""

    def __init__(self, source: Source, audience: Audience, cursor: int | None) -> None:
        self._source = source
        self._audience = audience
        self._cursor = cursor
        self._in_doubt = True
        self._checked_at = 0.0
        self._head = 0

    async def events(self) -> AsyncGenerator[tuple[int, str, ProjectEvent | None], None]:
        """(cursor, kind, row): `reset` has no row. Ends with the server; raises a `UsersError` when rights are lost."""
        source = self._source
        async with source.feed.subscribe(source.project_id) as reader:
            with source.rights.watched(source.project_id, lambda: self._doubt(reader)):
                await self._recheck()
                if self._cursor is None:
                    self._cursor = self._head
                elif self._cursor > self._head:  # a database was restored: these numbers mean other events now
                    yield self._reset()
                while not self._audience.closing.is_set():
                    rows = await source.rows(self._cursor, PAGE_ROWS_MAX)
                    await self._recheck()
                    if rows and rows[0].cursor != self._cursor + 1:  # older ones are not kept any more
                        self._in_doubt = True
                        await self._recheck()
                        yield self._reset()
                        continue
                    for row in rows:
                        await self._recheck()  # whoever reads slowly may have lost their rights meanwhile
                        self._cursor = row.cursor
                        yield row.cursor, row.kind, row
                    if not rows:
                        await _told(reader, source.recheck_s)

    def _doubt(self, reader: FeedReader) -> None:
        self._in_doubt = True
        reader.put(Gap())

    def _reset(self) -> tuple[int, str, None]:
        self._cursor = self._head
        return self._head, RESET, None

    async def _recheck(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._in_doubt or now - self._checked_at >= RIGHTS_AGE_S:
            self._in_doubt = False  # before it is asked: what changes meanwhile is asked about again
            self._head = await self._source.head()
            self._checked_at = now


async def _told(reader: FeedReader, timeout_s: float) -> None:
    """Until something may have happened; a message may also have been lost."""
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                notice = await reader.next()
                if isinstance(notice, Gap) or notice.get("type") != "tick":
                    return
    except TimeoutError:
        return
