"""Routes of a project's rules about models: which may be asked, which never, and where they may compute.

What they mean is decided in `services.generation.routing`.
"""

from collections.abc import Collection
from typing import Annotated

from pydantic import Field, StringConstraints
from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.run_schemas import MODELS_MAX, ModelName
from api.schemas import In, Out
from services.generation.routing import policies
from services.generation.routing.model import Policy

REGIONS_MAX = 20
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z0-9]{1,16}){0,3}$")]
Names = Annotated[tuple[ModelName, ...], Field(max_length=MODELS_MAX)]
Regions = Annotated[tuple[Region, ...], Field(max_length=REGIONS_MAX)]


class ModelPolicyIn(In):
    """`allow`, `deny`: `provider` or `provider/model`; `deny` is stronger. `regions`: as `eu`. Null: all of them."""

    allow: Names | None = None
    deny: Names = ()
    regions: Regions | None = None


class ModelPolicyOut(Out):
    """As set; all null and empty where nothing was."""

    allow: list[str] | None
    deny: list[str]
    regions: list[str] | None


async def policy(call: Call) -> Response:
    return _told(await policies.read(call.state.stores.pool, call.actor, call.id("prj", "project")))


async def set_policy(call: Call) -> Response:
    body, project_id = await call.body(ModelPolicyIn), call.id("prj", "project")
    wanted = Policy(_set(body.allow), frozenset(body.deny), _set(body.regions))
    return _told(await policies.put(call.state.stores.pool, call.actor, project_id, wanted))


def _set(names: Collection[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def _told(rules: Policy) -> Response:
    allow = None if rules.allow is None else sorted(rules.allow)
    regions = None if rules.regions is None else sorted(rules.regions)
    return reply(ModelPolicyOut(allow=allow, deny=sorted(rules.deny), regions=regions))


_PATH = "/v1/projects/{project}/model-policy"

OPERATIONS = (
    Operation("GET", _PATH, policy, "runs", "Which models a project allows", answer=ModelPolicyOut, refusals=(404,)),
    Operation(
        "PUT",
        _PATH,
        set_policy,
        "runs",
        "Say which models a project allows",
        body=ModelPolicyIn,
        answer=ModelPolicyOut,
        refusals=(403, 404, 409),
    ),
)
