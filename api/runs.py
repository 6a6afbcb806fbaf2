"""Routes of generations: start one for a scene, look at it, cancel it.

What a run is and when it may start is decided in `services.generation`.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.project_schemas import SceneQuery
from api.rates import RouteClass
from api.run_schemas import (
    Manner,
    OfferAnswer,
    ParentOut,
    RunAnswer,
    RunOut,
    RunsOut,
    RunsQuery,
    RunWhole,
    Selection,
    StepOut,
    TakeOfferOut,
)
from api.schemas import Nothing
from services.cache.model import Layer
from services.generation.errors import NoSuchRun
from services.generation.graph import REUSE, Wish
from services.generation.request import from_json
from services.generation.reuse.offers import OFFER_PREFIX, Offered
from services.runs.errors import ChoiceRefused
from services.runs.model import StepState
from services.users.access import DocumentAccess, access_document, access_project
from services.users.errors import NoSuchDocument
from services.users.model import Need
from storage.tables import runs
from storage.tables.runs import RunRow
from storage.tables.steps import StepRow
from sync import ids


async def generate(call: Call) -> Response:
    manner = await call.body(Manner)
    project_id, scene_id = call.id("prj", "project"), call.text("scene")
    episode = call.query(SceneQuery).episode
    episode_id = None if episode is None else ids.from_text("epi", episode)
    document_id = await call.state.scenes.storyboard_of(call.actor, project_id, scene_id, episode_id=episode_id)
    run = await call.state.generation.request(
        project_id, document_id, scene_id, call.actor.user_id, call.idempotency_key(), wish_of(manner)
    )
    return reply(RunAnswer(run=run_out(run)), 202)


async def get(call: Call) -> Response:
    run, _ = await found(call, Need.VIEW)
    return reply(await _whole(call, run))


async def listed(call: Call) -> Response:
    project_id, query = call.id("prj", "project"), call.query(RunsQuery)
    pool = call.state.stores.pool
    seen = (await access_project(pool, call.actor, project_id, Need.VIEW)).standing.episodes
    position = call.position(query.cursor)
    before = None if position is None else ids.from_text("run", position)
    found = await runs.runs_of_project(pool, project_id, query.state, before, query.limit, seen)
    following = ids.to_text("run", found[-1].id) if len(found) == query.limit else None
    return call.page(RunsOut(runs=[run_out(row) for row in found], next=call.cursor(following)))


async def replay(call: Call) -> Response:
    await call.body(Nothing)
    run, _ = await found(call, Need.EDIT)
    again = await call.state.generation.replay(run.id, call.actor.user_id, call.idempotency_key())
    return reply(RunAnswer(run=run_out(again)), 202)


async def select(call: Call) -> Response:
    chosen = await call.body(Selection)
    run, _ = await found(call, Need.EDIT)
    if chosen.step == REUSE:
        raise ChoiceRefused("An offer is answered at /v1/runs/{run}/offer.")
    await call.state.generation.steps.choose(run.id, chosen.step, chosen.choice, ids.to_text("usr", call.actor.user_id))
    return reply(await _whole(call, run))


async def answer_offer(call: Call) -> Response:
    said = await call.body(OfferAnswer)
    run, _ = await found(call, Need.EDIT)
    offers, offer_id = call.state.generation.offers, ids.from_text(OFFER_PREFIX, said.offer)
    if said.answer == "accept":
        await offers.accept(run.id, offer_id, call.actor.user_id)
    else:
        await offers.decline(run.id, offer_id, call.actor.user_id, said.because)
    await call.state.generation.project(run.document_id)
    return reply(await _whole(call, await call.state.generation.run(run.id)))


async def cancel(call: Call) -> Response:
    await call.body(Nothing)
    run, _ = await found(call, Need.EDIT)
    return reply(RunAnswer(run=run_out(await call.state.generation.cancel(run.id, call.actor.user_id))))


async def found(call: Call, need: Need) -> tuple[RunRow, DocumentAccess]:
    """A stranger learns no more of a run than of its document: that there is none."""
    row = await call.state.generation.run(call.id("run", "run"))
    try:
        access = await access_document(call.state.stores.pool, call.actor, row.document_id, need)
    except NoSuchDocument as error:
        raise NoSuchRun(NoSuchRun.__doc__) from error
    return row, access


async def _whole(call: Call, run: RunRow) -> RunWhole:
    generation = call.state.generation
    steps, offered = await generation.steps.of_run(run.id), await generation.offers.of_run(run)
    return RunWhole(
        run=run_out(run), steps=[_step(step) for step in steps], offer=None if offered is None else _offer(offered)
    )


def _offer(offered: Offered) -> TakeOfferOut:
    decision, take = offered.decision, offered.take
    return TakeOfferOut(
        id=ids.to_text(OFFER_PREFIX, decision.id),
        take=ids.to_text("tak", take.id),
        scene=take.scene_id,
        number=take.number,
        media=take.media,
        thumb=take.thumb,
        frames=take.frames,
        rate=list(take.rate),
        prompt=offered.prompt,
        score=decision.score,
        saves_micro=decision.saves_microcredits,
        answer=decision.answer,
        made_at=take.created_at,
    )


def _step(step: StepRow) -> StepOut:
    return StepOut(
        name=step.name,
        state=step.state,
        attempt=step.attempt,
        needs=list(step.needs),
        key=step.key,
        reused=step.reused_from is not None,
        layer=None if step.layer is None else Layer(step.layer),
        asks=_asked(step.memo) if step.state == StepState.PARKED and step.memo else None,
        error=step.error,
        started_at=step.started_at,
        finished_at=step.finished_at,
    )


def wish_of(manner: Manner) -> Wish:
    """As runs keep it."""
    return Wish(
        manner.boards,
        manner.purpose,
        manner.models,
        manner.spend_max_microcredits,
        manner.voices,
        manner.planner,
        offers=manner.offers,
    )


def _asked(memo: Mapping[str, Any]) -> dict[str, Any]:
    """Without what only the next step needs."""
    choices = [{key: value for key, value in each.items() if key != "made"} for each in memo["choices"]]
    return {"question": memo["question"], "choices": choices}


def run_out(run: RunRow) -> RunOut:
    """As people read it."""
    return RunOut(
        id=ids.to_text("run", run.id),
        project=ids.to_text("prj", run.project_id),
        scene=run.scene_id,
        state=run.state,
        stage=run.stage,
        pct=run.pct,
        attempt=run.attempt,
        take=None if run.take_id is None else ids.to_text("tak", run.take_id),
        error=run.error,
        replays=None if run.replays is None else ids.to_text("run", run.replays),
        parent=_parent(run),
        cost_micro=run.cost_microcredits,
        created_at=run.created_at,
        updated_at=run.updated_at,
    )


def _parent(run: RunRow) -> ParentOut | None:
    branch = from_json(Wish, run.wish).branch
    if branch is None:
        return None
    nearest = branch.parents[0]
    return ParentOut(run=nearest.run, take=nearest.take, frames=nearest.frames, change=nearest.change.kind)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/projects/{project}/scenes/{scene}/generate",
        generate,
        "runs",
        "Generate a scene",
        body=Manner,
        query=SceneQuery,
        answer=RunAnswer,
        status=202,
        refusals=(403, 404, 409),
        resumes=True,
        costs=RouteClass.COSTLY,
    ),
    Operation(
        "GET",
        "/v1/projects/{project}/runs",
        listed,
        "runs",
        "The runs of a project, newest first",
        query=RunsQuery,
        answer=RunsOut,
        refusals=(404,),
    ),
    Operation(
        "POST",
        "/v1/runs/{run}/replay",
        replay,
        "runs",
        "Ask once more for what a run that failed or was cancelled was asked for",
        body=Nothing,
        answer=RunAnswer,
        status=202,
        refusals=(403, 404, 409),
        resumes=True,
        costs=RouteClass.COSTLY,
    ),
    Operation("GET", "/v1/runs/{run}", get, "runs", "One run and its steps", answer=RunWhole, refusals=(404,)),
    Operation(
        "POST",
        "/v1/runs/{run}/selections",
        select,
        "runs",
        "Answer what a step asks",
        body=Selection,
        answer=RunWhole,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation(
        "POST",
        "/v1/runs/{run}/offer",
        answer_offer,
        "runs",
        "Use the take that was offered, or decline it",
        body=OfferAnswer,
        answer=RunWhole,
        refusals=(403, 404, 409),
        resumes=True,
    ),
    Operation(
        "POST",
        "/v1/runs/{run}/cancel",
        cancel,
        "runs",
        "Cancel a run",
        body=Nothing,
        answer=RunAnswer,
        refusals=(403, 404, 409),
        resumes=True,
    ),
)
