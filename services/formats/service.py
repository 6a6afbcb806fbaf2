"""Formats as people use them: how far a project's story fits one."""

from uuid import UUID

import asyncpg

from services.formats.errors import TooManyEpisodes
from services.formats.fitting import Fit, Measure, fit
from services.formats.model import Format, Scope
from services.formats.pieces import pieces_of
from services.formats.presets import DEFAULTS, format_of
from services.projects.settings import from_json
from services.scenes.reader import StoryReader
from services.users.access import ProjectAccess, access_project
from services.users.model import Actor, Need
from storage.tables import episodes, projects

EPISODES_MAX = TooManyEpisodes.limit
"""Of a season that is fitted: each of their storyboards is read."""


class Formats:
    """`reader`: of storyboards."""

    def __init__(self, pool: asyncpg.Pool, reader: StoryReader) -> None:
        self._pool = pool
        self._reader = reader

    async def fit(
        self,
        actor: Actor,
        project_id: UUID,
        format_id: str | None,
        version: int | None,
        episode_id: UUID | None,
        measure: Measure,
    ) -> Fit:
        """`format_id` None: what the kind of the project suggests; `episode_id` None: the first, or all of a season.

        Raises `NoSuchProject`, `NoSuchFormat`, `NoSuchEpisode`, `TooManyEpisodes`.
        """
        access = await access_project(self._pool, actor, project_id, Need.VIEW)
        format = format_of(format_id or DEFAULTS[access.project.kind], version)
        stored, _ = await projects.settings(self._pool, project_id)
        settings = from_json(stored)
        asked = await self._episodes(access, episode_id, format)
        stories = [await self._reader.of_episode(actor, project_id, each) for each in asked]
        pieces, own = pieces_of(stories, format, settings.rate[0] / settings.rate[1])
        return fit(pieces, format, measure, own, settings.aspect)

    async def _episodes(self, access: ProjectAccess, episode_id: UUID | None, format: Format) -> list[UUID | None]:
        if episode_id is not None or format.scope is Scope.STORY:
            return [episode_id]
        found = await episodes.episodes(self._pool, access.project_id)
        if len(found) > EPISODES_MAX:
            raise TooManyEpisodes(TooManyEpisodes.__doc__)
        return [row.id for row in found if access.standing.sees(row.id)]
