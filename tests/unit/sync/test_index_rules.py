"""The rules of consistency.md that the index keeps: nothing dangling, nothing forged, no half characters (C1 to C4)."""

import pytest

from sync.errors import DanglingUpdate, MalformedUpdate, SplitSurrogate
from sync.index import IndexLimits, Missing, StructIndex
from sync.update import ANY, TYPE_ARRAY, TYPE_MAP, TYPE_TEXT, parse
from tests.fuzz import wire
from tests.fuzz.rooms import places, room, scene

SERVER = 1

# C1 ---------------------------------------------------------------------------------------------------


def test_c1_an_unknown_root_is_named() -> None:
    judgement = room().check(parse(wire.update({(5, 0): [wire.set_key("secret", "k", 1)]})))
    assert places(judgement) == [("secret", "k", None, (), "insert")]


def test_c1_a_write_that_loses_is_named() -> None:
    """It fires no event, because the key does not change."""
    winner = wire.update({(9, 0): [wire.set_key("jobs", "k", 1)]})
    judgement = room(winner).check(parse(wire.update({(5, 0): [wire.set_key("jobs", "k", 2)]})))
    assert places(judgement) == [("jobs", "k", None, (), "insert")]


def test_c1_a_set_and_delete_in_one_tick_are_named() -> None:
    judgement = room().check(parse(wire.update({(5, 0): [wire.set_key("jobs", "k", 2)]}, {5: [(0, 1)]})))
    assert places(judgement) == [("jobs", "k", None, (), "insert")]


def test_c1_characters_in_an_array_never_reach_native_code() -> None:
    """Reading such an array spins for ever in yrs (found by tests/fuzz)."""
    index = room(wire.update({(5, 0): [wire.create(TYPE_ARRAY, parent="ext", sub="a")]}))
    with pytest.raises(MalformedUpdate):
        index.check(parse(wire.update({(5, 1): [wire.text("😀", parent=(5, 0))]})))


@pytest.mark.parametrize(
    "struct",
    [
        wire.item(ANY, wire.values(1), parent=(5, 2)),  # a value in a text
        wire.item(ANY, wire.values(1), parent=(5, 2), sub="k"),  # a key of a text
        wire.item(ANY, wire.values(1), parent=(5, 0)),  # a sequence in a map
        wire.item(ANY, wire.values(1), parent="scenes"),  # and in a root
        wire.text("x", parent=(5, 0), sub="k"),  # characters under a key
        wire.item(ANY, wire.values(1), parent=(5, 1)),  # in what is no type
        wire.item(ANY, wire.values(1, 2), parent=(5, 0), sub="k"),  # two values at once
        wire.item(ANY, wire.values(1), left=(5, 1), right=(5, 1)),  # a key has no order
        wire.text("x", left=(5, 3), right=(5, 1)),  # between two places
        wire.text("x", left=(5, 8)),  # after itself
        wire.text("x", right=(5, 9)),
        wire.text("x", parent=(5, 8)),
    ],
)
def test_c1_content_that_does_not_fit_its_place_is_refused(struct: bytes) -> None:
    with pytest.raises(MalformedUpdate):
        room(scene()).check(parse(wire.update({(5, 8): [struct]})))


def test_c1_types_nest_no_deeper_than_the_limit() -> None:
    def nested(depth: int) -> bytes:
        inner = [wire.create(TYPE_MAP, parent=(5, clock), sub="k") for clock in range(depth - 1)]
        return wire.update({(5, 0): [wire.create(TYPE_MAP, parent="ext", sub="k"), *inner]})

    depth_max = IndexLimits().path_depth_max
    assert room(nested(depth_max)).known(5) == depth_max
    for depth in (depth_max + 1, 30_000):
        with pytest.raises(MalformedUpdate, match="deep"):
            room(nested(depth))


# C2 ---------------------------------------------------------------------------------------------------


def lacks(index: StructIndex, update: bytes, missing: Missing) -> None:
    judgement = index.check(parse(update))
    assert judgement.missing == missing
    with pytest.raises(DanglingUpdate):
        index.admit(judgement)


def test_c2_origin_on_the_servers_next_clock_is_dangling() -> None:
    index = room(wire.update({(SERVER, 0): [wire.set_key("jobs", "run_1", "queued")]}))
    forged = wire.update({(66, 0): [wire.item(ANY, wire.values(1), left=(SERVER, 1))]})
    assert len(forged) <= 15
    lacks(index, forged, Missing(SERVER, 1))
    index.load(parse(wire.update({(SERVER, 1): [wire.set_again((SERVER, 0), "running")]})))
    assert places(index.check(parse(forged))) == [("jobs", "run_1", None, (), "insert")]


def test_c2_right_origin_and_parent_beyond_the_state_are_dangling() -> None:
    lacks(room(scene()), wire.update({(66, 0): [wire.text("x", right=(5, 8))]}), Missing(5, 8))
    lacks(room(scene()), wire.update({(66, 0): [wire.text("x", parent=(77, 0))]}), Missing(77, 0))


def test_c2_deletions_of_clocks_not_yet_typed_are_dangling() -> None:
    lacks(room(scene()), wire.update({}, {5: [(6, 3)]}), Missing(5, 8))
    lacks(room(scene()), wire.update({}, {77: [(0, 1)]}), Missing(77, 0))


def test_c2_a_gap_in_a_clients_clocks_is_dangling() -> None:
    lacks(room(scene()), wire.update({(5, 9): [wire.set_key("ext", "k", 1)]}), Missing(5, 8))
    lacks(room(), wire.update({(5, 1): [wire.set_key("ext", "k", 1)]}), Missing(5, 0))


def test_c2_dangling_in_one_of_several_sections_is_found() -> None:
    sections = {(5, 0): [wire.text("a", left=(6, 0))], (6, 0): [wire.text("b", left=(7, 3))]}
    lacks(room(), wire.update(sections), Missing(7, 0))
    lacks(room(), wire.update({(5, 0): [wire.text("a", left=(6, 9))], (6, 0): [wire.garbage(2)]}), Missing(6, 0))


def test_c2_known_structs_may_not_dangle_either() -> None:
    """Native code looks at the origins of structs that it knows, and cuts items there."""
    lacks(room(scene()), wire.update({(5, 3): [wire.text("hi 😀", left=(9, 0))]}), Missing(9, 0))


def test_c2_what_the_update_brings_itself_is_not_missing() -> None:
    update = wire.update({(5, 0): [wire.set_key("ext", "k", 1), wire.set_again((5, 0), 2)]}, {5: [(0, 1)]})
    assert room(update).deleted() == {5: [(0, 1)]}


# C3 ---------------------------------------------------------------------------------------------------


def test_c3_authors_are_the_clients_of_new_structs_only() -> None:
    index = room(scene())
    known_and_new = {
        (5, 1): [wire.item(ANY, wire.values("Dawn"), parent=(5, 0), sub="title")],
        (6, 0): [wire.set_key("ext", "k", 1)],
    }
    judgement = index.check(parse(wire.update(known_and_new, {5: [(3, 1)]})))
    assert (judgement.authors, judgement.new_clients) == ({6}, {6})
    index.admit(judgement)
    more = index.check(parse(wire.update({(6, 1): [wire.set_again((6, 0), 2)]})))
    assert (more.authors, more.new_clients) == ({6}, set())


# C4 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "update",
    [
        wire.update({(6, 0): [wire.text("x", left=(5, 6))]}),
        wire.update({(6, 0): [wire.text("x", right=(5, 7))]}),
        wire.update({(6, 0): [wire.text("x", left=(5, 6), right=(5, 7))]}),
        wire.update({}, {5: [(6, 1)]}),
        wire.update({}, {5: [(7, 1)]}),
        wire.update({}, {5: [(3, 4)]}),
    ],
)
def test_c4_surrogate_pairs_are_never_split(update: bytes) -> None:
    with pytest.raises(SplitSurrogate) as refusal:
        room(scene()).check(parse(update))
    assert refusal.value.code == "text.surrogate"


def test_c4_a_pair_of_the_same_update_is_not_split_either() -> None:
    struct = wire.text("😀", parent=(5, 2))
    with pytest.raises(SplitSurrogate):
        room(scene()).check(parse(wire.update({(5, 8): [struct]}, {5: [(9, 1)]})))
    with pytest.raises(SplitSurrogate):
        room(scene()).check(parse(wire.update({(5, 8): [struct, wire.text("x", left=(5, 8))]})))


def test_c4_known_text_is_not_continued_inside_a_character() -> None:
    index = room(wire.update({(5, 0): [wire.create(TYPE_TEXT, parent="ext", sub="t"), wire.text("ab", parent=(5, 0))]}))
    with pytest.raises(SplitSurrogate):
        index.check(parse(wire.update({(5, 1): [wire.text("a😀", parent=(5, 0))]})))


def test_c4_whole_characters_and_deleted_ones_pass() -> None:
    index = room(scene())
    for update in (
        wire.update({(6, 0): [wire.text("x", left=(5, 5), right=(5, 6))]}),
        wire.update({(6, 0): [wire.text("x", left=(5, 7))]}),
        wire.update({}, {5: [(6, 2)]}),
    ):
        assert index.check(parse(update)).adds
