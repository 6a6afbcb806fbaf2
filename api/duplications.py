"""Routes of copies of projects: ask for one, see how far it is, stop it."""

from datetime import datetime
from typing import Any

from pydantic import Field
from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.rates import RouteClass
from api.schemas import In, Nothing, Out
from services.projects.model import TITLE_CHARS_MAX
from storage.postgres import Connection
from storage.tables.duplications import DuplicationRow
from sync import ids


class NewDuplication(In):
    """`title`: else the original's. `media`: whether takes, files and pictures come along; they are shared, not copied.
    `template`: whether the copy is a template."""

    title: str | None = Field(None, min_length=1, max_length=TITLE_CHARS_MAX)
    media: bool = True
    template: bool = False


class DuplicationOut(Out):
    """`state`: queued, running, complete, failed or cancelled. `done` of `total` things are copied. `project`: the
    copy, which is there when it is complete; only who asked for it is told."""

    id: str
    source: str
    project: str | None
    state: str
    done: int
    total: int
    error: dict[str, Any] | None
    created_at: datetime
    finished_at: datetime | None


async def ask(call: Call) -> Response:
    body = await call.body(NewDuplication)

    async def keep(connection: Connection, row: DuplicationRow) -> None:
        await call.keep(connection, _made(call, row))

    row = await call.state.duplications.ask(
        call.actor,
        call.id("prj", "project"),
        call.state.now(),
        title=body.title,
        with_media=body.media,
        as_template=body.template,
        within=keep,
    )
    return _made(call, row)


async def get(call: Call) -> Response:
    return reply(_duplication(call, await call.state.duplications.get(call.actor, call.id("dup", "duplication"))))


async def cancel(call: Call) -> Response:
    await call.body(Nothing)
    return reply(_duplication(call, await call.state.duplications.cancel(call.actor, call.id("dup", "duplication"))))


def _made(call: Call, row: DuplicationRow) -> Response:
    answer = reply(_duplication(call, row), 202)
    answer.headers["Location"] = f"/v1/duplications/{ids.to_text('dup', row.id)}"
    return answer


def _duplication(call: Call, row: DuplicationRow) -> DuplicationOut:
    return DuplicationOut(
        id=ids.to_text("dup", row.id),
        source=ids.to_text("prj", row.source_id),
        project=ids.to_text("prj", row.target_id) if row.asked_by == call.actor.user_id else None,
        state=row.state,
        done=row.done,
        total=row.total,
        error=row.error,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


_ONE = "/v1/duplications/{duplication}"

OPERATIONS = (
    Operation(
        "POST",
        "/v1/projects/{project}/duplicates",
        ask,
        "duplications",
        "Copy a project, or make one from a template",
        body=NewDuplication,
        answer=DuplicationOut,
        status=202,
        refusals=(403, 404, 409),
        costs=RouteClass.COSTLY,
        resumes=True,
    ),
    Operation("GET", _ONE, get, "duplications", "How far a copy is", answer=DuplicationOut, refusals=(404,)),
    Operation(
        "POST",
        _ONE + "/cancel",
        cancel,
        "duplications",
        "Stop a copy",
        body=Nothing,
        answer=DuplicationOut,
        refusals=(403, 404),
        resumes=True,
    ),
)
