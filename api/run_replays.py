"""The route that asks once more for everything of a project that failed.

What a replay is, and what it makes anew, is in `services.generation`.
"""

from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.rates import RouteClass
from api.run_replay_schemas import FailedRuns, ReplayOut, ReplaysOut
from api.runs import run_out
from services.generation.replays import Replayed, replay_all
from services.users.access import access_project
from services.users.model import Need
from storage.tables import runs
from sync import ids


async def replay_failed(call: Call) -> Response:
    wanted = await call.body(FailedRuns)
    project_id, pool = call.id("prj", "project"), call.state.stores.pool
    seen = (await access_project(pool, call.actor, project_id, Need.EDIT)).standing.episodes
    codes = wanted.codes or None
    failed = await runs.failed_of_project(pool, project_id, codes, wanted.since, wanted.limit, seen)
    done = await replay_all(call.state.generation, failed, call.actor.user_id, call.idempotency_key())
    return reply(ReplaysOut(replays=[_replay(each) for each in done]), 202)


def _replay(each: Replayed) -> ReplayOut:
    refusal = each.refusal
    return ReplayOut(
        failed=ids.to_text("run", each.failed.id),
        scene=each.failed.scene_id,
        error=each.failed.error or {},
        run=None if each.again is None else run_out(each.again),
        code=None if refusal is None else refusal.code,
        sentence=None if refusal is None else str(refusal),
    )


OPERATIONS = (
    Operation(
        "POST",
        "/v1/projects/{project}/runs/replays",
        replay_failed,
        "runs",
        "Ask once more for every scene whose newest run failed",
        body=FailedRuns,
        answer=ReplaysOut,
        status=202,
        refusals=(403, 404),
        resumes=True,
        costs=RouteClass.COSTLY,
    ),
)
