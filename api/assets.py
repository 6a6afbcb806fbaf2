"""Routes of assets: the files of a project, what was made of them, and where they are used.

Their bytes are media of the project (`media.py`); how they arrive is `uploads.py`.
"""

from datetime import datetime
from typing import Any

from pydantic import Field
from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.schemas import In, Out, Page, PageQuery
from services.assets.model import ASSETS_PAGE_MAX, NAME_CHARS_MAX, Kind, State
from storage.tables.assets import AssetRow
from sync import ids


class AssetsQuery(PageQuery):
    """Newest first."""

    kind: Kind | None = None
    limit: int = Field(ASSETS_PAGE_MAX, ge=1, le=ASSETS_PAGE_MAX)


class Rename(In):
    name: str = Field(min_length=1, max_length=NAME_CHARS_MAX)


class PartOut(Out):
    """`media`: the hash of what was made, of this project too."""

    media: str | None
    facts: dict[str, Any]


class AssetError(Out):
    code: str
    msg: str


class AssetOut(Out):
    """`media`: the file's own hash, null until it was read. `parts`: what was found out and made of it so far, by name:
    `probe`, `thumb`, `sprite`, `peaks`, `proxy`. `pct`: how much of that is done."""

    id: str
    name: str
    kind: Kind
    content_type: str
    bytes: int
    state: State
    stage: str
    pct: int
    error: AssetError | None
    media: str | None
    parts: dict[str, PartOut]
    by: str
    created_at: datetime
    updated_at: datetime


class AssetsOut(Page):
    assets: list[AssetOut]


class UseOut(Out):
    """An entity of a document: `root` is one of its maps, as `clips`."""

    document: str
    document_kind: str
    root: str
    entity: str


class UsesOut(Out):
    uses: list[UseOut]


async def listed(call: Call) -> Response:
    query = call.query(AssetsQuery)
    position = call.position(query.cursor)
    before = None if position is None else ids.from_text("ast", position)
    found = await call.state.assets.of_project(call.actor, call.id("prj", "project"), before, query.kind, query.limit)
    following = ids.to_text("ast", found[-1].id) if len(found) == query.limit else None
    return call.page(AssetsOut(assets=[_asset(row) for row in found], next=call.cursor(following)))


async def get(call: Call) -> Response:
    return reply(_asset(await call.state.assets.get(call.actor, call.id("ast", "asset"))))


async def rename(call: Call) -> Response:
    body = await call.body(Rename)
    return reply(_asset(await call.state.assets.rename(call.actor, call.id("ast", "asset"), body.name)))


async def delete(call: Call) -> Response:
    await call.state.assets.delete(call.actor, call.id("ast", "asset"))
    return Response(None, 204)


async def uses(call: Call) -> Response:
    found = await call.state.assets.uses(call.actor, call.id("ast", "asset"))
    named = [
        UseOut(document=ids.encode(use.document_id), document_kind=use.document_kind, root=use.root, entity=use.entity)
        for use in found
    ]
    return reply(UsesOut(uses=named))


def _asset(row: AssetRow) -> AssetOut:
    return AssetOut(
        id=ids.to_text("ast", row.id),
        name=row.name,
        kind=Kind(row.kind),
        content_type=row.content_type,
        bytes=row.bytes,
        state=State(row.state),
        stage=row.stage,
        pct=row.pct,
        error=None if row.error is None else AssetError(**row.error),
        media=row.hash,
        parts={name: PartOut(media=part.made, facts=dict(part.facts)) for name, part in row.parts.items()},
        by=ids.to_text("usr", row.created_by),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


_ONE = "/v1/assets/{asset}"

OPERATIONS = (
    Operation(
        "GET",
        "/v1/projects/{project}/assets",
        listed,
        "assets",
        "The files of a project, newest first",
        query=AssetsQuery,
        answer=AssetsOut,
        refusals=(404,),
    ),
    Operation("GET", _ONE, get, "assets", "One file", answer=AssetOut, refusals=(404,)),
    Operation(
        "PATCH", _ONE, rename, "assets", "Another name for it", body=Rename, answer=AssetOut, refusals=(403, 404)
    ),
    Operation(
        "DELETE",
        _ONE,
        delete,
        "assets",
        "Out of the bin; where it is used it stays",
        status=204,
        refusals=(403, 404),
    ),
    Operation("GET", _ONE + "/uses", uses, "assets", "Where it is used", answer=UsesOut, refusals=(404,)),
)
