"""The one way into a project or a document: membership and role, read where the work is done.

Nothing is cached here: a door that keeps an answer keeps its `access_version` too.
"""

from dataclasses import dataclass
from uuid import UUID

from services.users.errors import Forbidden, NoSuchDocument, NoSuchProject
from services.users.model import Actor, Need, Role
from storage.postgres import Executor
from storage.tables import projects
from storage.tables.projects import DocumentAccessRow, ProjectRow


@dataclass(frozen=True, slots=True)
class ProjectAccess:
    """What this actor is in this project."""

    project_id: UUID
    role: Role
    project: ProjectRow


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
    role: Role


async def access_project(executor: Executor, actor: Actor, project_id: UUID, need: Need) -> ProjectAccess:
    """Raises `NoSuchProject` for a stranger (existence never leaks) and `Forbidden` for a weak role."""
    row = await projects.project_of_user(executor, project_id, actor.user_id)
    if row is None:
        raise NoSuchProject(NoSuchProject.__doc__)
    role = Role(row.role)
    require(role, need)
    return ProjectAccess(row.id, role, row)


async def access_document(
    executor: Executor, actor: Actor, document_id: UUID, need: Need = Need.VIEW
) -> DocumentAccess:
    """Raises `NoSuchDocument` for a stranger and `Forbidden` for a weak role."""
    access = access_of_row(await projects.document_of_user(executor, document_id, actor.user_id))
    require(access.role, need)
    return access


def access_of_row(row: DocumentAccessRow | None) -> DocumentAccess:
    """What a member may do. Raises `NoSuchDocument`."""
    if row is None:
        raise NoSuchDocument(NoSuchDocument.__doc__)
    return DocumentAccess(
        document_id=row.id,
        project_id=row.project_id,
        kind=row.kind,
        epoch=row.epoch,
        seq=row.seq,
        server_client=row.server_client,
        access_version=row.access_version,
        role=Role(row.role),
    )


def require(role: Role, need: Need) -> None:
    """Raises `Forbidden`."""
    if not role.may(need):
        raise Forbidden(f"a {role.value} may not {need.value} here")
