"""The route of shot plans: what would be made of a scene, and what would change, before anything costs."""

from starlette.responses import Response

from api.call import Call, reply
from api.continuity import conflict_out
from api.operation import Operation
from api.plan_schemas import PlanChange, PlanReason, PlanShotOut, PlanWarning, ShotPlanIn, ShotPlanOut
from services.generation.plans.difference import Change
from services.generation.plans.model import PlanShot
from services.generation.plans.service import Planned, Wanted
from sync import ids


async def plan(call: Call) -> Response:
    body = await call.body(ShotPlanIn)
    wanted = Wanted(body.brain, body.version, body.strength, body.format)
    return reply(_plan(await call.state.plans.plan(call.actor, call.id("prj", "project"), call.text("scene"), wanted)))


def _plan(found: Planned) -> ShotPlanOut:
    prepared, plan = found.prepared, found.plan
    beat = prepared.around.beat
    return ShotPlanOut(
        scene=plan.scene,
        document=ids.encode(found.document_id),
        epoch=prepared.sheet.epoch,
        seq=prepared.sheet.seq,
        model=plan.model,
        brain=prepared.brain.id,
        brain_version=prepared.brain.version,
        strength=prepared.strength,
        format=prepared.format.id,
        beat=None if beat is None else beat.id,
        prompt=plan.prompt,
        frames=plan.frames,
        shots=[_shot(shot) for shot in plan.shots],
        changes=[_change(change) for change in found.changes],
        warnings=[PlanWarning(code=each.code, shots=list(each.shots), text=each.text) for each in plan.warnings],
        conflicts=[conflict_out(conflict) for conflict in prepared.sheet.conflicts],
        gestures=list(found.gestures),
    )


def _shot(shot: PlanShot) -> PlanShotOut:
    return PlanShotOut(
        id=shot.id,
        setup=shot.setup,
        size=shot.size,
        angle=shot.angle,
        move=shot.move,
        lens_mm=shot.lens_mm,
        frames=shot.frames,
        direction=shot.direction,
        people=list(shot.people),
        lines=list(shot.lines),
        description=shot.description,
        reasons={name: PlanReason(origin=why.origin, text=why.text) for name, why in shot.reasons.items()},
    )


def _change(change: Change) -> PlanChange:
    return PlanChange(
        shot=change.shot,
        field=change.field,
        kind=change.kind,
        before=change.before,
        after=change.after,
        origin=change.reason.origin,
        reason=change.reason.text,
    )


OPERATIONS = (
    Operation(
        "POST",
        "/v1/projects/{project}/scenes/{scene}/plan",
        plan,
        "plans",
        "The shots that a scene would get, and what that changes; costs nothing, writes nothing",
        body=ShotPlanIn,
        answer=ShotPlanOut,
        refusals=(404,),
        resumes=True,
    ),
)
