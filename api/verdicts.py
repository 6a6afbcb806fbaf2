"""Routes of verdicts: what was judged in a project and why, appeals against it, and an operator's decision.

Who may is decided in `services.safety`.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints
from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.schemas import In, Out, Page, PageQuery
from services.projects.settings import Safety
from services.safety.errors import VERDICT_PREFIX, NoSuchVerdict
from services.safety.model import Outcome, Subject
from services.safety.service import PAGE_MAX, WORDS_CHARS_MAX, Decision
from storage.tables.verdicts import VerdictRow
from sync import ids
from sync.errors import MalformedId

Words = Annotated[str, StringConstraints(min_length=1, max_length=WORDS_CHARS_MAX, strip_whitespace=True)]


class VerdictsQuery(PageQuery):
    """`outcome`: only those."""

    outcome: Outcome | None = None
    limit: int = Field(PAGE_MAX, ge=1, le=PAGE_MAX)


class AppealsQuery(PageQuery):
    limit: int = Field(PAGE_MAX, ge=1, le=PAGE_MAX)


class AppealIn(In):
    """`words`: why the verdict is wrong."""

    words: Words


class DecisionIn(In):
    """`upheld`: the verdict stays. `overturned`: the same thing is allowed in this project from now on."""

    decision: Decision
    note: Words


class AppealOut(Out):
    """`state`: open, upheld or overturned; `note`: why, once it is decided."""

    by: str
    words: str
    made_at: datetime
    state: str
    decided_at: datetime | None
    note: str | None


class FindingOut(Out):
    """`where`: which piece of the request, or which frame. `words`: the least that shows it."""

    category: str
    outcome: Outcome
    where: str
    words: str
    reason: str


class OpinionOut(Out):
    """`failed`: why this judge has none."""

    judge: str
    version: str
    failed: str | None
    findings: list[FindingOut]


class VerdictOut(Out):
    """`media`: the hash of a judged output, of this project. `policy`: the version of the rules that were applied."""

    id: str
    project: str
    by: str
    subject: Subject
    media: str | None
    run: str | None
    safety: Safety
    policy: str
    outcome: Outcome
    opinions: list[OpinionOut]
    created_at: datetime
    appeal: AppealOut | None


class VerdictsOut(Page):
    """Newest first."""

    verdicts: list[VerdictOut]


class AppealsOut(Page):
    """Those that wait for a decision, the oldest first."""

    verdicts: list[VerdictOut]


async def listed(call: Call) -> Response:
    query, project_id = call.query(VerdictsQuery), call.id("prj", "project")
    before = _position(call, query.cursor)
    found = await call.state.moderation.of_project(call.actor, project_id, query.outcome, before, query.limit)
    return call.page(VerdictsOut(verdicts=[_out(row) for row in found], next=_next(call, found, query.limit)))


async def get(call: Call) -> Response:
    return reply(_out(await call.state.moderation.get(call.actor, _id(call.text("verdict")))))


async def appeal(call: Call) -> Response:
    body = await call.body(AppealIn)
    verdict_id = _id(call.text("verdict"))
    made = await call.state.moderation.appeal(call.actor, verdict_id, body.words, call.keeping(_made))
    return _made(made)


async def appeals(call: Call) -> Response:
    query = call.query(AppealsQuery)
    behind = _position(call, query.cursor)
    operators = call.state.settings.operators
    found = await call.state.moderation.open_appeals(operators, call.actor, behind, query.limit)
    return call.page(AppealsOut(verdicts=[_out(row) for row in found], next=_next(call, found, query.limit)))


async def decide(call: Call) -> Response:
    body = await call.body(DecisionIn)
    operators = call.state.settings.operators
    decided = await call.state.moderation.decide(
        operators, call.actor, _id(call.text("verdict")), body.decision, body.note, call.keeping(_shown)
    )
    return _shown(decided)


def _made(row: VerdictRow) -> Response:
    return reply(_out(row), 201)


def _shown(row: VerdictRow) -> Response:
    return reply(_out(row))


def _position(call: Call, cursor: str | None) -> UUID | None:
    position = call.position(cursor)
    return None if position is None else UUID(position)


def _next(call: Call, found: list[VerdictRow], limit: int) -> str | None:
    return call.cursor(str(found[-1].verdict.id) if len(found) == limit else None)


def _id(text: str) -> UUID:
    try:
        return ids.from_text(VERDICT_PREFIX, text)
    except MalformedId as error:
        raise NoSuchVerdict() from error


def _out(row: VerdictRow) -> VerdictOut:
    verdict = row.verdict
    return VerdictOut(
        id=ids.to_text(VERDICT_PREFIX, verdict.id),
        project=ids.to_text("prj", verdict.project_id),
        by=ids.to_text("usr", verdict.asked_by),
        subject=Subject(verdict.subject),
        media=verdict.media,
        run=None if verdict.run_id is None else ids.to_text("run", verdict.run_id),
        safety=Safety(verdict.safety),
        policy=verdict.policy,
        outcome=Outcome(verdict.outcome),
        opinions=[_opinion(dict(opinion)) for opinion in verdict.opinions],
        created_at=row.created_at,
        appeal=_appeal(row),
    )


def _opinion(stored: dict[str, Any]) -> OpinionOut:
    findings = [
        FindingOut(**{name: value for name, value in one.items() if name != "rule"}) for one in stored["findings"]
    ]
    return OpinionOut(judge=stored["judge"], version=stored["version"], failed=stored["failed"], findings=findings)


def _appeal(row: VerdictRow) -> AppealOut | None:
    made = row.appeal
    if made is None:
        return None
    return AppealOut(
        by=ids.to_text("usr", made.made_by),
        words=made.words,
        made_at=made.made_at,
        state=made.state,
        decided_at=made.decided_at,
        note=made.note,
    )


_ONE = "/v1/verdicts/{verdict}"

OPERATIONS = (
    Operation(
        "GET",
        "/v1/projects/{project}/verdicts",
        listed,
        "safety",
        "What was judged in a project, for those who may edit it",
        query=VerdictsQuery,
        answer=VerdictsOut,
        refusals=(403, 404),
    ),
    Operation("GET", _ONE, get, "safety", "One verdict and why", answer=VerdictOut, refusals=(403, 404)),
    Operation(
        "POST",
        _ONE + "/appeal",
        appeal,
        "safety",
        "Say why a verdict is wrong; an operator decides",
        body=AppealIn,
        answer=VerdictOut,
        status=201,
        refusals=(403, 404, 409),
    ),
    Operation(
        "GET",
        "/v1/appeals",
        appeals,
        "safety",
        "Appeals that wait for a decision, for operators",
        query=AppealsQuery,
        answer=AppealsOut,
        refusals=(403,),
        walled=False,
    ),
    Operation(
        "POST",
        "/v1/appeals/{verdict}/decision",
        decide,
        "safety",
        "Decide on an appeal, for operators",
        body=DecisionIn,
        answer=VerdictOut,
        refusals=(403, 404, 409),
        walled=False,
    ),
)
