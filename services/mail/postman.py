"""Sends what waits in `outgoing_mail`: each row by one sender at a time, again after a failure, and not for ever.

A row is written in the transaction that causes the mail. It holds no text: who writes the mail does so when it is sent,
so that no token rests in the database.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import asyncpg

from storage.errors import MailAway, StoreAway
from storage.mail import Mail, Mailer
from storage.postgres import Connection, store_away
from storage.tables import mail as rows
from storage.tables.mail import MailRow

log = logging.getLogger("storyforge.mail")

SEND_TIMEOUT_S = 60.0
LEASE = timedelta(minutes=5)
"""Longer than any attempt takes: nobody else touches the row before."""
ATTEMPTS_MAX = 6
AGAIN_AFTER = timedelta(seconds=30)
"""Behind the first failure; behind each further one four times as long, so that the last comes after three hours."""
KEPT = timedelta(days=30)
FORGOTTEN_ROWS_MAX = 1_000
ERROR_CHARS_MAX = 200


class Letters(Protocol):
    """Of one kind of mail. Both are called in a transaction."""

    async def write(self, connection: Connection, row: MailRow) -> Mail | None:
        """What the mail says; None: nobody wants it any more."""

    async def sent(self, connection: Connection, row: MailRow) -> None:
        """It was taken."""


class Postman:
    """`letters`: by the kind of a row. Many may work at once, in any process."""

    def __init__(self, pool: asyncpg.Pool, mailer: Mailer, letters: Mapping[str, Letters]) -> None:
        self._pool = pool
        self._mailer = mailer
        self._letters = letters

    async def take(self) -> str | None:
        """Sends the next one that is due, and says what became of it: sent, again, dead, dropped. None: there is none.

        Raises `StoreAway`.
        """
        with store_away():
            row = await rows.lease(self._pool, LEASE, None)
        return None if row is None else await self._attend(row)

    async def tidy(self) -> None:
        """Forgets what was settled long ago; what is dead stays. Raises `StoreAway`."""
        with store_away():
            await rows.forget(self._pool, KEPT, FORGOTTEN_ROWS_MAX)

    async def deliver(self, mail_id: UUID) -> None:
        """At once, if nobody else is at it; what fails is done again by whoever looks later."""
        with suppress(StoreAway), store_away():
            row = await rows.lease(self._pool, LEASE, mail_id)
            if row is not None:
                await self._attend(row)

    async def _attend(self, row: MailRow) -> str:
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                mail = await self._letters[row.kind].write(connection, row)
                if mail is None:
                    await rows.settle(connection, row, "dropped", None)
                    return "dropped"
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._mailer.send(mail)
        except (MailAway, TimeoutError) as error:
            return await self._failed(row, error)
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                await self._letters[row.kind].sent(connection, row)
                await rows.settle(connection, row, "sent", None)
        return "sent"

    async def _failed(self, row: MailRow, error: Exception) -> str:
        reason = (str(error) or type(error).__name__)[:ERROR_CHARS_MAX]
        told = {"mail": row.id.hex, "kind": row.kind, "attempt": row.attempt, "error": reason}
        with store_away():
            if row.attempt >= ATTEMPTS_MAX:
                log.error("mail.dead", extra=told)
                await rows.settle(self._pool, row, "dead", reason)
                return "dead"
            log.warning("mail.not_sent", extra=told)
            await rows.hand_back(self._pool, row, AGAIN_AFTER * 4 ** (row.attempt - 1), reason)
        return "again"
