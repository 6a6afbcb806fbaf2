"""Named queries are found by their names, and a mistake in a file is seen when it is loaded."""

import pytest

from storage.sql import parse


def test_a_name_starts_a_query_that_runs_to_the_next() -> None:
    queries = parse("-- about this file\n-- name: one\n-- why\nselect 1;\n\n-- name: two_b\nselect 2\n  from x;\n")
    assert dict(queries) == {"one": "-- why\nselect 1", "two_b": "select 2\n  from x"}


@pytest.mark.parametrize("text", ["-- name: a\nselect 1;\n-- name: a\nselect 2;", "-- name: a\n\n-- name: b\nselect 1"])
def test_a_name_twice_or_without_a_query_is_our_mistake(text: str) -> None:
    with pytest.raises(AssertionError):
        parse(text)
