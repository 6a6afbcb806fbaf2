"""What somebody sees and changes of their own: what they are called, and where they are signed in.

Through whom they sign in is in `openid/`; signing out of where one is, or everywhere, in `sessions.py`.
"""

import re
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.users import audit
from services.users.access import require_account
from services.users.audit import Action
from services.users.errors import ColourUnfit, NoSuchSession, UnknownUser
from services.users.model import Actor, checked_name
from storage.tables import refresh as refresh_rows
from storage.tables import sign_ins as rows
from storage.tables import tokens as token_rows
from storage.tables import users
from storage.tables.sign_ins import SignInRow
from storage.tables.users import UserRow

SESSION_PREFIX = "ses"
SESSIONS_LISTED_MAX = 100
_COLOUR = re.compile(r"#[0-9a-f]{6}")


class Account:
    """Every method is about the actor alone, who has an account and shows no narrowed token."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def change(self, actor: Actor, name: str | None, colour: str | None) -> UserRow:
        """What is None stays. Sockets that are open show the old ones until they come again.

        Raises `NameUnfit`, `ColourUnfit`, `NoAccount`, `ScopeTooNarrow`.
        """
        require_account(actor)
        if colour is not None and not _COLOUR.fullmatch(colour):
            raise ColourUnfit(ColourUnfit.__doc__)
        known_as = None if name is None else checked_name(name)
        user = await users.change_user(self._pool, actor.user_id, known_as, colour)
        if user is None:
            raise UnknownUser(UnknownUser.__doc__)
        return user

    async def sessions(self, actor: Actor) -> Sequence[SignInRow]:
        """Newest first. Raises `NoAccount`, `ScopeTooNarrow`."""
        require_account(actor)
        return await rows.open_of_user(self._pool, actor.user_id, SESSIONS_LISTED_MAX)

    async def end_session(self, actor: Actor, root: UUID) -> None:
        """With all that was asked for by it; its sockets close within a second (P7). Raises `NoSuchSession`."""
        require_account(actor)
        async with self._pool.acquire() as connection, connection.transaction():
            if not await rows.is_open(connection, actor.user_id, root):
                raise NoSuchSession(NoSuchSession.__doc__)
            await refresh_rows.end_family(connection, root)
            await token_rows.revoke_root_of(connection, root)
            await token_rows.bump_access_of_user(connection, actor.user_id)
            await audit.record(connection, Action.SESSION_ENDED, actor_id=actor.user_id, id=str(root), everywhere=False)
