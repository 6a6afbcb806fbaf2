"""One content has one text, and what did not change is not written again."""

from typing import Any

import pytest

from services.documents import canonical as module
from services.documents.canonical import CanonicalContent, canonical
from services.history.content import SharedArray, SharedMap, SharedText


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1.0, "a": [True, None, 2.5]}, '{"a":[true,null,2.5],"b":1}'),
        ([float("nan"), float("inf"), -0.0, 2.0**53, 1e300], "[null,null,0,9007199254740992.0,1e+300]"),
        (
            SharedMap({"t": SharedText("\u00e9\u2028\x00"), "l": SharedArray([3.0])}),
            '{"l":[3],"t":"\u00e9\u2028\\u0000"}',
        ),
        ({"x": b"\x00\xff"}, '{"x":"AP8="}'),
        (2**70, "1180591620717411303424"),
    ],
)
def test_values_have_one_form(value: Any, text: str) -> None:
    assert canonical(value) == text


def test_keys_and_roots_are_sorted() -> None:
    content: dict[str, dict[str, Any]] = {"shots": {"b": {"y": 1.0, "x": 2.0}, "a": {}}, "ext": {'"': 1}}
    assert CanonicalContent().write(content) == '{"ext":{"\\"":1},"shots":{"a":{},"b":{"x":2,"y":1}}}'


def test_only_what_is_another_object_is_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    content: dict[str, dict[str, Any]] = {"shots": {f"sht_{number}": {"n": number} for number in range(10)}, "ext": {}}
    kept = CanonicalContent()
    kept.write(content)
    written: list[Any] = []

    def noting(value: Any) -> str:
        written.append(value)
        return canonical(value)

    monkeypatch.setattr(module, "canonical", noting)
    content["shots"]["sht_5"] = {"n": 50}
    content["shots"]["sht_x"] = {"n": 60}
    del content["shots"]["sht_2"]
    text = kept.write(content)
    assert [value for value in written if isinstance(value, dict)] == [{"n": 50}, {"n": 60}]
    assert text == CanonicalContent().write(content)
