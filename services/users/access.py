"""The one way into a project, a document or a team: the asker's standing, read where the work is done.

Where a standing comes from is the view `project_grants` of the schema; that the strongest counts is its function
`standing_in`, and what that is in one episode `standing_at`; how far a credential carries it, and what it is enough
for, is decided here. Nothing is cached: a door that keeps an answer keeps its `access_version` too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.users.errors import (
    Forbidden,
    NoAccount,
    NoSuchDocument,
    NoSuchProject,
    NoSuchTeam,
    ProjectArchived,
    ScopeTooNarrow,
)
from services.users.model import Actor, Need, Role, Scope, Standing, TeamRole
from storage.postgres import Executor
from storage.tables import projects, teams
from storage.tables.projects import DocumentAccessRow, ProjectRow, StandingRow
from storage.tables.teams import TeamRow

_READING = Scope(Role.VIEWER)
_WRITING = frozenset((Need.COMMENT, Need.APPROVE, Need.EDIT))
"""What an archived project refuses; its owners may still restore or delete it, and choose who belongs to it."""


@dataclass(frozen=True, slots=True)
class ProjectAccess:
    """What this actor is in this project."""

    project_id: UUID
    standing: Standing
    project: ProjectRow

    @property
    def role(self) -> Role:
        return self.standing.role


@dataclass(frozen=True, slots=True)
class DocumentAccess:
    """What this actor is in this document, and where its head stood. `kind`: `sb` or `tl`."""

    document_id: UUID
    project_id: UUID
    kind: str
    epoch: int
    seq: int
    server_client: int
    access_version: int
    standing: Standing

    @property
    def role(self) -> Role:
        return self.standing.role


async def access_project(
    executor: Executor, actor: Actor, project_id: UUID, need: Need, *, deleted: bool = False
) -> ProjectAccess:
    """Raises `NoSuchProject` for a stranger (existence never leaks), `Forbidden` for a weak role, `ProjectArchived`.

    `deleted`: also into a deleted project, which nobody else finds.
    """
    row = await projects.project_of_user(executor, project_id, actor.user_id, deleted=deleted)
    standing = None if row is None else standing_of(row.standing, row.id, actor.scope)
    if row is None or standing is None:
        raise NoSuchProject(NoSuchProject.__doc__)
    require(standing, need)
    if row.archived_at is not None and need in _WRITING:
        raise ProjectArchived(ProjectArchived.__doc__)
    return ProjectAccess(row.id, standing, row)


async def access_whole_project(executor: Executor, actor: Actor, project_id: UUID, need: Need) -> ProjectAccess:
    """As `access_project`, for what concerns every episode. Raises `Forbidden` for whoever sees some only."""
    access = await access_project(executor, actor, project_id, need)
    if access.standing.episodes is not None:
        raise Forbidden("this takes a role in the whole project, and you have one in some of its episodes")
    return access


async def access_projects(executor: Executor, actor: Actor, project_ids: Sequence[UUID]) -> dict[UUID, ProjectAccess]:
    """Of those that the actor may look at: by one statement, what `access_project` says of each."""
    rows = await projects.projects_of_ids(executor, project_ids, actor.user_id)
    standings = [(row, standing_of(row.standing, row.id, actor.scope)) for row in rows]
    return {
        row.id: ProjectAccess(row.id, standing, row)
        for row, standing in standings
        if standing is not None and standing.may(Need.VIEW)
    }


async def access_team(executor: Executor, actor: Actor, team_id: UUID, needed: TeamRole) -> TeamRow:
    """Raises `NoSuchTeam` for who is not in it, `Forbidden` for a weak role, and as `require_account`."""
    require_account(actor)
    row = await teams.team_of_user(executor, team_id, actor.user_id)
    if row is None:
        raise NoSuchTeam(NoSuchTeam.__doc__)
    if not TeamRole(row.role).covers(needed):
        raise Forbidden(f"this takes the {needed.value} of a team, and you are its {row.role}")
    return row


async def access_document(
    executor: Executor, actor: Actor, document_id: UUID, need: Need = Need.VIEW
) -> DocumentAccess:
    """Raises `NoSuchDocument` for a stranger, `Forbidden` for a weak role, `ProjectArchived`."""
    row = await projects.document_of_user(executor, document_id, actor.user_id)
    access = access_of_row(row, actor.scope)
    if row is not None and row.archived and need in _WRITING:
        raise ProjectArchived(ProjectArchived.__doc__)
    require(access.standing, need)
    return access


def access_of_row(row: DocumentAccessRow | None, scope: Scope) -> DocumentAccess:
    """What that somebody may do: of an archived project, no more than read. Raises `NoSuchDocument`."""
    standing = None if row is None else standing_of(row.standing, row.project_id, scope)
    if row is None or standing is None:
        raise NoSuchDocument(NoSuchDocument.__doc__)
    return DocumentAccess(
        document_id=row.id,
        project_id=row.project_id,
        kind=row.kind,
        epoch=row.epoch,
        seq=row.seq,
        server_client=row.server_client,
        access_version=row.access_version,
        standing=standing.within(_READING) if row.archived else standing,
    )


def standing_of(row: StandingRow, project_id: UUID, scope: Scope) -> Standing | None:
    """As far as the credential carries it; None where it carries nothing, as for a stranger."""
    if scope.project_id not in (None, project_id):
        return None
    episodes = None if row.episodes is None else frozenset(row.episodes)
    return Standing(Role(row.role), row.can_download, row.can_approve, row.until, episodes).within(scope)


def require(standing: Standing, need: Need) -> None:
    """Raises `Forbidden`."""
    if not standing.may(need):
        raise Forbidden(f"a {standing.role.value} may not {need.value} here")


def require_account(actor: Actor) -> None:
    """For what is outside any project: making one, teams, invitations. Raises `NoAccount`, `ScopeTooNarrow`."""
    if actor.kind == "guest":
        raise NoAccount(NoAccount.__doc__)
    if not actor.scope.is_whole:
        raise ScopeTooNarrow(ScopeTooNarrow.__doc__)
