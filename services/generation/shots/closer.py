"""Calls that nobody follows any more, because their run was stopped or failed: stopped, and accounted for.

A provider that was asked to stop may have finished all the same; what it charged is booked, and who asked pays nothing.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

import asyncpg

from services.generation.providers.intents import Intents, State
from storage.postgres import store_away
from storage.tables import intents
from storage.tables.intents import IntentRow

log = logging.getLogger("storyforge.generation")

AGAIN_S = 20.0
ROWS_MAX = 50
FOUND_S_MAX = 900.0
"""For so long a call of unknown outcome is looked for."""
FOLLOWED_S_MAX = 86_400.0
"""For so long a task is asked about that cannot be stopped and does not end."""


class Closer:
    """`round` looks at each of them once; what has not ended then comes again after `again_s`."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        calls: Intents,
        again_s: float = AGAIN_S,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pool = pool
        self._calls = calls
        self._again_s = again_s
        self._now = now

    async def round(self) -> int:
        """How many have ended. Raises `StoreAway`."""
        await self._calls.sweep()
        with store_away():
            found = await intents.left_behind(self._pool, self._again_s, ROWS_MAX)
        ended = 0
        for row in found:
            try:
                ended += not State((await self._close(row)).state).is_open
            except KeyError:  # there is no account with its provider any more
                log.warning("intent.nobody_to_ask", extra={"intent": str(row.id), "provider": row.provider})
        return ended

    async def _close(self, row: IntentRow) -> IntentRow:
        if row.state == State.UNKNOWN:
            row = await self._calls.reconcile(row.id)
        if row.state == State.UNKNOWN and (self._now() - row.created_at).total_seconds() > FOUND_S_MAX:
            return await self._calls.give_up(row.id)
        if row.state == State.SUBMITTED:
            row = await self._calls.cancel(row.id)
        if row.state == State.SUBMITTED:
            (followed,) = await self._calls.follow([row.id])
            row = followed.row
        if row.state == State.SUBMITTED and (self._now() - row.created_at).total_seconds() > FOLLOWED_S_MAX:
            return await self._calls.give_up(row.id)
        return row
