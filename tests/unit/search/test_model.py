"""Places of hits as text."""

from uuid import UUID

import pytest

from services.search.model import parse_place, place_text
from storage.tables.texts import Place
from sync.errors import MalformedId


def test_a_place_is_written_and_read() -> None:
    place = Place(607_927, "scene", UUID(int=5), "an.id.with.dots")
    assert parse_place(place_text(place)) == place


@pytest.mark.parametrize("text", ["", "1.scene", "x.scene.00000000000000000000000005.a", "1.film.0.a", "1.shot.?.a"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises((MalformedId, ValueError)):
        parse_place(text)
