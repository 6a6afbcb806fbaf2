"""What a search answers: hits in order, and a place to go on from."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.search.words import Piece
from storage.tables.texts import Place
from sync import ids

ASKED_CHARS_MAX = 200
HITS_MAX = 50
"""Of one page."""


class TextKind(StrEnum):
    """Whose words they are. A scene's are its number, title, heading, prompt and dialogue."""

    SCENE = "scene"
    SHOT = "shot"
    MARKER = "marker"


@dataclass(frozen=True, slots=True)
class Hit:
    """`seq`: at which the words were last changed. `scene_id`: of a scene and a shot. `frame`: of a marker."""

    place: Place
    episode_id: UUID
    seq: int
    scene_id: str | None
    frame: int | None
    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """`next`: where to go on; None at the end."""

    hits: list[Hit]
    next: Place | None


def place_text(place: Place) -> str:
    """`607927.scene.{document}.{id}`."""
    return f"{place.rank}.{place.kind}.{ids.encode(place.document_id)}.{place.id}"


def parse_place(text: str) -> Place:
    """Raises `MalformedId` or ValueError: not a place that `place_text` has written."""
    rank, kind, document, entity_id = text.split(".", 3)
    return Place(int(rank), TextKind(kind).value, ids.decode(document), entity_id)
