"""Routes of variations: a run that goes on from a take, or from a set of frames of a run.

What can be changed is `services/generation/branch.py`.
"""

import secrets

from starlette.responses import Response

from api.call import Call, reply
from api.errors import TakeMissing
from api.operation import Operation
from api.rates import RouteClass
from api.run_schemas import RunAnswer
from api.runs import found, run_out, wish_of
from api.variation_schemas import (
    ChangeIn,
    LengthIn,
    OtherPicturesIn,
    OtherWordsIn,
    PartIn,
    Variation,
)
from services.generation.branch import Change, Length, Pictures, Repaint, Words
from services.generation.errors import ParentUnfit
from services.generation.request import Stroke
from services.users.access import access_document
from services.users.errors import NoSuchDocument
from services.users.model import Need
from storage.tables import takes

SEED_MAX = 2**31 - 1


async def of_take(call: Call) -> Response:
    variation = await call.body(Variation)
    pool = call.state.stores.pool
    take = await takes.take_of_id(pool, call.id("tak", "take"))
    if take is None:
        raise TakeMissing(TakeMissing.__doc__)
    try:
        await access_document(pool, call.actor, take.document_id, Need.EDIT)
    except NoSuchDocument as error:
        raise TakeMissing(TakeMissing.__doc__) from error
    if take.run_id is None:
        raise ParentUnfit("The take was copied from another project: how it was made is not here.")
    run = await call.state.generation.branch(
        take.run_id,
        None,
        _change(variation.change),
        call.actor.user_id,
        call.idempotency_key(),
        wish_of(variation),
    )
    return reply(RunAnswer(run=run_out(run)), 202)


async def of_frames(call: Call) -> Response:
    variation = await call.body(Variation)
    parent, _ = await found(call, Need.EDIT)
    run = await call.state.generation.branch(
        parent.id,
        call.text("frames"),
        _change(variation.change),
        call.actor.user_id,
        call.idempotency_key(),
        wish_of(variation),
    )
    return reply(RunAnswer(run=run_out(run)), 202)


def _change(change: ChangeIn) -> Change:
    match change:
        case OtherWordsIn():
            return Words(change.prompt)
        case OtherPicturesIn():
            return Pictures(secrets.randbelow(SEED_MAX + 1) if change.seed is None else change.seed)
        case PartIn():
            strokes = tuple(Stroke(each.radius, each.points) for each in change.mask)
            return Repaint(change.words, strokes, change.frame)
        case LengthIn():
            return Length(change.frames)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/takes/{take}/variations",
        of_take,
        "runs",
        "Go on from a take: other words, other pictures, another part, another length",
        body=Variation,
        answer=RunAnswer,
        status=202,
        refusals=(403, 404, 409),
        resumes=True,
        costs=RouteClass.COSTLY,
    ),
    Operation(
        "POST",
        "/v1/runs/{run}/frames/{frames}/variations",
        of_frames,
        "runs",
        "Go on from one set of a run's frames",
        body=Variation,
        answer=RunAnswer,
        status=202,
        refusals=(403, 404, 409),
        resumes=True,
        costs=RouteClass.COSTLY,
    ),
)
