"""Finds what a project's storyboards and timelines say, in the rows that were projected: no document is opened.

Words are compared as they stand, in small letters, from their beginning: there is no dictionary, as scripts come in
every language.
"""

from collections.abc import Collection
from uuid import UUID

import asyncpg

from services.search.model import Hit, Page, TextKind, pieces
from services.users.access import access_project
from services.users.model import Actor, Need
from storage.tables import texts
from storage.tables.texts import FoundText, Place


class Search:
    """Of all projects."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def find(
        self,
        actor: Actor,
        project_id: UUID,
        asked: str,
        kinds: Collection[TextKind],
        limit: int,
        after: Place | None = None,
    ) -> Page:
        """Best first. `asked`: words that all occur, "words in a row", -without, a or b. Raises `NoSuchProject`."""
        await access_project(self._pool, actor, project_id, Need.VIEW)
        found = await texts.found(self._pool, project_id, asked, [kind.value for kind in kinds], limit + 1, after)
        hits = [_hit(each) for each in found[:limit]]
        return Page(hits, hits[-1].place if len(found) > limit else None)


def _hit(found: FoundText) -> Hit:
    return Hit(
        place=found.place,
        episode_id=found.episode_id,
        seq=found.seq,
        scene_id=found.scene_id,
        frame=found.frame,
        title=pieces(found.title),
        snippet=pieces(found.snippet),
    )
