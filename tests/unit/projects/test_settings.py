"""A project's settings and order keys: what may be, and that it comes back as it was stored."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.projects.errors import SettingUnfit
from services.projects.model import EPISODES_MAX, Place, key_at, spread
from services.projects.settings import ProjectSettings, Safety, checked, from_json, to_json

GOOD = ProjectSettings((24_000, 1001), 4096, 1716, (239, 100), "zh-Hant-TW", Safety.MATURE)


def test_settings_come_back() -> None:
    assert from_json(json.loads(json.dumps(to_json(checked(GOOD))))) == GOOD
    assert from_json({}) == ProjectSettings()
    assert (GOOD.format, ProjectSettings().format) == ("4096x1716@24000/1001", "1280x720@24")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rate", (24, 2)),
        ("rate", (23, 1)),
        ("width", 15),
        ("width", 16_386),
        ("height", 721),
        ("aspect", (5, 1)),
        ("aspect", (0, 1)),
        ("aspect", (10_001, 10_000)),
        ("language", "e"),
        ("language", "en_GB"),
        ("language", "en-" + "abcdefgh-" * 4),
    ],
)
def test_a_refusal_names_the_setting(field: str, value: Any) -> None:
    with pytest.raises(SettingUnfit) as refused:
        checked(replace(GOOD, **{field: value}))
    assert refused.value.field == field and refused.value.limit


def test_keys_go_where_they_are_asked_to() -> None:
    siblings = [(UUID(int=number), key) for number, key in enumerate(spread(3))]
    first, last, behind = (
        key_at(Place(first=True), siblings),
        key_at(Place(), siblings),
        key_at(Place(UUID(int=0)), siblings),
    )
    assert first is not None and last is not None and behind is not None
    assert [first, siblings[0][1], behind, siblings[1][1], siblings[2][1], last] == sorted(
        [first, last, behind, *(key for _, key in siblings)]
    )
    assert key_at(Place(UUID(int=9)), siblings) is None


def test_fresh_keys_rise() -> None:
    keys = spread(EPISODES_MAX)
    assert keys == sorted(set(keys)) and not any(key.endswith("0") for key in keys)
