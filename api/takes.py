"""Routes of takes: the immutable results of generations.

Their bytes are media.
"""

from collections.abc import Mapping, Sequence

from starlette.responses import Response

from api.call import Call, reply
from api.errors import MediaMissing, TakeMissing
from api.media import require_shown
from api.operation import Operation
from api.signed_url import signed_path
from api.take_schemas import TakeOut, TakePartOut, TakesOut, TakesQuery
from services.generation.finishing.parts import HLS_MEDIA, SPRITE
from services.users.access import access_document, access_project
from services.users.errors import NoSuchDocument
from services.users.model import Need, Standing
from storage.tables import outputs, takes
from storage.tables.outputs import PartRow
from storage.tables.takes import TakeRow
from sync import ids


async def listed(call: Call) -> Response:
    project_id, query = call.id("prj", "project"), call.query(TakesQuery)
    pool = call.state.stores.pool
    seen = (await access_project(pool, call.actor, project_id, Need.VIEW)).standing.episodes
    position = call.position(query.cursor)
    before = None if position is None else ids.from_text("tak", position)
    rows = await takes.takes_of_project(pool, project_id, before, query.limit, seen)
    following = ids.to_text("tak", rows[-1].id) if len(rows) == query.limit else None
    return call.page(TakesOut(takes=await _takes(call, rows), next=call.cursor(following)))


async def of_scene(call: Call) -> Response:
    project_id, scene_id, query = call.id("prj", "project"), call.text("scene"), call.query(TakesQuery)
    document_id = await call.state.scenes.storyboard_of(call.actor, project_id, scene_id, Need.VIEW)
    position = call.position(query.cursor)
    below = None if position is None else int(position)
    rows = await takes.takes_of_scene(call.state.stores.pool, document_id, scene_id, below, query.limit)
    following = str(rows[-1].number) if len(rows) == query.limit else None
    return call.page(TakesOut(takes=await _takes(call, rows), next=call.cursor(following)))


async def get(call: Call) -> Response:
    row, _ = await found(call)
    (take,) = await _takes(call, [row])
    return reply(take)


async def hls(call: Call) -> Response:
    """The playlist names the ranges of one file, by an address that is good for a while."""
    return await _with_addresses(call, "hls", {HLS_MEDIA: "hls_media"})


async def sprite(call: Call) -> Response:
    return await _with_addresses(call, "sprite_vtt", {SPRITE: "sprite"})


async def found(call: Call) -> tuple[TakeRow, Standing]:
    """Raises `TakeMissing`, for strangers too."""
    pool = call.state.stores.pool
    row = await takes.take_of_id(pool, call.id("tak", "take"))
    if row is None:
        raise TakeMissing(TakeMissing.__doc__)
    try:
        access = await access_document(pool, call.actor, row.document_id)
    except NoSuchDocument as error:
        raise TakeMissing(TakeMissing.__doc__) from error
    return row, access.standing


async def _with_addresses(call: Call, name: str, files: Mapping[str, str]) -> Response:
    """A text of a take's parts. `files`: what it calls others of them, and which those are. Raises `MediaMissing`."""
    (take, standing), state = await found(call), call.state
    await require_shown(call, take.project_id, standing, take.media)
    there = await outputs.parts_of_takes(state.stores.pool, [take.id])
    parts = {part.name: part for part in there.get(take.id, ())}
    if name not in parts:
        raise MediaMissing("This take was made without it.")
    text = (await state.stores.objects.get(parts[name].media)).decode()
    for file, other in files.items():
        path = signed_path(state.keys.media_secret, parts[other].media, state.now(), state.settings.media_url_ttl_s)
        text = text.replace(file, path)
    return Response(text, headers={"Cache-Control": "no-store"}, media_type=parts[name].content_type)


async def _takes(call: Call, rows: Sequence[TakeRow]) -> list[TakeOut]:
    parts = await outputs.parts_of_takes(call.state.stores.pool, [row.id for row in rows])
    return [_take(row, parts.get(row.id, ())) for row in rows]


def _take(row: TakeRow, parts: Sequence[PartRow]) -> TakeOut:
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
        parts={part.name: _part(part) for part in parts},
        created_at=row.created_at,
    )


def _part(row: PartRow) -> TakePartOut:
    return TakePartOut(media=row.media, content_type=row.content_type, bytes=row.bytes, facts=row.facts)


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
    Operation(
        "GET",
        "/v1/takes/{take}/hls",
        hls,
        "takes",
        "A playlist to play a take by (HLS)",
        content="application/vnd.apple.mpegurl",
        refusals=(404,),
    ),
    Operation(
        "GET",
        "/v1/takes/{take}/sprite",
        sprite,
        "takes",
        "Small pictures of a take by time (WebVTT)",
        content="text/vtt",
        refusals=(404,),
    ),
)
