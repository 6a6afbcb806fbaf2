"""The events of projects for native sessions (PROTOCOL.md, Event): one reader a project, however many follow it here.

Rows are read from PostgreSQL, a notice only says that there are some: losing it costs latency, never an event (P4).
"""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from services.runs.ticks import Ticks
from services.users.access import access_project
from services.users.errors import UsersError
from services.users.model import Need
from services.users.sockets import SocketIdentity
from storage.bus import Gap
from storage.errors import StoreAway
from storage.events import FeedReader, ProjectEvent, ProjectFeed, read_events
from storage.postgres import store_away
from sync.messages import Event

FOLLOWING, RESET, REFUSED, TICK = "following", "reset", "refused", "tick"
EVENTS_BEHIND_MAX = 500
"""Who is further behind reads the project anew; what is told at once stays within an outbox."""
LOOK_S = 5.0
"""How often rows are looked for without a notice, because the last one may have been lost."""
TICKS_BEHIND_BYTES_MAX = 64 * 1024
"""Who has so much to read is told no progress."""

log = logging.getLogger("storyforge.hub")


@dataclass(slots=True, eq=False)
class Follower:
    """One session. `asked`: the last event that it knows. `identity`: who it is, as of the last check of the hub.

    `cursor`: the last event that it was told; None: nothing yet, or it may not.
    """

    asked: int | None
    identity: Callable[[], SocketIdentity]
    waiting_bytes: Callable[[], int]
    tell: Callable[[Event], None]
    cursor: int | None = None
    episodes: frozenset[UUID] | None = None
    """Which it sees; None: all."""
    rights_seen: int | None = None

    @property
    def is_checked(self) -> bool:
        """Its rights are as when they were looked at."""
        return self.rights_seen == self.identity().access.access_version


@dataclass(slots=True)
class _Followed:
    """One project. `reader`: what wakes its task."""

    project_id: UUID
    reader: FeedReader
    followers: set[Follower] = field(default_factory=set)
    ticks: Ticks = field(default_factory=Ticks)


class ProjectEvents:
    """Of one hub. `start`: gives a task to its owner."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        feed: ProjectFeed,
        start: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._pool = pool
        self._feed = feed
        self._start = start
        self._followed: dict[UUID, _Followed] = {}

    def follow(self, project_id: UUID, follower: Follower) -> None:
        """Until `leave`."""
        followed = self._followed.get(project_id)
        if followed is None:
            followed = self._followed[project_id] = _Followed(project_id, FeedReader())
            self._start(self._run(followed))
        followed.followers.add(follower)
        followed.reader.put(Gap())

    def leave(self, project_id: UUID, follower: Follower) -> None:
        """The last one ends the reading."""
        followed = self._followed[project_id]
        followed.followers.discard(follower)
        if not followed.followers:
            del self._followed[project_id]
            followed.reader.put(Gap())

    async def _run(self, followed: _Followed) -> None:
        async with self._feed.subscribe(followed.project_id, followed.reader):
            while followed.followers:
                try:
                    with store_away():
                        await self._bring(followed)
                except StoreAway as error:  # it looks again
                    log.warning("events.store_away", extra={"error": str(error)})
                await _woken(followed)
                self._tell_ticks(followed)

    async def _bring(self, followed: _Followed) -> None:
        """Everybody to the newest event: each row is read once for all whom it is news to."""
        while True:
            for follower in list(followed.followers):
                await self._check(followed, follower)
            seen = {follower.episodes for follower in followed.followers if follower.cursor is not None}
            if not [episodes for episodes in seen if await self._read(followed, episodes)]:
                return

    async def _read(self, followed: _Followed, episodes: frozenset[UUID] | None) -> bool:
        """A page of rows for all who see these episodes; False at the end of them."""
        alike = {f: f.cursor for f in followed.followers if f.cursor is not None and f.episodes == episodes}
        if not alike:
            return False  # they have left meanwhile
        rows = await read_events(self._pool, followed.project_id, min(alike.values()), episodes=episodes)
        for follower in alike:
            if follower.episodes == episodes and follower in followed.followers:
                _tell_rows(follower, rows)
        return bool(rows)

    async def _check(self, followed: _Followed, follower: Follower) -> None:
        """Whether it may see the project: at first, and whenever rights in it have changed (P7)."""
        if follower.is_checked:
            return
        identity = follower.identity()
        follower.rights_seen = identity.access.access_version
        try:
            access = await access_project(self._pool, identity.actor, followed.project_id, Need.VIEW)
        except UsersError as error:
            follower.asked, follower.cursor = follower.cursor if follower.cursor is not None else follower.asked, None
            follower.tell(Event(None, REFUSED, _json({"code": error.code})))
            return
        follower.episodes = access.standing.episodes
        if follower.cursor is None:
            head = access.project.event_cursor
            asked = head if follower.asked is None else follower.asked
            goes_on = head - EVENTS_BEHIND_MAX <= asked <= head  # beyond it: a database was restored
            follower.cursor = asked if goes_on else head
            follower.tell(Event(follower.cursor, FOLLOWING if goes_on else RESET, "{}"))

    def _tell_ticks(self, followed: _Followed) -> None:
        """To those who see everything: a tick does not say of which episode it is."""
        for tick in followed.ticks.due(asyncio.get_running_loop().time()):
            told = Event(None, TICK, _json(tick))
            for follower in list(followed.followers):
                may_see = follower.cursor is not None and follower.episodes is None and follower.is_checked
                if may_see and follower.waiting_bytes() < TICKS_BEHIND_BYTES_MAX:
                    follower.tell(told)


def _tell_rows(follower: Follower, rows: list[ProjectEvent]) -> None:
    """Those that it does not know; `reset` where older ones are not kept any more."""
    if follower.cursor is None:
        return
    for row in rows:
        if row.cursor <= follower.cursor:
            continue
        if row.cursor != follower.cursor + 1:
            follower.tell(Event(row.cursor - 1, RESET, "{}"))
        follower.cursor = row.cursor
        follower.tell(Event(row.cursor, row.kind, _json(row.payload)))


async def _woken(followed: _Followed) -> None:
    """Until rows may have come, somebody may have, a tick is due, or it is time to look."""
    loop = asyncio.get_running_loop()
    look_at = loop.time() + LOOK_S
    while True:
        due_at = followed.ticks.next_at()
        try:
            async with asyncio.timeout_at(look_at if due_at is None else min(look_at, due_at)):
                notice = await followed.reader.next()
        except TimeoutError:
            return
        if isinstance(notice, Gap) or notice.get("type") != TICK:
            return
        followed.ticks.put({key: value for key, value in notice.items() if key != "type"})


def _json(payload: dict[str, Any]) -> str:
    return json.dumps(payload, separators=(",", ":"))
