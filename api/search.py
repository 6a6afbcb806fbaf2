"""The route that finds scenes, shots and markers of a project by their words.

Shapes and the route; what is found is decided in `services/search`.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints
from starlette.responses import Response

from api.call import Call
from api.operation import Operation
from api.schemas import Out, Page, PageQuery
from services.search.model import ASKED_CHARS_MAX, HITS_MAX, Hit, TextKind, parse_place, place_text
from services.search.words import Piece
from sync import ids

HITS_DEFAULT = 20

Asked = Annotated[str, StringConstraints(min_length=1, max_length=ASKED_CHARS_MAX, pattern=r"^[^\x00]*$")]


class SearchQuery(PageQuery):
    """`q`: words that all occur, each from its beginning; "words in a row"; -without; this or that.

    `kind`: only these words.
    """

    q: Asked
    kind: TextKind | None = None
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


class SearchOut(Page):
    """Best first."""

    hits: list[HitOut]


async def find(call: Call) -> Response:
    asked = call.query(SearchQuery)
    kinds = list(TextKind) if asked.kind is None else [asked.kind]
    position = call.position(asked.cursor)
    after = None if position is None else parse_place(position)
    page = await call.state.search.find(call.actor, call.id("prj", "project"), asked.q, kinds, asked.limit, after)
    following = None if page.next is None else place_text(page.next)
    return call.page(SearchOut(hits=[_hit(hit) for hit in page.hits], next=call.cursor(following)))


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
