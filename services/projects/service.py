"""What people do with projects: make one with its documents, list, change and delete it, and choose its members.

Every method takes the actor and checks their role itself; nothing here is cached.
"""

import secrets
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.brains.presets import BRAINS
from services.projects.episodes import NewEpisode, create_episode
from services.projects.errors import SettingsChanged, SettingsUnread
from services.projects.model import (
    AT_END,
    PROJECTS_PAGE_MAX,
    Entropy,
    Project,
    ProjectKind,
    ProjectState,
    checked_brain,
    checked_title,
    key_at,
    time_ordered,
)
from services.projects.settings import ProjectSettings, checked, from_json, to_json
from services.users import audit
from services.users.access import access_project, require_account, standing_of
from services.users.audit import Action
from services.users.model import Actor, Need, Role, Standing
from storage.log import DocumentLog
from storage.postgres import Connection, Executor, Within
from storage.tables import projects as rows
from storage.tables.projects import DocumentRow, NewProject, ProjectRow
from sync.ids import DocumentId
from sync.names import DocumentName, Kind

DEFAULT_BRAIN = "thriller"


class Projects:
    """`entropy(n)` gives n random bytes. `now`: seconds since 1970."""

    def __init__(self, pool: asyncpg.Pool, log: DocumentLog, entropy: Entropy = secrets.token_bytes) -> None:
        self._pool = pool
        self._log = log
        self._entropy = entropy

    async def create(
        self,
        actor: Actor,
        title: str,
        kind: ProjectKind,
        now: float,
        brain: str = DEFAULT_BRAIN,
        within: Within[Project] | None = None,
    ) -> Project:
        """The row, its owner, its first episode with two documents, and what `within` writes, all or nothing.

        Raises `TitleUnfit`, `UnknownBrain`.
        """
        require_account(actor)
        project_id, settings = time_ordered(now, self._entropy), ProjectSettings()
        known_brain = checked_brain(brain, tuple(BRAINS))
        project = NewProject(project_id, actor.user_id, checked_title(title), kind.value, known_brain, settings.format)
        first = NewEpisode(time_ordered(now, self._entropy), project_id, None, key_at(AT_END, []) or "", project.title)
        async with self._pool.acquire() as connection, connection.transaction():
            await rows.add_project(connection, project)
            await rows.set_member(connection, project_id, actor.user_id, Role.OWNER.value)
            await create_episode(connection, self._log, first, settings, now, self._entropy)
            await _record(connection, Action.PROJECT_CREATED, actor, project_id)
            made = await _read(connection, actor, project_id)
            if within is not None:
                await within(connection, made)
            return made

    async def of_actor(
        self,
        actor: Actor,
        before: UUID | None = None,
        limit: int = PROJECTS_PAGE_MAX,
        state: ProjectState = ProjectState.ACTIVE,
        *,
        templates: bool = False,
    ) -> list[Project]:
        """Newest first, those below `before`; templates, or none of them."""
        limit_rows = min(limit, PROJECTS_PAGE_MAX)
        found = await rows.projects_of_user(self._pool, actor.user_id, before, limit_rows, state.value, templates)
        documents = await rows.first_documents(self._pool, found)
        standings = [(row, standing_of(row.standing, row.id, actor.scope)) for row in found]
        return [_project(row, standing, documents) for row, standing in standings if standing is not None]

    async def get(self, actor: Actor, project_id: UUID) -> Project:
        """Raises `NoSuchProject`."""
        return await _read(self._pool, actor, project_id)

    async def update(self, actor: Actor, project_id: UUID, title: str | None, brain: str | None) -> Project:
        """None leaves a field as it is. Raises `Forbidden`, `TitleUnfit`, `UnknownBrain`, `ProjectArchived`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await access_project(connection, actor, project_id, Need.EDIT)
            await rows.update_project(
                connection,
                project_id,
                None if title is None else checked_title(title),
                None if brain is None else checked_brain(brain, tuple(BRAINS)),
                None,
            )
            return await _read(connection, actor, project_id)

    async def archive(self, actor: Actor, project_id: UUID) -> Project:
        """Out of the list, and only read from here on, by open sockets too. Raises `Forbidden`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await access_project(connection, actor, project_id, Need.ADMIN)
            await rows.archive_project(connection, project_id)
            await _record(connection, Action.PROJECT_ARCHIVED, actor, project_id)
            return await _read(connection, actor, project_id)

    async def restore(self, actor: Actor, project_id: UUID) -> Project:
        """Out of the archive, or back from deletion until it is purged. Raises `NoSuchProject`, `Forbidden`."""
        async with self._pool.acquire() as connection, connection.transaction():
            await access_project(connection, actor, project_id, Need.ADMIN, deleted=True)
            await rows.restore_project(connection, project_id)
            await _record(connection, Action.PROJECT_RESTORED, actor, project_id)
            return await _read(connection, actor, project_id)

    async def settings(self, actor: Actor, project_id: UUID) -> tuple[ProjectSettings, int]:
        """And their version."""
        await access_project(self._pool, actor, project_id, Need.VIEW)
        stored, version = await rows.settings(self._pool, project_id)
        return from_json(stored), version

    async def change_settings(
        self, actor: Actor, project_id: UUID, settings: ProjectSettings, version: int | None
    ) -> tuple[ProjectSettings, int]:
        """All of them, if `version` is still theirs.

        Raises `Forbidden`, `SettingUnfit`, `SettingsChanged`, and `SettingsUnread` for None.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await access_project(connection, actor, project_id, Need.EDIT)
            if version is None:
                raise SettingsUnread(SettingsUnread.__doc__)
            stored, format_ = to_json(checked(settings)), settings.format
            following = await rows.put_settings(connection, project_id, version, stored, format_)
        if following is None:
            raise SettingsChanged(SettingsChanged.__doc__)
        return settings, following

    async def delete(self, actor: Actor, project_id: UUID) -> None:
        """Nobody finds it any more and its sockets close; its owners may restore it until it is purged."""
        async with self._pool.acquire() as connection, connection.transaction():
            await access_project(connection, actor, project_id, Need.ADMIN)
            await rows.delete_project(connection, project_id)
            await _record(connection, Action.PROJECT_DELETED, actor, project_id)


async def _record(connection: Connection, action: Action, actor: Actor, project_id: UUID) -> None:
    """With it its owners have, or lose, what they may do there."""
    await audit.record(connection, action, actor_id=actor.user_id, project_id=project_id)


async def _read(executor: Executor, actor: Actor, project_id: UUID) -> Project:
    access = await access_project(executor, actor, project_id, Need.VIEW)
    documents = await rows.first_documents(executor, [access.project])
    return _project(access.project, access.standing, documents)


def _project(row: ProjectRow, standing: Standing, documents: Sequence[DocumentRow]) -> Project:
    names = {
        document.kind: DocumentName(Kind(document.kind), DocumentId(document.id), document.epoch)
        for document in documents
        if document.project_id == row.id
    }
    return Project(
        id=row.id,
        title=row.title,
        kind=ProjectKind(row.kind),
        brain=row.brain,
        format=row.format,
        standing=standing,
        created_at=row.created_at,
        updated_at=row.updated_at,
        storyboard=names[Kind.STORYBOARD.value],
        timeline=names[Kind.TIMELINE.value],
        episodes=row.episodes,
        state=_state(row),
        is_template=row.is_template,
        deleted_at=row.deleted_at,
    )


def _state(row: ProjectRow) -> ProjectState:
    if row.deleted_at is not None:
        return ProjectState.DELETED
    return ProjectState.ACTIVE if row.archived_at is None else ProjectState.ARCHIVED
