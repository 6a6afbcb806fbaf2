"""The route that says what a generation would cost, before anybody asks for it.

Who would make it is decided as in `services.generation.routing`.
"""

from datetime import UTC, datetime

from starlette.responses import Response

from api.billing_schemas import RoomOut
from api.call import Call, reply
from api.operation import Operation
from api.project_schemas import SceneQuery
from api.run_quote_schemas import ModelQuoteOut, PartQuoteOut, RunQuoteOut
from api.run_route_schemas import DifferenceOut
from api.run_schemas import Manner
from api.runs import wish_of
from services.generation.shots.costing import ModelCost, PartCost
from services.generation.shots.quotes import SceneQuote
from sync import ids


async def quote(call: Call) -> Response:
    manner = await call.body(Manner)
    project_id, scene_id = call.id("prj", "project"), call.text("scene")
    episode = call.query(SceneQuery).episode
    episode_id = None if episode is None else ids.from_text("epi", episode)
    document_id = await call.state.scenes.storyboard_of(call.actor, project_id, scene_id, episode_id=episode_id)
    now = datetime.fromtimestamp(call.state.now(), UTC)
    found = await call.state.quotes.quote(call.actor, project_id, document_id, scene_id, wish_of(manner), now)
    return reply(_quote(found))


def _quote(found: SceneQuote) -> RunQuoteOut:
    costing = found.costing
    return RunQuoteOut(
        purpose=found.wish.purpose,
        boards=found.wish.boards,
        seconds=float(found.seconds),
        possible=costing.possible,
        sentence=found.sentence,
        least_micro=costing.least,
        likely_micro=costing.likely,
        most_micro=costing.most,
        shots=[_part(shot) for shot in costing.shots],
        lines=[_part(line) for line in costing.lines],
        models=[_model(model) for model in costing.models],
        room=RoomOut.model_validate({"left_micro": found.room.left, "by": found.room.by}),
    )


def _part(cost: PartCost) -> PartQuoteOut:
    chosen, seconds = cost.decision.chosen, cost.part.seconds
    return PartQuoteOut(
        step=cost.part.step,
        seconds=None if seconds is None else float(seconds),
        provider=None if chosen is None else chosen.id.provider,
        model=None if chosen is None else chosen.id.model,
        reason=cost.decision.reason,
        sentence=cost.decision.sentence,
        least_micro=cost.least,
        likely_micro=cost.likely,
        most_micro=cost.most,
    )


def _model(model: ModelCost) -> ModelQuoteOut:
    return ModelQuoteOut(
        provider=model.id.provider,
        model=model.id.model,
        title=model.title,
        shots=model.shots,
        price_micro=model.price,
        reason=model.reason,
        sentence=model.sentence,
        differences=[
            DifferenceOut(field=each.field, asked=each.asked, offered=each.offered) for each in model.differences
        ],
    )


OPERATIONS = (
    Operation(
        "POST",
        "/v1/projects/{project}/scenes/{scene}/runs/quote",
        quote,
        "runs",
        "What a generation would cost, and who would make it; nothing is begun",
        body=Manner,
        query=SceneQuery,
        answer=RunQuoteOut,
        refusals=(403, 404),
        resumes=True,
    ),
)
