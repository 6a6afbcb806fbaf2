"""The route that tells what was made in a run and how it was measured.

What is measured is in `services.generation.quality`.
"""

from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.run_output_schemas import MeasureOut, RunOutputOut, RunOutputsOut
from api.runs import found
from services.users.model import Need
from storage.tables import outputs
from storage.tables.outputs import OutputRow


async def sent(call: Call) -> Response:
    """What was turned away is shown to those who may have it made again."""
    run, access = await found(call, Need.VIEW)
    rows = await outputs.outputs_of_run(call.state.stores.pool, run.id)
    may_edit = access.standing.may(Need.EDIT)
    return reply(RunOutputsOut(outputs=[_output(row) for row in rows if row.output.accepted or may_edit]))


def _output(row: OutputRow) -> RunOutputOut:
    output = row.output
    return RunOutputOut(
        step=output.step,
        media=output.media,
        accepted=output.accepted,
        verdict=output.verdict,
        score=output.score,
        limits_version=output.report["limits_version"],
        measures=[MeasureOut(**measure) for measure in output.report["measures"]],
        made_at=row.made_at,
    )


OPERATIONS = (
    Operation(
        "GET",
        "/v1/runs/{run}/outputs",
        sent,
        "runs",
        "What was made in a run, and how it was measured",
        answer=RunOutputsOut,
        refusals=(404,),
    ),
)
