"""Reads the story of a project out of its storyboards, for whoever may see it.

Documents are kept open (`services/documents/kept.py`), so that a story is read at what people wrote last.
"""

import asyncio
from uuid import UUID

from services.documents.kept import KeptDocuments
from services.scenes.errors import NoSuchScene
from services.scenes.service import Scenes
from services.scenes.story import Story, StoryScene, story_of
from services.users.model import Actor, Need


class StoryReader:
    """Nothing of what it gives is changed later."""

    def __init__(self, scenes: Scenes, kept: KeptDocuments) -> None:
        self._scenes = scenes
        self._kept = kept

    async def of_episode(self, actor: Actor, project_id: UUID, episode_id: UUID | None) -> Story:
        """None: of the first one. Raises `NoSuchProject`, `NoSuchEpisode`, `DocumentUnreadable`."""
        return await self._read(await self._scenes.storyboard(actor, project_id, episode_id))

    async def of_scene(
        self, actor: Actor, project_id: UUID, scene_id: str, need: Need = Need.VIEW
    ) -> tuple[Story, StoryScene]:
        """The story that the scene is in, and the scene. Raises `NoSuchProject`, `NoSuchScene`, `Forbidden`."""
        story = await self._read(await self._scenes.storyboard_of(actor, project_id, scene_id, need))
        scene = story.scene(scene_id)
        if scene is None:
            raise NoSuchScene(NoSuchScene.__doc__)
        return story, scene

    async def _read(self, document_id: UUID) -> Story:
        reading = await self._kept.read(document_id)
        return await asyncio.to_thread(story_of, reading.content, document_id, reading.head.epoch, reading.seq)
