"""What an update would touch, and that judging changes nothing."""

from typing import Any

import pytest
from pycrdt import Array, Doc, Map, Text

from sync.errors import MalformedUpdate
from sync.update import ANY, DELETED, FORMAT, NO_TYPE, TYPE, TYPE_MAP, TYPE_TEXT, parse
from tests.fuzz import wire
from tests.fuzz.rooms import places, room, scene


def test_a_new_entity_touches_itself_its_keys_and_its_text() -> None:
    judgement = room().check(parse(scene()))
    assert places(judgement) == [
        ("scenes", "scn_1", None, (), "insert"),
        ("scenes", "scn_1", "title", (), "insert"),
        ("scenes", "scn_1", "prompt", (), "insert"),
        ("scenes", "scn_1", "prompt", (None,), "insert"),
    ]
    assert [touch.depth for touch in judgement.touches] == [1, 2, 2, 3]
    assert [touch.type_ref for touch in judgement.touches] == [TYPE_MAP, NO_TYPE, TYPE_TEXT, NO_TYPE]
    assert [touch.kind for touch in judgement.touches][:2] == [TYPE, ANY]
    title = judgement.touches[1]
    assert title.struct is not None
    assert (title.content_bytes, judgement.update.values(title.struct)) == (7, ["Dawn"])
    assert (judgement.adds, judgement.missing) == (True, None)
    assert (judgement.authors, judgement.new_clients) == ({5}, {5})


def test_judging_changes_nothing() -> None:
    index = room(scene())
    before = (index.state_vector(), index.deleted())
    update = parse(
        wire.update(
            {(6, 0): [wire.set_again((5, 1), "Dusk"), wire.set_key("shots", "sht_1", 1)]}, {5: [(1, 1), (3, 2)]}
        )
    )
    first, second = index.check(update), index.check(update)
    assert places(first) == places(second)
    assert (index.state_vector(), index.deleted()) == before
    index.admit(first)
    index.admit(second)  # judged anew: it adds nothing by now
    assert index.state_vector() == {5: 8, 6: 2}
    assert index.deleted() == {5: [(1, 2), (3, 5)]}


def test_an_overwrite_is_one_insert() -> None:
    index = room(scene())
    judgement = index.check(parse(wire.update({(6, 0): [wire.set_again((5, 1), "Dusk")]}, {5: [(1, 1)]})))
    assert places(judgement) == [("scenes", "scn_1", "title", (), "insert")]
    assert judgement.touches[0].client == 6
    index.admit(judgement)
    assert index.deleted() == {5: [(1, 2)]}


def test_an_overwrite_deletes_even_without_a_delete_set() -> None:
    index = room(scene(), wire.update({(6, 0): [wire.set_again((5, 1), "Dusk")]}))
    assert index.deleted() == {5: [(1, 2)]}
    assert not index.check(parse(wire.update({}, {5: [(1, 1)]}))).adds


def test_a_deletion_touches_every_path_in_its_range() -> None:
    judgement = room(scene()).check(parse(wire.update({}, {5: [(1, 4)]})))
    assert places(judgement) == [
        ("scenes", "scn_1", "title", (), "delete"),
        ("scenes", "scn_1", "prompt", (), "delete"),
        ("scenes", "scn_1", "prompt", (None,), "delete"),
    ]
    assert {touch.kind for touch in judgement.touches} == {DELETED}
    assert (judgement.adds, judgement.authors) == (True, set())
    assert [(touch.clock, touch.length) for touch in judgement.touches] == [(1, 1), (2, 1), (3, 2)]


@pytest.mark.parametrize(
    "update",
    [
        wire.update({}, {5: [(1, 1)]}),
        wire.update({(6, 0): [wire.deleted(1, left=(5, 1))]}, {5: [(1, 1)], 6: [(0, 1)]}),
        wire.update({(6, 0): [wire.deleted(1, left=(5, 1))]}),
        wire.update({(6, 0): [wire.set_again((5, 1), "x")]}, {5: [(1, 1)], 6: [(0, 1)]}),
    ],
    ids=["plain", "as_a_deleted_overwrite", "without_a_delete_set", "overwrite_and_delete"],
)
def test_a_key_that_ends_without_a_value_is_a_deletion_however_written(update: bytes) -> None:
    assert ("scenes", "scn_1", "title", (), "delete") in places(room(scene()).check(parse(update)))


def test_an_overwrite_that_loses_does_not_hide_a_deletion() -> None:
    first = wire.update({(9, 0): [wire.set_key("ext", "k", 1)]})
    second = wire.update({(7, 0): [wire.set_again((9, 0), 2)]})
    forged = wire.update({(4, 0): [wire.set_again((9, 0), 3)]}, {7: [(0, 1)]})
    judgement = room(first, second).check(parse(forged))
    assert places(judgement) == [("ext", "k", None, (), "insert"), ("ext", "k", None, (), "delete")]


def test_what_was_deleted_before_is_no_edit() -> None:
    deletion = wire.update({}, {5: [(3, 2)]})
    index = room(scene(), deletion)
    assert not index.check(parse(deletion)).adds
    wider = index.check(parse(wire.update({}, {5: [(3, 3)]})))
    assert [(touch.clock, touch.length) for touch in wider.touches] == [(5, 1)]


def test_deleting_a_type_deletes_what_is_in_it() -> None:
    index = room(scene(), wire.update({}, {5: [(0, 1)]}))
    assert index.deleted() == {5: [(0, 8)]}
    assert not index.check(parse(wire.update({}, {5: [(0, 8)]}))).adds
    late = wire.update({(6, 0): [wire.text("x", left=(5, 4))]})
    judgement = index.check(parse(late))
    assert places(judgement) == [("scenes", "scn_1", "prompt", (None,), "insert")]
    index.admit(judgement)
    assert index.deleted() == {5: [(0, 8)], 6: [(0, 1)]}


def test_garbage_and_what_hangs_on_it_touch_nothing() -> None:
    index = room(wire.update({(5, 0): [wire.deleted(1, parent="scenes", sub="scn_1"), wire.garbage(4)]}, {5: [(0, 5)]}))
    for place in ({"left": (5, 2)}, {"right": (5, 3)}, {"left": (5, 2), "right": (5, 3)}, {"parent": (5, 0)}):
        judgement = index.check(parse(wire.update({(6, 0): [wire.text("late", **place)]})))
        assert (judgement.touches, judgement.adds, judgement.missing) == ([], True, None)
    index.load(parse(wire.update({(6, 0): [wire.garbage(3)]})))
    assert index.deleted() == {5: [(0, 5)], 6: [(0, 3)]}


def test_deeper_names_are_told() -> None:
    doc: Doc[Any] = Doc(client_id=3)
    doc.get("ext", type=Map)["e"] = Map({"list": Array([Map({"deep": Text("x")})])})
    judgement = room().check(parse(doc.get_update()))
    assert {(touch.key, touch.deeper) for touch in judgement.touches} == {
        (None, ()),
        ("list", ()),
        ("list", (None,)),
        ("list", (None, "deep")),
        ("list", (None, "deep", None)),
    }


def test_formats_are_told() -> None:
    doc: Doc[Any] = Doc(client_id=3)
    text = doc.get("ext", type=Map)["e"] = Text("abc")
    index = room(doc.get_update())
    state = doc.get_state()
    text.format(0, 2, {"b": True})
    judgement = index.check(parse(doc.get_update(state)))
    assert [touch.kind for touch in judgement.touches] == [FORMAT, FORMAT]


def test_structs_of_several_clients_may_come_in_any_order() -> None:
    sections: dict[tuple[int, int], list[bytes]] = {
        (30, 0): [wire.text("a", parent=(10, 0)), wire.text("c", left=(20, 0))],
        (20, 0): [wire.text("b", left=(30, 0))],
        (10, 0): [wire.create(TYPE_TEXT, parent="ext", sub="t")],
    }
    for order in (sections, dict(reversed(sections.items()))):
        judgement = room().check(parse(wire.update(order)))
        assert judgement.missing is None
        assert judgement.new_clients == {10, 20, 30}


def test_a_long_crossing_needs_no_recursion() -> None:
    length = 20_000
    left: list[bytes] = [wire.create(TYPE_TEXT, parent="ext", sub="t")]
    right: list[bytes] = []
    for clock in range(length):
        right.append(wire.text("b", parent=(8, 0)) if clock == 0 else wire.text("b", left=(8, clock)))
        left.append(wire.text("a", left=(9, clock)))
    assert room(wire.update({(9, 0): right, (8, 0): left})).state_vector() == {9: length, 8: length + 1}


def test_structs_that_wait_for_each_other_are_refused() -> None:
    update = wire.update({(8, 0): [wire.text("a", left=(9, 0))], (9, 0): [wire.text("b", left=(8, 0))]})
    with pytest.raises(MalformedUpdate, match="wait for each other"):
        room().check(parse(update))


def test_part_of_a_struct_may_be_known() -> None:
    index = room(scene())
    known_and_more = wire.update({(5, 3): [wire.text("hi 😀 there", parent=(5, 2))]})
    judgement = index.check(parse(known_and_more))
    assert [(touch.clock, touch.length) for touch in judgement.touches] == [(8, 6)]
    index.admit(judgement)
    assert index.known(5) == 14


def test_a_different_struct_under_known_clocks_is_refused() -> None:
    index = room(scene(), wire.update({(6, 0): [wire.create(TYPE_TEXT, parent="ext", sub="t")]}))
    with pytest.raises(MalformedUpdate, match="differs"):
        index.check(parse(wire.update({(5, 3): [wire.text("elsewhere", parent=(6, 0))]})))


# Memory ----------------------------------------------------------------------------------------------


def test_typing_costs_no_memory_per_character() -> None:
    index = room(scene())
    for clock in range(8, 2_008):
        index.load(parse(wire.update({(5, clock): [wire.text("x", left=(5, clock - 1))]})))
    ranges = index._clients[5]
    assert len(ranges._starts) == 4
    index.load(parse(wire.update({}, {5: [(clock, 1) for clock in range(8, 2_008)]})))
    assert index.deleted() == {5: [(8, 2_008)]}
    assert len(ranges._deleted_starts) == 1


def test_a_refused_update_leaves_nothing_behind() -> None:
    index = room(scene())
    for number in range(50):
        index.check(parse(wire.update({(6, 0): [wire.set_key(f"root{number}", f"k{number}", 1)]})))
    assert (set(index._roots), set(index._words)) == ({"scenes"}, {"scn_1", "title", "prompt"})
