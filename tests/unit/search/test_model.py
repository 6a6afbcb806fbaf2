"""Marked text as pieces, and places as text."""

from uuid import UUID

import pytest

from services.search.model import Piece, parse_place, pieces, place_text
from storage.tables.texts import Place
from sync.errors import MalformedId


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("", ()),
        ("no match", (Piece("no match", False),)),
        ("\x02all\x03", (Piece("all", True),)),
        ("a \x02b\x03 c", (Piece("a ", False), Piece("b", True), Piece(" c", False))),
        ("\x02a\x03\x02b\x03", (Piece("a", True), Piece("b", True))),
        ("\x02<b>\x03 <i>", (Piece("<b>", True), Piece(" <i>", False))),
    ],
)
def test_marked_text_is_cut_into_pieces(marked: str, expected: tuple[Piece, ...]) -> None:
    assert pieces(marked) == expected


def test_a_place_is_written_and_read() -> None:
    place = Place(607_927, "scene", UUID(int=5), "an.id.with.dots")
    assert parse_place(place_text(place)) == place


@pytest.mark.parametrize("text", ["", "1.scene", "x.scene.00000000000000000000000005.a", "1.film.0.a", "1.shot.?.a"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises((MalformedId, ValueError)):
        parse_place(text)
