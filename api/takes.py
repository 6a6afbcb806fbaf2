"""Routes of takes: the immutable results of generations.

Their bytes are media.
"""

from starlette.responses import Response

from api.call import Call, reply
from api.errors import TakeMissing
from api.operation import Operation
from api.take_schemas import TakeOut, TakesOut, TakesQuery
from services.users.access import access_document, access_project
from services.users.errors import NoSuchDocument
from services.users.model import Need
from storage.tables import takes
from storage.tables.takes import TakeRow
from sync import ids


async def listed(call: Call) -> Response:
    project_id, query = call.id("prj", "project"), call.query(TakesQuery)
    pool = call.state.stores.pool
    seen = (await access_project(pool, call.actor, project_id, Need.VIEW)).standing.episodes
    position = call.position(query.cursor)
    before = None if position is None else ids.from_text("tak", position)
    found = await takes.takes_of_project(pool, project_id, before, query.limit, seen)
    following = ids.to_text("tak", found[-1].id) if len(found) == query.limit else None
    return call.page(TakesOut(takes=[_take(row) for row in found], next=call.cursor(following)))


async def of_scene(call: Call) -> Response:
    project_id, scene_id, query = call.id("prj", "project"), call.text("scene"), call.query(TakesQuery)
    document_id = await call.state.scenes.storyboard_of(call.actor, project_id, scene_id, Need.VIEW)
    position = call.position(query.cursor)
    below = None if position is None else int(position)
    found = await takes.takes_of_scene(call.state.stores.pool, document_id, scene_id, below, query.limit)
    following = str(found[-1].number) if len(found) == query.limit else None
    return call.page(TakesOut(takes=[_take(row) for row in found], next=call.cursor(following)))


async def get(call: Call) -> Response:
    pool = call.state.stores.pool
    row = await takes.take_of_id(pool, call.id("tak", "take"))
    if row is None:
        raise TakeMissing(TakeMissing.__doc__)
    try:
        await access_document(pool, call.actor, row.document_id)
    except NoSuchDocument as error:
        raise TakeMissing(TakeMissing.__doc__) from error
    return reply(_take(row))


def _take(row: TakeRow) -> TakeOut:
    return TakeOut(
        id=ids.to_text("tak", row.id),
        scene=row.scene_id,
        run=None if row.run_id is None else ids.to_text("run", row.run_id),
        number=row.number,
        media=row.media,
        thumb=row.thumb,
        frames=row.frames,
        width=row.width,
        height=row.height,
        rate=row.rate,
        provenance=row.provenance,
        cost_micro=row.cost_microcredits,
        created_at=row.created_at,
    )


OPERATIONS = (
    Operation(
        "GET",
        "/v1/projects/{project}/takes",
        listed,
        "takes",
        "The takes of a project, newest first",
        query=TakesQuery,
        answer=TakesOut,
        refusals=(404,),
    ),
    Operation(
        "GET",
        "/v1/projects/{project}/scenes/{scene}/takes",
        of_scene,
        "takes",
        "The takes of a scene, newest first",
        query=TakesQuery,
        answer=TakesOut,
        refusals=(404,),
    ),
    Operation("GET", "/v1/takes/{take}", get, "takes", "One take", answer=TakeOut, refusals=(404,)),
)
