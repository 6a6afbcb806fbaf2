"""The route that finds scenes, shots and markers of a project by their words.

Shapes and the route; what is found is decided in `services/search`.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints
from starlette.responses import Response

from api.call import Call, reply
from api.operation import Operation
from api.schemas import In, Out
from services.search.model import ASKED_CHARS_MAX, HITS_MAX, Hit, Piece, TextKind, parse_place, place_text
from sync import ids

HITS_DEFAULT = 20

Asked = Annotated[str, StringConstraints(min_length=1, max_length=ASKED_CHARS_MAX, pattern=r"^[^\x00]*$")]
PlaceText = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,7}\.(scene|shot|marker)\.[0-7][0-9a-hjkmnp-tv-z]{25}\.[A-Za-z0-9_.-]{1,64}$"),
]


class SearchQuery(In):
    """`q`: words that all occur, each from its beginning; "words in a row"; -without; this or that.

    `kind`: only these words. `after`: the `next` of the page before.
    """

    q: Asked
    kind: TextKind | None = None
    after: PlaceText | None = None
    limit: int = Field(HITS_DEFAULT, ge=1, le=HITS_MAX)


class PieceOut(Out):
    """Text as its author wrote it: put it on a page as text, never as HTML. `match`: it was asked for."""

    text: str
    match: bool


class HitOut(Out):
    """`seq`: the document's sequence that last changed it. `scene`: of a scene and a shot. `frame`: of a marker."""

    kind: TextKind
    id: str
    document: str
    episode: str
    seq: int
    scene: str | None
    frame: int | None
    title: list[PieceOut]
    snippet: list[PieceOut]


class SearchOut(Out):
    """Best first. `next`: pass it as `after` for more; null at the end."""

    hits: list[HitOut]
    next: str | None


async def find(call: Call) -> Response:
    asked = call.query(SearchQuery)
    kinds = list(TextKind) if asked.kind is None else [asked.kind]
    after = None if asked.after is None else parse_place(asked.after)
    page = await call.state.search.find(call.actor, call.id("prj", "project"), asked.q, kinds, asked.limit, after)
    following = None if page.next is None else place_text(page.next)
    return reply(SearchOut(hits=[_hit(hit) for hit in page.hits], next=following))


def _hit(hit: Hit) -> HitOut:
    return HitOut(
        kind=TextKind(hit.place.kind),
        id=hit.place.id,
        document=ids.encode(hit.place.document_id),
        episode=ids.to_text("epi", hit.episode_id),
        seq=hit.seq,
        scene=hit.scene_id,
        frame=hit.frame,
        title=_pieces(hit.title),
        snippet=_pieces(hit.snippet),
    )


def _pieces(found: Sequence[Piece]) -> list[PieceOut]:
    return [PieceOut(text=piece.text, match=piece.is_match) for piece in found]


OPERATIONS = (
    Operation(
        "GET",
        "/v1/projects/{project}/search",
        find,
        "search",
        "Scenes, shots and markers by their words",
        query=SearchQuery,
        answer=SearchOut,
        refusals=(404,),
    ),
)
