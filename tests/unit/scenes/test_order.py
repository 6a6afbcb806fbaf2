"""Order keys: always between, never stuck."""

import random
from itertools import pairwise

import pytest

from sync.order_keys import DIGITS, between


def test_there_is_always_room_on_both_sides() -> None:
    first = between("", "")
    assert "" < between("", first) < first < between(first, "")


@pytest.mark.parametrize("seed", range(20))
def test_a_thousand_insertions_stay_ordered_and_distinct(seed: int) -> None:
    rng = random.Random(seed)
    keys: list[str] = []
    for _ in range(1_000):
        place = rng.randint(0, len(keys))
        low = keys[place - 1] if place else ""
        high = keys[place] if place < len(keys) else ""
        key = between(low, high)
        assert low < key and (not high or key < high)
        assert key[-1] != DIGITS[0]
        keys.insert(place, key)
    assert keys == sorted(set(keys))


def test_always_inserting_at_one_place_grows_slowly() -> None:
    low, high = "", ""
    for _ in range(300):
        high = between(low, high)
    assert len(high) < 70
    low, high = between("", ""), ""
    for _ in range(300):
        low = between(low, high)
    assert len(low) < 70


def test_a_hundred_thousand_behind_each_other_have_short_keys() -> None:
    keys = [between("", "")]
    for _ in range(100_000):
        keys.append(between(keys[-1], ""))
    assert all(low < high for low, high in pairwise(keys))
    assert max(map(len, keys)) == 5


@pytest.mark.parametrize(("low", "high"), [("b", "a"), ("a", "a"), ("a!", "b"), ("a", "a0"), ("é", ""), ("0", "00")])
def test_keys_from_elsewhere_do_not_stop_us(low: str, high: str) -> None:
    key = between(low, high)
    assert key and key[-1] != DIGITS[0] and all(char in DIGITS for char in key)
