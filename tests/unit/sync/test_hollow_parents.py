"""A value that was deleted is no parent; what arrived deleted may have been a type, so it may be one.

Found by the live fuzzer: replicas that still had the value's content failed on the whole log.
"""

import pytest

from sync.errors import MalformedUpdate
from sync.update import parse
from tests.fuzz import wire
from tests.fuzz.rooms import room


def child(parent: tuple[int, int]) -> bytes:
    return wire.update({(6, 0): [wire.text("x", parent=parent)]})


def test_a_deleted_value_is_no_parent() -> None:
    index = room(wire.update({(5, 0): [wire.set_key("ext", "a", 1)]}), wire.update({}, {5: [(0, 1)]}))
    with pytest.raises(MalformedUpdate):
        index.check(parse(child((5, 0))))


def test_what_arrived_deleted_may_have_been_a_type() -> None:
    index = room(wire.update({(5, 0): [wire.deleted(1, parent="ext", sub="a")]}))
    judgement = index.check(parse(child((5, 0))))
    assert judgement.missing is None and judgement.adds


def test_collected_garbage_may_have_been_a_type() -> None:
    index = room(wire.update({(5, 0): [wire.garbage(1)]}))
    assert index.check(parse(child((5, 0)))).missing is None
