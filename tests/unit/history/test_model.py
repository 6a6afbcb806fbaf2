"""Points, readable differences and their limits."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.history.content import Content, SharedMap, SharedText
from services.history.errors import DiffTooBig, LabelUnfit, NoSuchPoint
from services.history.model import (
    SAME_CHARS_MAX,
    WORDS_MAX,
    Moment,
    Named,
    Newest,
    Sequence,
    Words,
    checked_label,
    difference,
    parse_point,
    word_difference,
)
from services.history.restore import edges
from sync import ids

TEXTS = st.text(alphabet="ab é\U0001f682.", max_size=40)


def scenes(**entities: object) -> Content:
    return {"scenes": SharedMap(entities)}


def test_points() -> None:
    version = uuid4()
    assert parse_point(None) == Newest() and parse_point("12") == Sequence(12)
    assert parse_point(ids.to_text("ver", version)) == Named(version)
    assert parse_point("2026-01-31T12:00:00Z") == Moment(datetime(2026, 1, 31, 12, tzinfo=UTC))


@pytest.mark.parametrize("text", ["", "-1", "1.5", "ver_x", "now", "2026-01-31T12:00:00", "١٢", "9" * 30])
def test_what_is_no_point(text: str) -> None:
    with pytest.raises(NoSuchPoint):
        parse_point(text)


def test_labels_have_characters_and_an_end() -> None:
    assert checked_label(" Cut ") == "Cut" and checked_label("x" * 120)
    for label in ("", "  ", "x" * 121):
        with pytest.raises(LabelUnfit):
            checked_label(label)


def test_words_and_not_letters() -> None:
    assert word_difference("The train leaves.", "The trail leaves.") == (
        Words("same", "The "),
        Words("removed", "train"),
        Words("added", "trail"),
        Words("same", " leaves."),
    )


def test_what_stays_is_shortened() -> None:
    long = "word " * 100
    first, added = word_difference(long, long + "end")
    assert added == Words("added", "end") and len(first.text) == 2 * SAME_CHARS_MAX + 3


def test_a_long_passage_is_shown_whole() -> None:
    before, after = "a b " * WORDS_MAX, "c d " * WORDS_MAX
    assert [piece.op for piece in word_difference(before, after)] == ["removed", "added", "same"]


@given(TEXTS, TEXTS)
def test_nothing_is_lost_between_the_pieces(before: str, after: str) -> None:
    pieces = word_difference(before, after)
    assert "".join(piece.text for piece in pieces if piece.op != "added") == before
    assert "".join(piece.text for piece in pieces if piece.op != "removed") == after


@given(TEXTS, TEXTS)
def test_edges_never_overlap(one: str, other: str) -> None:
    head, tail = edges(one, other)
    assert head + tail <= min(len(one), len(other))
    assert one[:head] == other[:head] and one[len(one) - tail :] == other[len(other) - tail :]


def test_what_is_marked_is_gone() -> None:
    alive, gone = SharedMap(title="A"), SharedMap({"title": "A", "del": {"by": "x"}})
    assert [each.change for each in difference(scenes(a=alive), scenes(a=gone))] == ["removed"]
    assert [each.change for each in difference(scenes(a=gone), scenes(a=alive))] == ["added"]
    assert [each.change for each in difference(scenes(), scenes(a=gone))] == ["changed"]


def test_true_is_not_one_and_a_text_is_not_a_string() -> None:
    assert len(difference(scenes(a=True), scenes(a=1))) == 1
    assert len(difference(scenes(a=SharedMap(k="x")), scenes(a=SharedMap(k=SharedText("x"))))) == 1
    assert difference(scenes(a=[1, {"b": 2.5}]), scenes(a=[1, {"b": 2.5}])) == []


def test_a_difference_has_so_many_bytes_and_no_more() -> None:
    after = scenes(**{f"e{number}": SharedMap(title="x" * 100) for number in range(20)})
    assert len(difference(scenes(), after)) == 20
    with pytest.raises(DiffTooBig) as raised:
        difference(scenes(), after, bytes_max=1_000)
    assert raised.value.limit == 1_000
