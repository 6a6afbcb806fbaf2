"""Order keys of many at once: room for everybody, however somebody has written them."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest

from sync.order_keys import CHARS_KEPT_MAX, CHARS_MAX, DIGITS, has_room, inserted, jittered, rekeyed, spread


def some_key(rng: Random) -> str:
    size = rng.choice((1, 1, 2, 3, 50, CHARS_MAX))
    return rng.choice(("V", "z" * size, "0" * size + "1", "V" + "0" * (size - 1), "".join(rng.choices(DIGITS, k=size))))


def ascend(keys: Sequence[str]) -> bool:
    return all(has_room(low, high) for low, high in pairwise(keys))


@pytest.mark.parametrize(
    ("low", "high"), [("", ""), ("V", ""), ("z", ""), ("", "1"), ("V", "V1"), ("V", "VV"), ("Vz", "W")]
)
def test_many_keys_between_two_are_short_and_in_order(low: str, high: str) -> None:
    for count in (0, 1, 2, 61, 4_000):
        keys = spread(low, high, count)
        assert len(keys) == count and ascend([low, *keys, *([high] if high else [])])
        assert max(map(len, keys), default=0) <= len(low + high) + 3


@pytest.mark.parametrize("seed", range(200))
def test_whatever_the_keys_there_is_room_between_any_two_and_short_ones_stay(seed: int) -> None:
    rng = Random(seed)
    keys = sorted(some_key(rng) for _ in range(rng.randint(0, 40)))
    made = rekeyed(keys)
    assert len(made) == len(keys) and ascend(made)
    assert max(map(len, made), default=0) <= CHARS_KEPT_MAX
    assert rekeyed(made) == made
    if ascend(keys) and max(map(len, keys), default=0) <= CHARS_KEPT_MAX:
        assert made == keys


def test_four_thousand_at_one_place_get_short_keys() -> None:
    """Halving the room again and again would make them longer than a key may be."""
    keys = rekeyed(["V"] * 4_000 + ["V01"])
    assert ascend(keys) and max(map(len, keys)) < 10


def test_one_long_key_costs_its_own_register() -> None:
    others = ["B", "D", "F"]
    assert rekeyed([*others, "z" * CHARS_MAX]) == [*others, "G"]


@pytest.mark.parametrize("seed", range(200))
def test_something_is_put_anywhere_and_the_others_keep_their_order(seed: int) -> None:
    rng = Random(seed)
    keys = sorted(some_key(rng) for _ in range(rng.randint(0, 20)))
    index = rng.randint(0, len(keys))
    key, others = inserted(keys, index, rng.randbytes(2))
    made = [others.get(place, old) for place, old in enumerate(keys)]
    assert max(map(len, (key, *others.values()))) <= CHARS_MAX
    low, high = made[index - 1] if index else "", made[index] if index < len(made) else ""
    assert has_room(low, key) and (index == len(made) or has_room(key, high))
    assert sorted(range(len(made)), key=lambda place: (made[place], place)) == list(range(len(made)))


def test_where_there_is_room_nobody_else_is_written() -> None:
    assert inserted(["B", "D"], 1, b"ab") == (jittered("B", "D", b"ab"), {})
