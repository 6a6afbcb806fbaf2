"""Cursors: read back only by the list that gave them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cursors import CURSOR_CHARS_MAX, opened, sealed
from api.gateway_errors import CursorInvalid

SECRET = b"s" * 32
HERE = "/v1/projects"


@given(st.text(max_size=100))
def test_a_position_comes_back(position: str) -> None:
    cursor = sealed(SECRET, HERE, position)
    assert opened(SECRET, HERE, cursor) == position
    assert cursor.isascii() and len(cursor) < CURSOR_CHARS_MAX * 2


def test_another_list_another_secret_and_other_text_are_refused() -> None:
    cursor = sealed(SECRET, HERE, "prj_1")
    changed = ("B" if cursor[-4] != "B" else "C").join((cursor[:-4], cursor[-3:]))
    for secret, place, text in (
        (SECRET, "/v1/takes", cursor),
        (b"t" * 32, HERE, cursor),
        (SECRET, HERE, changed),
        (SECRET, HERE, cursor[:-4]),
        (SECRET, HERE, "prj_1"),
        (SECRET, HERE, "é"),
        (SECRET, HERE, "A"),
    ):
        with pytest.raises(CursorInvalid):
            opened(secret, place, text)
