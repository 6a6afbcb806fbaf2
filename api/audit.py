"""Routes of the audit log: an owner reads that of a project, an operator that of the whole studio."""

from datetime import datetime
from typing import Any

from pydantic import Field
from starlette.responses import Response

from api.call import Call
from api.operation import Operation
from api.schemas import Out, Page, PageQuery
from services.users.audit_view import PAGE_MAX, audit_of_project, audit_of_studio
from storage.tables.audit import EntryRow
from sync import ids


class AuditQuery(PageQuery):
    limit: int = Field(PAGE_MAX, ge=1, le=PAGE_MAX)


class AuditPerson(Out):
    """`name` is that of today; null when there is no such user any more."""

    id: str
    name: str | None


class AuditEntry(Out):
    """`actor`: who did it, null for a stranger. `user`: to whom, where that is somebody else."""

    id: int
    at: datetime
    action: str
    actor: AuditPerson | None
    user: AuditPerson | None
    project: str | None
    address: str | None
    agent: str | None
    request_id: str | None
    detail: dict[str, Any]


class AuditLog(Page):
    """Newest first."""

    entries: list[AuditEntry]


async def of_project(call: Call) -> Response:
    query = call.query(AuditQuery)
    project_id = call.id("prj", "project")
    found = await audit_of_project(call.state.stores.pool, call.actor, project_id, _before(call, query), query.limit)
    return _page(call, found, query.limit)


async def of_studio(call: Call) -> Response:
    query = call.query(AuditQuery)
    operators = call.state.settings.operators
    found = await audit_of_studio(call.state.stores.pool, operators, call.actor, _before(call, query), query.limit)
    return _page(call, found, query.limit)


def _before(call: Call, query: AuditQuery) -> int | None:
    position = call.position(query.cursor)
    return None if position is None else int(position)


def _page(call: Call, found: list[EntryRow], limit: int) -> Response:
    following = str(found[-1].id) if len(found) == limit else None
    return call.page(AuditLog(entries=[_entry(row) for row in found], next=call.cursor(following)))


def _entry(row: EntryRow) -> AuditEntry:
    entry = row.entry
    return AuditEntry(
        id=row.id,
        at=row.at,
        action=entry.action,
        actor=None
        if entry.actor_id is None
        else AuditPerson(id=ids.to_text("usr", entry.actor_id), name=row.actor_name),
        user=None if entry.user_id is None else AuditPerson(id=ids.to_text("usr", entry.user_id), name=row.user_name),
        project=None if entry.project_id is None else ids.to_text("prj", entry.project_id),
        address=None if entry.address is None else str(entry.address),
        agent=entry.agent,
        request_id=entry.request_id,
        detail=dict(entry.detail),
    )


OPERATIONS = (
    Operation(
        "GET",
        "/v1/projects/{project}/audit",
        of_project,
        "audit",
        "Who changed what in a project, for its owners",
        query=AuditQuery,
        answer=AuditLog,
        refusals=(403, 404),
    ),
    Operation(
        "GET",
        "/v1/audit",
        of_studio,
        "audit",
        "Every sign-in, key and change of rights, for operators",
        query=AuditQuery,
        answer=AuditLog,
        refusals=(403,),
    ),
)
