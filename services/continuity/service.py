"""Continuity as people and generations ask for it: the sheet of a scene, and what does not go together in a story."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.continuity.model import CHARACTERS_MAX
from services.continuity.people import Known
from services.continuity.sheet import Continuity, Sheet, continuity_of, sheet_of
from services.scenes.reader import StoryReader
from services.scenes.story import Story
from services.users.model import Actor
from storage.postgres import Executor
from storage.tables import entities
from sync import ids


class ContinuitySheets:
    """`reader`: of storyboards."""

    def __init__(self, pool: asyncpg.Pool, reader: StoryReader) -> None:
        self._pool = pool
        self._reader = reader

    async def sheet(self, actor: Actor, project_id: UUID, scene_id: str) -> Sheet:
        """Raises `NoSuchProject`, `NoSuchScene`, `DocumentUnreadable`."""
        story, scene = await self._reader.of_scene(actor, project_id, scene_id)
        return sheet_of(await self._told(project_id, story), scene)

    async def of_episode(self, actor: Actor, project_id: UUID, episode_id: UUID | None) -> Continuity:
        """None: of the first one. Raises `NoSuchProject`, `NoSuchEpisode`, `DocumentUnreadable`."""
        story = await self._reader.of_episode(actor, project_id, episode_id)
        return await self._told(project_id, story)

    async def _told(self, project_id: UUID, story: Story) -> Continuity:
        characters = await known_characters(self._pool, project_id)
        return await asyncio.to_thread(continuity_of, story, characters)


async def known_characters(executor: Executor, project_id: UUID) -> Sequence[Known]:
    """Of a project, by name; those that were deleted are left out."""
    found = await entities.characters_of(executor, [(project_id, None, None, CHARACTERS_MAX)])
    return [
        Known(
            ids.to_text("chr", each.id),
            each.name,
            {name: str(told) for name, told in each.appearance.items()},
            each.images,
            each.voice,
        )
        for each in found.get(0, [])
    ]
