"""Routes of projects; who belongs to them is `members.py`."""

from datetime import timedelta

from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.schemas import (
    DocumentOut,
    DocumentsOut,
    NewProject,
    Nothing,
    ProjectChange,
    ProjectOut,
    ProjectsOut,
    ProjectsQuery,
)
from services.projects.model import Episode, Project
from services.projects.service import DEFAULT_BRAIN
from services.users.model import Need
from sync import ids
from sync.names import DocumentName


async def listed(call: Call) -> Response:
    query = call.query(ProjectsQuery)
    position = call.position(query.cursor)
    before = None if position is None else ids.from_text("prj", position)
    found = await call.state.projects.of_actor(call.actor, before, query.limit, query.state, templates=query.templates)
    following = ids.to_text("prj", found[-1].id) if len(found) == query.limit else None
    return call.page(ProjectsOut(projects=[_project(call, project) for project in found], next=call.cursor(following)))


async def create(call: Call) -> Response:
    body = await call.body(NewProject)

    def made(project: Project) -> Response:
        return _made(call, project)

    project = await call.state.projects.create(
        call.actor, body.title, body.kind, call.state.now(), body.brain or DEFAULT_BRAIN, call.keeping(made)
    )
    return made(project)


async def get(call: Call) -> Response:
    return reply(_project(call, await call.state.projects.get(call.actor, call.id("prj", "project"))))


async def update(call: Call) -> Response:
    body = await call.body(ProjectChange)
    project = await call.state.projects.update(call.actor, call.id("prj", "project"), body.title, body.brain)
    return reply(_project(call, project))


async def delete(call: Call) -> Response:
    await call.state.projects.delete(call.actor, call.id("prj", "project"))
    return Response(status_code=204)


async def archive(call: Call) -> Response:
    await call.body(Nothing)
    return reply(_project(call, await call.state.projects.archive(call.actor, call.id("prj", "project"))))


async def restore(call: Call) -> Response:
    await call.body(Nothing)
    return reply(_project(call, await call.state.projects.restore(call.actor, call.id("prj", "project"))))


def documents_of(owner: Project | Episode) -> DocumentsOut:
    """The two that belong to it."""
    return DocumentsOut(storyboard=_document(owner.storyboard), timeline=_document(owner.timeline))


def _made(call: Call, project: Project) -> Response:
    answer = reply(_project(call, project), 201)
    answer.headers["Location"] = f"/v1/projects/{ids.to_text('prj', project.id)}"
    return answer


def _document(name: DocumentName) -> DocumentOut:
    return DocumentOut(id=ids.encode(name.id), name=str(name))


def _project(call: Call, project: Project) -> ProjectOut:
    kept = timedelta(days=call.state.settings.purge_after_days)
    return ProjectOut(
        id=ids.to_text("prj", project.id),
        title=project.title,
        kind=project.kind,
        brain=project.brain,
        format=project.format,
        role=project.role,
        may=[need for need in Need if project.standing.may(need)],
        created_at=project.created_at,
        updated_at=project.updated_at,
        documents=documents_of(project),
        episodes=project.episodes,
        state=project.state,
        template=project.is_template,
        purge_at=None if project.deleted_at is None else project.deleted_at + kept,
    )


_ALL = "/v1/projects"
_ONE = "/v1/projects/{project}"

OPERATIONS = (
    Operation("GET", _ALL, listed, "projects", "Your projects", query=ProjectsQuery, answer=ProjectsOut),
    Operation(
        "POST", _ALL, create, "projects", "Make a project", body=NewProject, answer=ProjectOut, status=201, resumes=True
    ),
    Operation("GET", _ONE, get, "projects", "One project", answer=ProjectOut, refusals=(404,)),
    Operation(
        "PATCH",
        _ONE,
        update,
        "projects",
        "Change a project",
        body=ProjectChange,
        answer=ProjectOut,
        refusals=(403, 404, 409),
    ),
    Operation("DELETE", _ONE, delete, "projects", "Delete a project", status=204, refusals=(403, 404)),
    Operation(
        "POST",
        _ONE + "/archive",
        archive,
        "projects",
        "Out of the list; it is only read from here on",
        body=Nothing,
        answer=ProjectOut,
        refusals=(403, 404),
        resumes=True,
    ),
    Operation(
        "POST",
        _ONE + "/restore",
        restore,
        "projects",
        "Back from the archive, or from deletion until it is purged",
        body=Nothing,
        answer=ProjectOut,
        refusals=(403, 404),
        resumes=True,
    ),
)
