"""JSON of strangers: bounded, finite, standard."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import strict_json
from sync.errors import MalformedFrame

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_json_comes_back(value: Any) -> None:
    text = json.dumps(value)
    assert strict_json.parse(text) == value
    assert not strict_json.has_lone_surrogate(text, value)


@pytest.mark.parametrize(
    "text", ["", "{", "NaN", "-Infinity", "1e999", "[1,]", "'a'", "undefined", "9" * 5000, '"' + "\\" * 7, "{}{}"]
)
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(MalformedFrame):
        strict_json.parse(text)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_nests_32_deep_and_no_deeper(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    assert strict_json.parse(opening * 32 + "0" + closing * 32) is not None
    for depth in (33, 30_000):
        with pytest.raises(MalformedFrame):
            strict_json.parse(opening * depth + "0" + closing * depth)


def test_brackets_in_strings_and_side_by_side_are_not_deep() -> None:
    text = json.dumps(["[" * 100, '"[{\\', *[{"a": []}] * 100])
    assert strict_json.parse(text) == json.loads(text)


def test_an_unterminated_string_is_read_once() -> None:
    with pytest.raises(MalformedFrame):  # quadratic matching would take hours here
        strict_json.parse("[" * 33 + '"' + '\\"' * 500_000)


@pytest.mark.parametrize("text", ['"\\ud83d"', '{"k":["\\uDE00"]}', '{"\\ud83dx":1}'])
def test_half_a_character_is_seen(text: str) -> None:
    assert strict_json.has_lone_surrogate(text, strict_json.parse(text))


def test_a_whole_character_in_escapes_is_not_half_a_one() -> None:
    assert not strict_json.has_lone_surrogate('"\\ud83d\\ude00"', strict_json.parse('"\\ud83d\\ude00"'))
