"""Everything that one operation reads, gathered: whatever is asked for together is read by one statement.

What somebody may not see is None here, as is what is not there. Whether they may is asked of `access_projects`, once
for each project of the operation.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from services.users.access import ProjectAccess, access_projects
from services.users.model import Actor
from storage.postgres import Executor, store_away
from storage.tables import entities
from storage.tables.entities import (
    CharacterEntity,
    EpisodeEntity,
    MemberEntity,
    SceneEntity,
    TakeEntity,
    UserEntity,
)

Key = TypeVar("Key")
Asked = TypeVar("Asked")


class OfProject(Protocol):
    """A thing that is seen by whoever sees its project, and the episode that it is or belongs to."""

    @property
    def project_id(self) -> UUID: ...

    @property
    def episode_id(self) -> UUID | None: ...


Thing = TypeVar("Thing", bound=OfProject)
Row = TypeVar("Row")


class Loaders:
    """Of one operation: what was read once stays as it was."""

    def __init__(self, executor: Executor, actor: Actor) -> None:
        self._executor = executor
        self._actor = actor
        self.project: DataLoader[UUID, ProjectAccess | None] = DataLoader(self._projects)
        self.episode = self._things(entities.episodes, lambda row: row.id)
        self.scene: DataLoader[tuple[UUID, str], SceneEntity | None]
        self.scene = self._things(entities.scenes, lambda row: (row.episode_id, row.id))
        self.character = self._things(entities.characters, lambda row: row.id)
        self.take = self._things(entities.takes, lambda row: row.id)
        self.episodes: DataLoader[tuple[UUID, UUID | None, int], list[EpisodeEntity]]
        self.episodes = self._lists(self._episodes)
        self.scenes: DataLoader[tuple[UUID, int | None, str | None, int], list[SceneEntity]]
        self.scenes = self._lists(entities.scenes_of)
        self.characters: DataLoader[tuple[UUID, str | None, UUID | None, int], list[CharacterEntity]]
        self.characters = self._lists(entities.characters_of)
        self.takes: DataLoader[tuple[UUID, str, int | None, int], list[TakeEntity]]
        self.takes = self._lists(entities.takes_of)
        self.members: DataLoader[UUID, list[MemberEntity]] = DataLoader(self._members)
        self.user: DataLoader[UUID, UserEntity | None] = DataLoader(self._users)

    def _things(
        self, read: Callable[[Executor, Collection[Key]], Awaitable[list[Thing]]], key_of: Callable[[Thing], Key]
    ) -> DataLoader[Key, Thing | None]:
        async def load(keys: list[Key]) -> list[Thing | None]:
            with store_away():
                found = {key_of(row): row for row in await read(self._executor, keys)}
            await self.project.load_many({row.project_id for row in found.values()})
            return [row if (row := found.get(key)) is not None and await self._sees(row) else None for key in keys]

        return DataLoader(load)

    def _lists(
        self, read: Callable[[Executor, Sequence[Asked]], Awaitable[Mapping[int, list[Row]]]]
    ) -> DataLoader[Asked, list[Row]]:
        """Of parents that were seen already."""

        async def load(asked: list[Asked]) -> list[list[Row]]:
            with store_away():
                found = await read(self._executor, asked)
            return [found.get(place, []) for place in range(len(asked))]

        return DataLoader(load)

    async def _sees(self, row: OfProject) -> bool:
        access = await self.project.load(row.project_id)
        return access is not None and (row.episode_id is None or access.standing.sees(row.episode_id))

    async def _episodes(
        self, executor: Executor, asked: Sequence[tuple[UUID, UUID | None, int]]
    ) -> Mapping[int, list[EpisodeEntity]]:
        """Of projects that were seen already, as far as they are."""
        found = await self.project.load_many([project_id for project_id, *_ in asked])
        standings = {access.project_id: access.standing for access in found if access is not None}
        return await entities.episodes_of(executor, asked, {id: each.episodes for id, each in standings.items()})

    async def _seen(self, project_ids: Collection[UUID]) -> set[UUID]:
        """Which of these projects the actor may look at."""
        found = await self.project.load_many(project_ids)
        return {access.project_id for access in found if access is not None}

    async def _projects(self, ids: list[UUID]) -> list[ProjectAccess | None]:
        with store_away():
            found = await access_projects(self._executor, self._actor, ids)
        return [found.get(id) for id in ids]

    async def _members(self, project_ids: list[UUID]) -> list[list[MemberEntity]]:
        with store_away():
            found = await entities.members_of(self._executor, project_ids)
        return [found.get(id, []) for id in project_ids]

    async def _users(self, ids: list[UUID]) -> list[UserEntity | None]:
        """Oneself, and whom one meets in a project."""
        with store_away():
            found = {row.id: row for row in await entities.users(self._executor, ids)}
            places = await entities.meeting_places(self._executor, ids, self._actor.user_id)
        seen = await self._seen({project for projects in places.values() for project in projects})
        met = {id for id, projects in places.items() if projects & seen} | {self._actor.user_id}
        return [found.get(id) if id in met else None for id in ids]
