"""Byte ranges as players ask for them."""

import pytest

from api.byte_range import Span, span_of
from api.errors import RangeUnsatisfiable


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=0-99", Span(0, 100)),
        ("bytes=10-", Span(10, 100)),
        ("bytes=-10", Span(90, 100)),
        ("bytes=-1000", Span(0, 100)),
        ("bytes=50-1000", Span(50, 100)),
        (" bytes=99-99 ", Span(99, 100)),
    ],
)
def test_a_range_inside(header: str, span: Span) -> None:
    assert span_of(header, 100) == span


@pytest.mark.parametrize(
    "header",
    ["", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "bytes=a-b", "lines=0-1", "bytes=٣-٤", "bytes=" + "9" * 20 + "-"],
)
def test_what_is_no_single_range_is_ignored(header: str) -> None:
    assert span_of(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_outside_says_how_much_there_is(header: str) -> None:
    with pytest.raises(RangeUnsatisfiable) as caught:
        span_of(header, 100)
    assert caught.value.headers == {"Content-Range": "bytes */100"}
    assert caught.value.limit == 100


def test_nothing_has_no_range() -> None:
    with pytest.raises(RangeUnsatisfiable):
        span_of("bytes=0-", 0)
