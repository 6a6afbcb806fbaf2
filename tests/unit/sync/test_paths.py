"""Who wins a key that several people set at once: as yrs decides, within a bound of work."""

from itertools import permutations
from random import Random
from typing import Any

import pytest
from pycrdt import Doc, Map

from sync.errors import MalformedUpdate
from sync.index import IndexLimits, StructIndex
from sync.update import parse
from tests.fuzz import wire
from tests.fuzz.documents import deletes_of


def winners(updates: list[bytes]) -> tuple[dict[int, list[tuple[int, int]]], dict[int, list[tuple[int, int]]]]:
    """(deleted by the index, deleted by yrs)."""
    index, doc = StructIndex(), Doc[Any](client_id=1)
    doc.get("ext", type=Map)
    for update in updates:
        index.load(parse(update))
        doc.apply_update(update)
        assert index.deleted() == deletes_of(doc.get_update())
    return index.deleted(), deletes_of(doc.get_update())


def test_three_first_values_in_every_order_of_arrival() -> None:
    first = [wire.update({(client, 0): [wire.set_key("ext", "k", client)]}) for client in (5, 6, 7)]
    for order in permutations(first):
        assert winners(list(order))[0] == {5: [(0, 1)], 6: [(0, 1)]}


def test_offline_overwrites_of_one_key_in_every_order_of_arrival() -> None:
    start = wire.update({(5, 0): [wire.set_key("ext", "k", 0)]})
    six = wire.update({(6, 0): [wire.set_again((5, 0), 1), wire.set_again((6, 0), 2), wire.set_again((6, 1), 3)]})
    four = wire.update({(4, 0): [wire.set_again((5, 0), 4), wire.set_again((4, 0), 5)]})
    seven = wire.update({(7, 0): [wire.set_key("ext", "k", 6)]})
    for order in permutations([six, four, seven]):
        deleted, by_yrs = winners([start, *order])
        assert deleted == by_yrs


def test_a_value_after_one_in_the_middle_of_a_run() -> None:
    """The run of consecutive overwrites that shares one entry is cut where somebody else continued from it."""
    run = wire.update(
        {(6, 0): [wire.set_key("ext", "k", 0), *(wire.set_again((6, clock), clock) for clock in range(4))]}
    )
    middles = [
        wire.update({(client, 0): [wire.set_again((6, clock), 9)]}) for client, clock in ((7, 1), (5, 2), (8, 4))
    ]
    for order in permutations(middles):
        winners([run, *order])


@pytest.mark.parametrize("seed", range(40))
def test_random_histories_of_one_key(seed: int) -> None:
    rng = Random(seed)
    updates: list[bytes] = []
    made: list[tuple[int, int]] = []
    clocks: dict[int, int] = {}
    for _ in range(40):
        client = rng.randint(2, 6)
        clock = clocks.get(client, 0)
        left = rng.choice([None, *made, *made[-3:]])
        struct = wire.set_key("ext", "k", 1) if left is None else wire.set_again(left, 1)
        updates.append(wire.update({(client, clock): [struct]}))
        made.append((client, clock))
        clocks[client] = clock + 1
    winners(updates)


def test_conflicts_cost_bounded_work() -> None:
    """10,000 values with one origin would be 50 million steps."""
    many = {(client, 0): [wire.set_key("ext", "k", 1)] for client in range(2, 10_002)}
    index = StructIndex()
    with pytest.raises(MalformedUpdate, match="concurrent"):
        index.check(parse(wire.update(many)))


def test_conflicts_of_one_update_are_limited() -> None:
    rivals = parse(wire.update({(client, 0): [wire.set_key("ext", "k", 1)] for client in range(9, 1, -1)}))
    StructIndex(IndexLimits(conflict_steps_max=28)).check(rivals)  # 0 + 1 + ... + 7
    ascending = parse(wire.update({(client, 0): [wire.set_key("ext", "k", 1)] for client in range(2, 10)}))
    assert StructIndex(IndexLimits(conflict_steps_max=28)).check(ascending).adds
    with pytest.raises(MalformedUpdate, match="concurrent"):
        StructIndex(IndexLimits(conflict_steps_max=27)).check(ascending)


def test_conflicts_of_one_document_are_limited_but_short_ones_go_on() -> None:
    index = StructIndex(IndexLimits(conflict_steps_free=2, conflict_steps_total_max=10))
    with pytest.raises(MalformedUpdate, match="concurrent"):
        for client in range(2, 12):
            index.admit(index.check(parse(wire.update({(client, 0): [wire.set_key("ext", "k", 1)]}))))
    index.admit(index.check(parse(wire.update({(50, 0): [wire.set_key("ext", "other", 1)]}))))
    index.admit(index.check(parse(wire.update({(51, 0): [wire.set_key("ext", "other", 2)]}))))
    assert index.known(51) == 1


def test_a_document_opens_whatever_its_conflicts_cost() -> None:
    rivals = wire.update({(client, 0): [wire.set_key("ext", "k", 1)] for client in range(2, 10)})
    index = StructIndex(IndexLimits(conflict_steps_max=1, conflict_steps_total_max=1))
    index.load(parse(rivals))
    assert len(index.state_vector()) == 8


def test_long_offline_work_on_one_key_is_within_the_bound() -> None:
    count = 2_000
    mine = [wire.set_again((5, 0), 0), *(wire.set_again((6, clock), 1) for clock in range(count))]
    theirs = [wire.set_again((5, 0), 0), *(wire.set_again((7, clock), 1) for clock in range(count))]
    index = StructIndex()
    index.load(parse(wire.update({(5, 0): [wire.set_key("ext", "k", 0)]})))
    index.load(parse(wire.update({(7, 0): theirs})))
    index.load(parse(wire.update({(6, 0): mine})))
    assert index.deleted() == {5: [(0, 1)], 6: [(0, count + 1)], 7: [(0, count)]}
