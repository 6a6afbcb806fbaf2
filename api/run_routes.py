"""The route that explains the router's decisions of a run.

What is decided and why is in `services.generation.routing`.
"""

from typing import Any

from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.run_route_schemas import CameOut, DifferenceOut, JudgedOut, RouteOut, RoutesOut, ScoreOut
from api.runs import found
from services.generation.routing.journal import of_run, without_balances
from services.generation.routing.model import Purpose
from services.generation.routing.reasons import Reason, Stage
from services.users.model import Need
from storage.tables.routes import RouteRow


async def explain(call: Call) -> Response:
    """What is left of a budget is told to those who may spend it."""
    run, access = await found(call, Need.VIEW)
    rows = await of_run(call.state.stores.pool, run.id)
    if not access.standing.may(Need.EDIT):
        rows = [without_balances(row) for row in rows]
    return reply(RoutesOut(routes=[_route(row) for row in rows]))


def _route(row: RouteRow) -> RouteOut:
    return RouteOut(
        step=row.step,
        turn=row.turn,
        purpose=Purpose(row.purpose),
        provider=row.provider,
        model=row.model,
        price_microcredits=row.price_microcredits,
        reason=Reason(row.reason),
        sentence=row.sentence,
        waits=row.waits,
        explored=row.explored,
        weights_version=row.weights_version,
        judged=[_judged(each) for each in row.judged],
        came=_came(row.came),
        created_at=row.created_at,
    )


def _judged(each: dict[str, Any]) -> JudgedOut:
    return JudgedOut(
        provider=each["provider"],
        model=each["model"],
        title=each["title"],
        stage=Stage(each["stage"]),
        reason=Reason(each["reason"]),
        sentence=each["sentence"],
        differences=[DifferenceOut(**difference) for difference in each["differences"]],
        price_microcredits=each["price_microcredits"],
        score=None if each["score"] is None else ScoreOut(**each["score"]),
    )


def _came(came: dict[str, dict[str, Any]]) -> CameOut:
    return CameOut(
        took_s=came.get("took", {}).get("value"),
        fault=came.get("failed", {}).get("fault"),
        shown="shown" in came,
        picked="picked" in came,
        score=came.get("scored", {}).get("value"),
    )


OPERATIONS = (
    Operation(
        "GET",
        "/v1/runs/{run}/routes",
        explain,
        "runs",
        "Which models were chosen for a run, and why",
        answer=RoutesOut,
        refusals=(404,),
    ),
)
