"""Who may read the audit log: owners that of their project, operators all of it."""

from uuid import UUID

from services.users.access import access_project
from services.users.model import Actor, Need
from services.users.operators import require_operator
from storage.postgres import Executor
from storage.tables import audit as rows
from storage.tables.audit import EntryRow

PAGE_MAX = 100


async def audit_of_project(
    executor: Executor, actor: Actor, project_id: UUID, before: int | None, limit: int
) -> list[EntryRow]:
    """Newest first, those below `before`. Raises `NoSuchProject`, `Forbidden`."""
    await access_project(executor, actor, project_id, Need.ADMIN)
    return await rows.entries_of_project(executor, project_id, before, min(limit, PAGE_MAX))


async def audit_of_studio(
    executor: Executor, operators: frozenset[UUID], actor: Actor, before: int | None, limit: int
) -> list[EntryRow]:
    """Newest first, those below `before`. Raises `NotAnOperator`."""
    require_operator(operators, actor)
    return await rows.entries(executor, before, min(limit, PAGE_MAX))
