"""Copies of projects as people ask for them: a project of one's own, a template, a project from a template.

The copying itself is `copying.py`, in a worker. Until it is whole nobody finds the copy.
"""

import secrets
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg

from services.projects.errors import NoSuchDuplication, TooManyDuplications
from services.projects.model import TITLE_CHARS_MAX, Entropy, checked_title, time_ordered
from services.users.access import access_project, access_whole_project, require_account
from services.users.errors import Forbidden, NoSuchProject
from services.users.model import Actor, Need, Role
from storage.bus import Bus
from storage.events import ProjectFeed
from storage.postgres import Connection
from storage.tables import duplications as rows
from storage.tables import projects
from storage.tables.duplications import DuplicationRow

DUPLICATIONS_MAX = 4
"""Of one user, under way at once."""

Within = Callable[[Connection, DuplicationRow], Awaitable[None]]


class Duplications:
    """`entropy(n)` gives n random bytes. `now`: seconds since 1970."""

    def __init__(self, pool: asyncpg.Pool, bus: Bus, entropy: Entropy = secrets.token_bytes) -> None:
        self._pool = pool
        self._feed = ProjectFeed(bus)
        self._entropy = entropy

    async def ask(
        self,
        actor: Actor,
        project_id: UUID,
        now: float,
        *,
        title: str | None = None,
        with_media: bool = True,
        as_template: bool = False,
        within: Within | None = None,
    ) -> DuplicationRow:
        """A copy that belongs to the actor alone; `title` None: the original's. `within` writes in its transaction.

        Of a template everybody who sees it may make projects; of another project whoever may edit it.
        Raises `NoSuchProject`, `Forbidden`, `NoAccount`, `ProjectArchived`, `TitleUnfit`, `TooManyDuplications`.
        """
        require_account(actor)
        id, target_id = time_ordered(now, self._entropy), time_ordered(now, self._entropy)
        async with self._pool.acquire() as connection, connection.transaction():
            source = (await access_whole_project(connection, actor, project_id, Need.VIEW)).project
            if not source.is_template:
                await access_project(connection, actor, project_id, Need.EDIT)
            if with_media:
                await access_project(connection, actor, project_id, Need.DOWNLOAD)
            if await rows.unfinished_of(connection, actor.user_id) >= DUPLICATIONS_MAX:
                raise TooManyDuplications(TooManyDuplications.__doc__)
            named = checked_title(title) if title is not None else source.title[:TITLE_CHARS_MAX]
            await projects.found(connection, target_id)
            await rows.add_target(connection, project_id, target_id, actor.user_id, named, is_template=as_template)
            await projects.set_member(connection, target_id, actor.user_id, Role.OWNER.value)
            await rows.add_duplication(connection, id, project_id, target_id, actor.user_id, with_media=with_media)
            made = await rows.duplication(connection, id)
            assert made is not None
            if within is not None:
                await within(connection, made)
        return made

    async def get(self, actor: Actor, id: UUID) -> DuplicationRow:
        """Whoever sees the original sees how far a copy of it is. Raises `NoSuchDuplication`."""
        row = await rows.duplication(self._pool, id)
        if row is None:
            raise NoSuchDuplication(NoSuchDuplication.__doc__)
        try:
            await access_project(self._pool, actor, row.source_id, Need.VIEW)
        except NoSuchProject as error:
            raise NoSuchDuplication(NoSuchDuplication.__doc__) from error
        return row

    async def cancel(self, actor: Actor, id: UUID) -> DuplicationRow:
        """Nothing more is copied, and what was is purged in time. One that has ended is simply answered.

        Raises `NoSuchDuplication`, `Forbidden` for all but whoever asked for it.
        """
        row = await self.get(actor, id)
        if row.asked_by != actor.user_id:
            raise Forbidden("only who asked for a copy may stop it")
        return await rows.cancel(self._pool, id) or await self.get(actor, id)
