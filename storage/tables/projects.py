"""Rows of `projects` and `project_members`, always asked for on behalf of a user.

What a user is in a project, as a member, through a team or by a link, says the function `standing_in` of the schema,
and in an episode of it `standing_at`.
The documents of a project are made by `storage.log`; only their names are read here.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from storage.postgres import Executor
from storage.sql import load
from storage.tables.users import UserKind

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewProject:
    """What `add_project` writes."""

    id: UUID
    owner_id: UUID
    title: str
    kind: str
    brain: str
    format: str


@dataclass(frozen=True, slots=True)
class StandingRow:
    """What somebody is in a project, or in an episode of it.

    `until`: when a part of it ends by itself; None for never. `episodes`: of a project, the only ones that they see;
    None for all.
    """

    role: str
    can_download: bool
    can_approve: bool
    until: datetime | None
    episodes: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project as one who has a standing in it sees it. `episodes`: how many of it they see."""

    id: UUID
    title: str
    kind: str
    brain: str
    format: str
    access_version: int
    event_cursor: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    deleted_at: datetime | None
    episodes: int
    is_template: bool
    standing: StandingRow


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member of a project. `kind`: person, service or guest; only people have an address."""

    user_id: UUID
    role: str
    kind: UserKind
    name: str
    email: str | None
    colour: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """Enough of a document to name it."""

    id: UUID
    project_id: UUID
    kind: str
    epoch: int


@dataclass(frozen=True, slots=True)
class DocumentAccessRow:
    """A document as one who has a standing in its episode sees it."""

    id: UUID
    project_id: UUID
    kind: str
    epoch: int
    seq: int
    server_client: int
    access_version: int
    archived: bool
    standing: StandingRow


async def add_project(executor: Executor, project: NewProject) -> None:
    """The row only; memberships and documents come in the same transaction."""
    await found(executor, project.id)
    await executor.execute(
        _QUERIES["add_project"],
        project.id,
        project.owner_id,
        project.title,
        project.kind,
        project.brain,
        project.format,
    )


async def found(executor: Executor, project_id: UUID) -> None:
    """Before the row of a new project is written."""
    await executor.execute(_QUERIES["found"], project_id)


async def set_member(executor: Executor, project_id: UUID, user_id: UUID, role: str) -> None:
    """Adds the member or changes the role. Raises `asyncpg.ForeignKeyViolationError` for an unknown user."""
    await executor.execute(_QUERIES["set_member"], project_id, user_id, role)


async def remove_member(executor: Executor, project_id: UUID, user_id: UUID) -> bool:
    """False when that user was no member."""
    return await executor.fetchrow(_QUERIES["remove_member"], project_id, user_id) is not None


async def lock_project(executor: Executor, project_id: UUID) -> None:
    """Until the end of the transaction; nothing happens when there is no such project."""
    await executor.execute(_QUERIES["lock_project"], project_id)


async def bump_access(executor: Executor, project_id: UUID) -> None:
    """Tells open sockets and streams that rights may have changed (P7)."""
    await executor.execute(_QUERIES["bump_access"], project_id)


async def access_versions(executor: Executor, project_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Of those that exist."""
    rows = await executor.fetch(_QUERIES["access_versions"], list(project_ids))
    return {row["id"]: row["access_version"] for row in rows}


async def set_owner(executor: Executor, project_id: UUID, user_id: UUID) -> None:
    """Whose project it is before others: somebody whose role is owner."""
    await executor.execute(_QUERIES["set_owner"], project_id, user_id)


async def keep_owner(executor: Executor, project_id: UUID, owners: Sequence[UUID]) -> None:
    """The project belongs to one of these."""
    await executor.execute(_QUERIES["keep_owner"], project_id, list(owners))


async def members(executor: Executor, project_id: UUID) -> list[MemberRow]:
    """By name."""
    rows = await executor.fetch(_QUERIES["members"], project_id)
    return [
        MemberRow(row["user_id"], row["role"], row["kind"], row["name"], row["email"], row["colour"]) for row in rows
    ]


async def projects_of_user(
    executor: Executor, user_id: UUID, before: UUID | None, limit_rows: int, state: str, templates: bool
) -> list[ProjectRow]:
    """Those in which the user has a standing, by descending id, below `before`. `state`: as `ProjectState`."""
    rows = await executor.fetch(_QUERIES["projects_of_user"], user_id, before, limit_rows, state, templates)
    return [_project(row) for row in rows]


async def project_of_user(
    executor: Executor, project_id: UUID, user_id: UUID, *, deleted: bool = False
) -> ProjectRow | None:
    """None when there is none, the user has no standing in it, or it was deleted and `deleted` is not asked for."""
    row = await executor.fetchrow(_QUERIES["project_of_user"], project_id, user_id, deleted)
    return None if row is None else _project(row)


async def projects_of_ids(executor: Executor, project_ids: Sequence[UUID], user_id: UUID) -> list[ProjectRow]:
    """Those of them that are there and in which the user has a standing, in no order."""
    rows = await executor.fetch(_QUERIES["projects_of_ids"], list(project_ids), user_id)
    return [_project(row) for row in rows]


async def update_project(
    executor: Executor, project_id: UUID, title: str | None, brain: str | None, format_: str | None
) -> None:
    """None leaves a column as it is."""
    await executor.execute(_QUERIES["update_project"], project_id, title, brain, format_)


async def delete_project(executor: Executor, project_id: UUID) -> None:
    """Marks it as deleted; nothing is removed."""
    await executor.execute(_QUERIES["delete_project"], project_id)


async def archive_project(executor: Executor, project_id: UUID) -> None:
    """Nothing happens to one that is archived already."""
    await executor.execute(_QUERIES["archive_project"], project_id)


async def restore_project(executor: Executor, project_id: UUID) -> None:
    """Neither archived nor deleted from here on."""
    await executor.execute(_QUERIES["restore_project"], project_id)


async def settings(executor: Executor, project_id: UUID) -> tuple[dict[str, Any], int]:
    """What was set, empty if nothing ever was, and its version. The project is there."""
    row = await executor.fetchrow(_QUERIES["settings"], project_id)
    assert row is not None
    return json.loads(row["settings"]), row["settings_version"]


async def put_settings(
    executor: Executor, project_id: UUID, version: int, settings: Mapping[str, Any], format_: str
) -> int | None:
    """The new version; None when `version` is not the one that is there."""
    found: int | None = await executor.fetchval(
        _QUERIES["put_settings"], project_id, version, json.dumps(settings), format_
    )
    return found


async def first_documents(executor: Executor, found: Sequence[ProjectRow]) -> list[DocumentRow]:
    """Those of the first episode that is seen of each project, in no order."""
    partly = [row for row in found if row.standing.episodes is not None]
    own = [episode for row in partly for episode in row.standing.episodes or ()]
    rows = await executor.fetch(_QUERIES["first_documents"], [row.id for row in found], [row.id for row in partly], own)
    return [DocumentRow(row["id"], row["project_id"], row["kind"], row["epoch"]) for row in rows]


async def document_of_user(executor: Executor, document_id: UUID, user_id: UUID) -> DocumentAccessRow | None:
    """None when there is none, its project or episode was deleted, or the user has no standing there."""
    row = await executor.fetchrow(_QUERIES["document_of_user"], document_id, user_id)
    return None if row is None else access_row(row)


def access_row(row: asyncpg.Record) -> DocumentAccessRow:
    """Of a record with a document's columns and the role."""
    return DocumentAccessRow(
        row["id"],
        row["project_id"],
        row["kind"],
        row["epoch"],
        row["seq"],
        row["server_client"],
        row["access_version"],
        row["archived"],
        standing_row(row),
    )


def standing_row(row: asyncpg.Record) -> StandingRow:
    """Of a record with the columns of `standing_in` or `standing_at`, the role not null."""
    episodes = None if row["episodes"] is None else tuple(row["episodes"])
    return StandingRow(row["role"], row["can_download"], row["can_approve"], row["until"], episodes)


def _project(row: asyncpg.Record) -> ProjectRow:
    return ProjectRow(
        row["id"],
        row["title"],
        row["kind"],
        row["brain"],
        row["format"],
        row["access_version"],
        row["event_cursor"],
        row["created_at"],
        row["updated_at"],
        row["archived_at"],
        row["deleted_at"],
        row["episode_count"],
        row["is_template"],
        standing_row(row),
    )
