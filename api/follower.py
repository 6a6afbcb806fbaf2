"""One server-sent event stream: the rows of a project's events in order, and ticks between them.

Rows are read from PostgreSQL, a message only says that there are some: losing it costs latency, never an event (P4).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.audience import Audience
from api.rights import Rights
from services.runs.ticks import Ticks
from services.users.errors import UsersError
from storage.bus import Gap
from storage.errors import StoreAway
from storage.events import ProjectEvent, ProjectFeed

PAGE_ROWS_MAX = 200
RIGHTS_AGE_S = 1.0
"""Rows are never sent on rights that were checked longer ago than this (P7)."""
RETRY_MS = 2_000

_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no", "Content-Type": "text/event-stream; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where one stream reads. `head()` checks the rights and gives the newest cursor; it raises a `UsersError`.

    `ticks()`: whether the reader hears of everything, and so of every tick: they do not say of which episode they are.
    A reader who takes nothing for `send_timeout_s` is let go; it comes back with its cursor.
    """

    project_id: UUID
    user_id: UUID
    feed: ProjectFeed
    rights: Rights
    head: Callable[[], Awaitable[int]]
    rows: Callable[[int, int], Awaitable[list[ProjectEvent]]]
    heartbeat_s: float
    recheck_s: float
    send_timeout_s: float = 30.0
    ticks: Callable[[], bool] = lambda: True


class Follower(Response):
    """The response. `cursor`: the last event that the client knows; None for whatever is newest."""

    def __init__(self, source: Source, audience: Audience, cursor: int | None) -> None:
        super().__init__(None, 200, _HEADERS)
        del self.headers["content-length"]
        self._source = source
        self._audience = audience
        self._cursor = cursor
        self._ticks = Ticks()
        self._wake = asyncio.Event()
        self._ended = False
        self._rows_due = True
        self._in_doubt = False
        self._looked_at = 0.0
        self._checked_at = 0.0
        self._sent_at = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._send = send
        stuck = False
        watched = self._source.rights.watched(self._source.project_id, self._doubt)
        with self._audience.join(self._source.user_id), watched:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async with asyncio.TaskGroup() as group:
                watchers = [
                    group.create_task(self._watch_client(receive)),
                    group.create_task(self._watch_closing()),
                    group.create_task(self._watch_feed()),
                ]
                try:
                    await self._write(f"retry: {RETRY_MS}\n\n")
                    await self._follow()
                except (StoreAway, UsersError):
                    pass  # it learns more when it comes back
                except (TimeoutError, OSError):
                    stuck = True
                finally:
                    for watcher in watchers:
                        watcher.cancel()
        if not stuck:  # else this would wait for the same reader; the server drops the connection instead
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    # What wakes it ------------------------------------------------------------------------------

    async def _watch_client(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._end()

    async def _watch_closing(self) -> None:
        await self._audience.closing.wait()
        self._end()

    async def _watch_feed(self) -> None:
        async with self._source.feed.subscribe(self._source.project_id) as reader:
            self._look()  # at what was written before the subscription stood
            while True:
                message = await reader.next()
                if isinstance(message, Gap) or message.get("type") != "tick":
                    self._look()
                elif self._source.ticks():
                    self._ticks.put({key: value for key, value in message.items() if key != "type"})
                    self._wake.set()

    def _look(self) -> None:
        self._rows_due = True
        self._wake.set()

    def _doubt(self) -> None:
        """Rights have changed somewhere in the project: this reader's may have (P7)."""
        self._in_doubt = True
        self._look()

    def _end(self) -> None:
        self._ended = True
        self._wake.set()

    # What it does -------------------------------------------------------------------------------

    async def _follow(self) -> None:
        await self._start()
        while not self._ended:
            self._wake.clear()
            if self._rows_due or _now() - self._looked_at >= self._source.recheck_s:
                await self._look_at_rows()
            await self._send_ticks()
            if _now() - self._sent_at >= self._source.heartbeat_s:
                await self._write(": alive\n\n")
            await self._wait()

    async def _start(self) -> None:
        head = await self._source.head()
        self._checked_at = _now()
        if self._cursor is None:
            self._cursor = head
        elif self._cursor > head:  # a database was restored: these numbers mean other events now
            await self._reset(head)

    async def _look_at_rows(self) -> None:
        """Also without having been told, because the last message may have been lost."""
        self._rows_due = False
        try:
            await self._send_rows()
            await self._recheck()
        except StoreAway:
            await self._write(": the store is away\n\n")
        self._looked_at = _now()

    async def _send_rows(self) -> None:
        """Until there are no more; the wake-up that was cleared before stands for what is written meanwhile."""
        assert self._cursor is not None
        while not self._ended:
            rows = await self._source.rows(self._cursor, PAGE_ROWS_MAX)
            if not rows:
                return
            await self._recheck()
            if rows[0].cursor != self._cursor + 1:  # older ones are not kept any more
                await self._reset(await self._source.head())
                return
            await self._write("".join(_event(row.kind, row.payload, row.cursor) for row in rows))
            self._cursor = rows[-1].cursor

    async def _reset(self, head: int) -> None:
        await self._write(_event("reset", {"cursor": head}, head))
        self._cursor = head

    async def _send_ticks(self) -> None:
        ticks = self._ticks.due(_now())
        if ticks:
            await self._write("".join(_event("tick", tick, None) for tick in ticks))

    async def _recheck(self) -> None:
        if self._in_doubt or _now() - self._checked_at >= RIGHTS_AGE_S:
            self._in_doubt = False  # before it is asked: what changes meanwhile is asked about again
            await self._source.head()
            self._checked_at = _now()

    async def _wait(self) -> None:
        now = _now()
        due = [self._looked_at + self._source.recheck_s, self._sent_at + self._source.heartbeat_s]
        tick_at = self._ticks.next_at()
        if tick_at is not None:
            due.append(tick_at)
        try:
            async with asyncio.timeout(max(0.01, min(due) - now)):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _write(self, text: str) -> None:
        """Waits until the client has taken what came before: nothing piles up here."""
        async with asyncio.timeout(self._source.send_timeout_s):
            await self._send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        self._sent_at = _now()


def _event(kind: str, payload: dict[str, Any], cursor: int | None) -> str:
    """One event. Ticks have no id, so that a client comes back with the cursor of the last row."""
    identity = "" if cursor is None else f"id: {cursor}\n"
    return f"{identity}event: {kind}\ndata: {json.dumps(payload, separators=(',', ':'))}\n\n"


def _now() -> float:
    return asyncio.get_running_loop().time()
