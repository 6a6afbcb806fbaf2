"""Routes of refused edits: what they would change, and taking them in or not.

Shapes and routes; who sees and who decides is `services/proposals`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from api.call import Call, reply
from api.history import entity_change, kept_out
from api.history_schemas import EntityChangeOut, KeptOut
from api.operation import Operation
from api.rates import RouteClass
from api.schemas import In, Out, Page, PageQuery
from services.proposals.errors import NoSuchProposal
from services.proposals.model import PAGE_MAX, PROPOSAL_PREFIX
from storage.tables.proposals import ProposalRow
from sync import ids
from sync.errors import MalformedId

State = Literal["open", "accepted", "dismissed"]


class ProposalsQuery(PageQuery):
    state: State | None = None
    limit: int = Field(PAGE_MAX, ge=1, le=PAGE_MAX)


class AcceptQuery(In):
    """`despite_locks`: also what is locked now; only an owner may."""

    despite_locks: bool = False


class ProposalOut(Out):
    """`reason`: the code of PROTOCOL.md for which it was refused, `detail` in words. `seq`: the row that took it in."""

    id: str
    author: str
    author_name: str | None
    reason: str
    detail: str
    epoch: int
    state: str
    created_at: datetime
    decided_by: str | None
    decided_by_name: str | None
    decided_at: datetime | None
    seq: int | None


class ProposalsOut(Page):
    """Newest first."""

    proposals: list[ProposalOut]


class ProposalShownOut(Out):
    """`changes`: what accepting it would do now; `held`: what a lock holds up. `kept`: what would stay out, and why."""

    proposal: ProposalOut
    changes: list[EntityChangeOut]
    held: list[EntityChangeOut]
    kept: list[KeptOut]


class ProposalAcceptedOut(Out):
    """`kept`: what stayed out, and why."""

    proposal: ProposalOut
    kept: list[KeptOut]


async def proposals(call: Call) -> Response:
    asked = call.query(ProposalsQuery)
    position = call.position(asked.cursor)
    before = None if position is None else _id(position)
    found, names = await call.state.proposals.proposals(
        call.actor, call.document_id(), before, asked.state, asked.limit
    )
    last = _text(found[-1].id) if len(found) == asked.limit else None
    return call.page(ProposalsOut(proposals=[_out(row, names) for row in found], next=call.cursor(last)))


async def proposal(call: Call) -> Response:
    shown = await call.state.proposals.show(call.actor, call.document_id(), _id(call.text("proposal")))
    return reply(
        ProposalShownOut(
            proposal=_out(shown.row, shown.names),
            changes=[entity_change(change) for change in shown.changes],
            held=[entity_change(change) for change in shown.held],
            kept=kept_out(shown.kept),
        )
    )


async def accept(call: Call) -> Response:
    now = datetime.fromtimestamp(call.state.now(), UTC)
    asked = call.query(AcceptQuery)
    done = await call.state.proposals.accept(
        call.actor, call.document_id(), _id(call.text("proposal")), now, despite_locks=asked.despite_locks
    )
    return reply(ProposalAcceptedOut(proposal=_out(done.row, {}), kept=kept_out(done.kept)))


async def dismiss(call: Call) -> Response:
    row = await call.state.proposals.dismiss(call.actor, call.document_id(), _id(call.text("proposal")))
    return reply(_out(row, {}))


def _id(text: str) -> UUID:
    try:
        return ids.from_text(PROPOSAL_PREFIX, text)
    except MalformedId as error:
        raise NoSuchProposal(NoSuchProposal.__doc__) from error


def _text(proposal_id: UUID) -> str:
    return ids.to_text(PROPOSAL_PREFIX, proposal_id)


def _out(row: ProposalRow, names: Mapping[UUID, str]) -> ProposalOut:
    return ProposalOut(
        id=_text(row.id),
        author=ids.to_text("usr", row.author),
        author_name=names.get(row.author),
        reason=row.reason,
        detail=row.detail,
        epoch=row.epoch,
        state=row.state,
        created_at=row.created_at,
        decided_by=None if row.decided_by is None else ids.to_text("usr", row.decided_by),
        decided_by_name=None if row.decided_by is None else names.get(row.decided_by),
        decided_at=row.decided_at,
        seq=row.seq,
    )


_PROPOSALS = "/v1/documents/{document}/proposals"
_PROPOSAL = _PROPOSALS + "/{proposal}"

OPERATIONS = (
    Operation(
        "GET",
        _PROPOSALS,
        proposals,
        "proposals",
        "Edits that were refused and kept, newest first; one's own, or all for who may edit",
        query=ProposalsQuery,
        answer=ProposalsOut,
        refusals=(404,),
    ),
    Operation(
        "GET",
        _PROPOSAL,
        proposal,
        "proposals",
        "What a proposal would change now",
        answer=ProposalShownOut,
        refusals=(404, 409),
    ),
    Operation(
        "POST",
        _PROPOSAL + "/accept",
        accept,
        "proposals",
        "Take in what may be taken in, as an edit of its author",
        query=AcceptQuery,
        answer=ProposalAcceptedOut,
        refusals=(403, 404, 409),
        costs=RouteClass.COSTLY,
        resumes=True,
    ),
    Operation(
        "POST",
        _PROPOSAL + "/dismiss",
        dismiss,
        "proposals",
        "Leave it out for good",
        answer=ProposalOut,
        refusals=(404, 409),
        resumes=True,
    ),
)
