"""Whatever a provider tells can be written down, and what could be is as it was told."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from services.generation.providers.facts import DEPTH_MAX, FACTS_BYTES_MAX, storable

ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(some.characters(), max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(some.dictionaries(some.text(some.characters(), max_size=8), ANYTHING, max_size=4))
def test_anything_becomes_json_that_a_database_takes(facts: dict[str, Any]) -> None:
    spelled = json.dumps(storable(facts), allow_nan=False, ensure_ascii=False)
    spelled.encode()
    assert "\\u0000" not in spelled.replace("\\\\", "")


def test_what_is_plain_stays_as_it_is() -> None:
    facts = {
        "seed": 7,
        "alignment": {"characters": ["R", "é", "🎬"], "starts": [0.0, 0.1, 0.25]},
        "none": None,
        "yes": True,
    }
    assert storable(facts) == facts


def test_what_is_bottomless_or_endless_is_left_out() -> None:
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    kept = json.dumps(storable({"deep": deep, "seed": 7}))
    assert kept.count("[") < DEPTH_MAX and '"seed": 7' in kept
    assert storable({"long": "x" * FACTS_BYTES_MAX}) == {}
