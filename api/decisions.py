"""Routes of review: approve a take, a scene or a cut, or ask for changes, and read who decided what.

A decision names the version that was looked at; what holds of it now is said beside it.
"""

from starlette.responses import Response

from api.call import Call, reply
from api.operation import Handler, Operation
from api.review_schemas import DecisionOut, DecisionsOut, DecisionsQuery, NewDecision
from services.review.model import DECISION_PREFIX, Subject, Verdict, Word
from services.users.model import Need, Role
from storage.tables.decisions import DecisionRow
from sync import ids


async def decide_take(call: Call) -> Response:
    return await _decide(call, await call.state.review.subject_of_take(call.id("tak", "take")))


async def decide_scene(call: Call) -> Response:
    return await _decide(call, await _scene(call))


async def decide_cut(call: Call) -> Response:
    return await _decide(call, Subject(call.document_id()))


async def of_take(call: Call) -> Response:
    return await _listed(call, await call.state.review.subject_of_take(call.id("tak", "take")))


async def of_scene(call: Call) -> Response:
    return await _listed(call, await _scene(call))


async def of_document(call: Call) -> Response:
    return await _listed(call, Subject(call.document_id()))


async def _scene(call: Call) -> Subject:
    project_id, scene = call.id("prj", "project"), call.text("scene")
    return Subject(await call.state.scenes.storyboard_of(call.actor, project_id, scene, Need.VIEW), scene)


async def _decide(call: Call, subject: Subject) -> Response:
    body = await call.body(NewDecision)
    word = Word(body.verdict, body.note, body.seq)
    made = await call.state.review.decide(call.actor, subject, word, call.state.now(), call.idempotency_key())
    return reply(_decision(made), 201)


async def _listed(call: Call, subject: Subject) -> Response:
    query = call.query(DecisionsQuery)
    position = call.position(query.cursor)
    before = None if position is None else ids.from_text(DECISION_PREFIX, position)
    found = await call.state.review.of(call.actor, subject, before, query.limit)
    following = ids.to_text(DECISION_PREFIX, found[-1].id) if len(found) == query.limit else None
    return call.page(DecisionsOut(decisions=[_decision(row) for row in found], next=call.cursor(following)))


def _decision(row: DecisionRow) -> DecisionOut:
    return DecisionOut(
        id=ids.to_text(DECISION_PREFIX, row.id),
        document=ids.encode(row.document_id),
        subject=row.subject,
        scene=row.scene_id,
        take=None if row.take_id is None else ids.to_text("tak", row.take_id),
        verdict=Verdict(row.verdict),
        note=row.note,
        epoch=row.epoch,
        seq=row.seq,
        current=row.is_current,
        by=ids.to_text("usr", row.decided_by),
        by_name=row.name,
        by_kind=row.kind,
        role=Role(row.role),
        at=row.decided_at,
    )


_OF_TAKE = "/v1/takes/{take}/decisions"
_OF_SCENE = "/v1/projects/{project}/scenes/{scene}/decisions"
_OF_DOCUMENT = "/v1/documents/{document}/decisions"


def _deciding(path: str, handler: Handler, summary: str) -> Operation:
    return Operation(
        "POST",
        path,
        handler,
        "review",
        summary,
        body=NewDecision,
        answer=DecisionOut,
        status=201,
        refusals=(403, 404, 409, 422),
        resumes=True,
    )


OPERATIONS = (
    _deciding(_OF_TAKE, decide_take, "Approve a take, or ask for changes"),
    Operation(
        "GET",
        _OF_TAKE,
        of_take,
        "review",
        "What was decided about a take",
        query=DecisionsQuery,
        answer=DecisionsOut,
        refusals=(404,),
    ),
    _deciding(_OF_SCENE, decide_scene, "Approve a scene, or ask for changes"),
    Operation(
        "GET",
        _OF_SCENE,
        of_scene,
        "review",
        "What was decided about a scene and its takes",
        query=DecisionsQuery,
        answer=DecisionsOut,
        refusals=(404,),
    ),
    _deciding(_OF_DOCUMENT, decide_cut, "Approve the cut of an episode, or ask for changes"),
    Operation(
        "GET",
        _OF_DOCUMENT,
        of_document,
        "review",
        "What was decided about an episode's cut, or its scenes and takes",
        query=DecisionsQuery,
        answer=DecisionsOut,
        refusals=(404,),
    ),
)
