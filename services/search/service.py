"""Finds what a project's storyboards and timelines say, in the rows that were projected: no document is opened.

Words are compared as they stand, from their beginning: there is no dictionary, as scripts come in every language.
"""

import asyncio
from collections.abc import Collection, Sequence
from uuid import UUID

import asyncpg

from services.search.model import Hit, Page, TextKind
from services.search.words import asked_for, highlighted, snippet
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
        seen = (await access_project(self._pool, actor, project_id, Need.VIEW)).standing.episodes
        wanted = asked_for(asked)
        names = [kind.value for kind in kinds]
        found = await texts.found(self._pool, project_id, wanted.query, names, limit + 1, after, seen)
        hits = await asyncio.to_thread(_hits, found[:limit], wanted.words)  # long texts take a few milliseconds each
        return Page(hits, hits[-1].place if len(found) > limit else None)


def _hits(found: Sequence[FoundText], words: Sequence[str]) -> list[Hit]:
    return [
        Hit(
            place=each.place,
            episode_id=each.episode_id,
            seq=each.seq,
            scene_id=each.scene_id,
            frame=each.frame,
            title=highlighted(each.title, words),
            snippet=snippet(each.body, words),
        )
        for each in found
    ]
