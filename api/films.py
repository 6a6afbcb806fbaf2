"""Routes of what documents show as rows: shots of a scene; tracks, clips, markers and named cuts of a timeline.

The rows are a moment behind the editors, and say how far they are: `epoch` and `seq`, which are the ETag.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from starlette.responses import Response

from api.call import Call, reply
from api.film_schemas import (
    ClipsOut,
    ClipsQuery,
    CutsOut,
    MarkersOut,
    PageOfRows,
    RowsQuery,
    ShotsOut,
    TracksOut,
)
from api.operation import Operation
from storage.tables.shown import AnyRow, Place, Shown, Window
from sync import ids


async def shots(call: Call) -> Response:
    document_id, found = await call.state.scenes.shots(call.actor, call.id("prj", "project"), call.text("scene"))
    return _tagged(found, reply(ShotsOut.model_validate(_values(document_id, found))))


async def tracks(call: Call) -> Response:
    document_id = call.document_id()
    found = await call.state.films.tracks(call.actor, document_id)
    return _tagged(found, reply(TracksOut.model_validate(_values(document_id, found))))


async def clips(call: Call) -> Response:
    asked, document_id = call.query(ClipsQuery), call.document_id()
    window = Window(asked.track, asked.start, asked.to)
    found = await call.state.films.clips(call.actor, document_id, window, asked.limit + 1, _after(call, asked))
    return _page(call, ClipsOut, document_id, found, asked, lambda row: row.start_frame)


async def markers(call: Call) -> Response:
    asked, document_id = call.query(RowsQuery), call.document_id()
    found = await call.state.films.markers(call.actor, document_id, asked.limit + 1, _after(call, asked))
    return _page(call, MarkersOut, document_id, found, asked, lambda row: row.frame)


async def cuts(call: Call) -> Response:
    asked, document_id = call.query(RowsQuery), call.document_id()
    found = await call.state.films.cuts(call.actor, document_id, asked.limit + 1, _after(call, asked))
    return _page(call, CutsOut, document_id, found, asked, lambda row: row.named_at_ms or 0)


def _page(
    call: Call,
    answer: type[PageOfRows],
    document_id: UUID,
    found: Shown[AnyRow],
    asked: RowsQuery,
    number: Callable[[AnyRow], int],
) -> Response:
    """`found` has a row more than was asked for, if there is one."""
    values = _values(document_id, found)
    values["rows"] = values["rows"][: asked.limit]
    values["next"] = None
    if len(found.rows) > asked.limit:
        _, last = found.rows[asked.limit - 1]
        values["next"] = call.cursor(f"{number(last)}.{last.id}")
    return _tagged(found, call.page(answer.model_validate(values)))


def _after(call: Call, asked: RowsQuery) -> Place | None:
    position = call.position(asked.cursor)
    if position is None:
        return None
    number, _, entity_id = position.partition(".")
    return Place(int(number), entity_id)


def _values(document_id: UUID, found: Shown[AnyRow]) -> dict[str, Any]:
    return {
        "document": ids.encode(document_id),
        "epoch": found.epoch,
        "seq": found.seq,
        "rows": [{**row._asdict(), "seq": seq} for seq, row in found.rows],
    }


def _tagged(found: Shown[AnyRow], answer: Response) -> Response:
    """What the rows show says more than a digest of them: it is the same on every page."""
    answer.headers["ETag"] = f'"{found.epoch}.{found.seq}"'
    return answer


_SHOTS = "/v1/projects/{project}/scenes/{scene}/shots"
_DOCUMENT = "/v1/documents/{document}"
_OF_TIMELINE = (404, 409)

OPERATIONS = (
    Operation("GET", _SHOTS, shots, "rows", "The shots of a scene", answer=ShotsOut, refusals=(404,)),
    Operation(
        "GET",
        _DOCUMENT + "/tracks",
        tracks,
        "rows",
        "The tracks of a timeline",
        answer=TracksOut,
        refusals=_OF_TIMELINE,
    ),
    Operation(
        "GET",
        _DOCUMENT + "/clips",
        clips,
        "rows",
        "The clips of a timeline",
        query=ClipsQuery,
        answer=ClipsOut,
        refusals=_OF_TIMELINE,
    ),
    Operation(
        "GET",
        _DOCUMENT + "/markers",
        markers,
        "rows",
        "The markers of a timeline",
        query=RowsQuery,
        answer=MarkersOut,
        refusals=_OF_TIMELINE,
    ),
    Operation(
        "GET",
        _DOCUMENT + "/cuts",
        cuts,
        "rows",
        "The named cuts of a timeline",
        query=RowsQuery,
        answer=CutsOut,
        refusals=_OF_TIMELINE,
    ),
)
