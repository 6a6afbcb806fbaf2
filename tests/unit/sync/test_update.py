"""The parser of updates: what editors emit is read, everything else is refused with `update.malformed`."""

from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Text

from sync import update as kinds
from sync.errors import MalformedUpdate
from sync.lib0 import var_string, var_uint
from sync.update import ItemId, UpdateLimits, parse
from tests.fuzz import wire

VECTORS = Path(__file__).parents[2] / "vectors"
ONE_KEY = bytes.fromhex("010101002801016d016b0177017600")
"""yjs 13.6: client 1 sets k of the map m to 'v'."""


def malformed(data: bytes) -> None:
    with pytest.raises(MalformedUpdate) as refusal:
        parse(data)
    assert refusal.value.code == "update.malformed"


def test_the_vector_of_yjs_is_read() -> None:
    update = parse(ONE_KEY)
    (struct,) = update.structs
    assert (struct.kind, struct.client, struct.clock, struct.length) == (kinds.ANY, 1, 0, 1)
    assert (struct.parent, struct.parent_sub, struct.origin, struct.right_origin) == ("m", "k", None, None)
    assert (update.values(struct), struct.content_bytes, update.deletes) == (["v"], 4, [])


def test_an_empty_update_is_read() -> None:
    update = parse(b"\0\0")
    assert (update.structs, update.sections, update.deletes) == ([], [], [])


def test_origins_parents_and_deletions_are_read() -> None:
    data = wire.update(
        {
            (9, 4): [wire.text("a😀", left=(1, 2), right=(3, 4)), wire.garbage(7)],
            (8, 0): [wire.create(kinds.TYPE_MAP, parent=(9, 4)), wire.deleted(3, parent="r", sub="k")],
        },
        {8: [(0, 1), (3, 2)], 9: [(4, 1)]},
    )
    update = parse(data)
    text, garbage, created, gone = update.structs
    assert (text.origin, text.right_origin, text.length) == (ItemId(1, 2), ItemId(3, 4), 3)
    assert (text.low_halves, update.text(text)) == ((2,), "a😀")
    assert (garbage.clock, garbage.length) == (7, 7)
    assert (created.parent, created.type_ref, created.clock) == (ItemId(9, 4), kinds.TYPE_MAP, 0)
    assert (gone.parent, gone.parent_sub, gone.length, gone.clock) == ("r", "k", 3, 1)
    assert update.sections == [0, 2]
    assert update.deletes == [(8, 0, 1), (8, 3, 2), (9, 4, 1)]


@pytest.mark.parametrize("characters", ["a", "é", "日本", "😀", "a😀é👩\u200d🎬"])
def test_lengths_count_utf16_units_as_yrs_does(characters: str) -> None:
    doc: Doc[Any] = Doc(client_id=5)
    doc.get("t", type=Text).insert(0, characters)
    (struct,) = parse(doc.get_update()).structs
    assert struct.length == len(characters.encode("utf-16-le")) // 2
    before = [characters[:index].encode("utf-16-le") for index, char in enumerate(characters) if char > "\uffff"]
    assert struct.low_halves == tuple(len(head) // 2 + 1 for head in before)


@pytest.mark.parametrize("cut", range(len(ONE_KEY)))
def test_every_cut_is_refused(cut: int) -> None:
    malformed(ONE_KEY[:cut])


def test_the_update_that_hangs_pycrdt_is_refused() -> None:
    malformed((VECTORS / "pycrdt-hang-update.bin").read_bytes())


def test_the_document_before_it_is_refused_already() -> None:
    """A fuzzer made it: it holds an empty string, which neither yjs nor yrs emits."""
    malformed((VECTORS / "pycrdt-hang-base.bin").read_bytes())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        ONE_KEY + b"\0",
        bytes.fromhex("020100") + ONE_KEY[1:],
        b"\xff\xff\xff\x7f" + ONE_KEY[1:],  # clients beyond the bytes
        b"\x01\xff\xff\xff\x7f" + ONE_KEY[2:],  # structs beyond the bytes
        b"\x01\x00\x01\x00\x00",  # a client without structs
        b"\x00\x01\x01\x00",  # a client without ranges
        b"\x00\x01\x01\xff\xff\x7f\x00\x01",  # ranges beyond the bytes
        b"\x00\xff\xff\x7f",
        wire.update({}, {1: [(0, 0)]}),
        wire.update({(1, 0): [wire.garbage(0)]}),
        wire.update({(1, 0): [wire.text("", parent="t")]}),
        wire.update({(1, 0): [wire.item(kinds.ANY, b"\0", parent="t")]}),
        wire.update({(1, 0): [wire.deleted(0, parent="t")]}),
    ],
)
def test_counts_and_lengths_are_checked(data: bytes) -> None:
    malformed(data)


def test_a_client_has_one_section_and_one_set_of_ranges() -> None:
    struct = wire.set_key("m", "k", 1)
    malformed(b"\x02" + b"".join(b"\x01\x05" + var_uint(clock) + struct for clock in (0, 1)) + b"\0")
    malformed(b"\x00\x02" + b"\x05\x01\x00\x01" * 2)


@pytest.mark.parametrize("info", [0x80, 0x40, 0x20, 0x8A, 0x2A, 0x0B, 0x1F, 0x09])
def test_kinds_that_yjs_and_yrs_read_differently_are_refused(info: int) -> None:
    malformed(b"\x01\x01\x05\x00" + bytes([info]) + b"\x01" * 12 + b"\0")


def test_a_parent_is_a_name_or_an_id() -> None:
    malformed(b"\x01\x01\x05\x00\x08\x02\x01m\x01\x7e\x00")


@pytest.mark.parametrize("type_ref", [3, 4, 5, 6, 7, 9, 15, 200])
def test_types_of_no_document_are_refused(type_ref: int) -> None:
    malformed(wire.update({(1, 0): [wire.item(kinds.TYPE, bytes([type_ref]) + b"\x01p", parent="m", sub="k")]}))


def test_an_overlong_type_is_refused() -> None:
    malformed(wire.update({(1, 0): [wire.item(kinds.TYPE, b"\x80\x00", parent="m", sub="k")]}))


@pytest.mark.parametrize("clock", [2**31 - 1, 2**32, 2**53 - 1])
def test_clocks_stay_below_2_to_31(clock: int) -> None:
    malformed(wire.update({(1, clock): [wire.set_key("m", "k", 1)]}))
    malformed(wire.update({}, {1: [(clock, 1)]}))
    malformed(wire.update({}, {1: [(1, clock)]}))


def test_the_last_clock_is_legal() -> None:
    assert parse(wire.update({(1, 2**31 - 2): [wire.set_key("m", "k", 1)]})).structs


def test_text_is_strict_utf8() -> None:
    for raw in (b"\xed\xa0\xbd", b"\xff", b"\xc3"):  # half a pair, no UTF-8 at all, cut
        malformed(wire.update({(1, 0): [wire.item(kinds.STRING, var_uint(len(raw)) + raw, parent="t")]}))


@pytest.mark.parametrize("depth", [33, 30_000])
def test_c1_nested_values_are_refused_without_recursion(depth: int) -> None:
    nested = b"\x01" + b"\x75\x01" * depth + b"\x7e"
    malformed(wire.update({(1, 0): [wire.item(kinds.ANY, nested, parent="m", sub="k")]}))
    json = "[" * depth + "]" * depth
    malformed(wire.update({(1, 0): [wire.embed(json, parent="t")]}))
    malformed(wire.update({(1, 0): [wire.item(kinds.FORMAT, var_string("b") + var_string(json), parent="t")]}))
    malformed(wire.update({(1, 0): [wire.item(kinds.JSON, b"\x01" + var_string(json), parent="m", sub="k")]}))


def test_values_nested_32_deep_pass() -> None:
    nested = b"\x01" + b"\x75\x01" * 32 + b"\x7e"
    assert parse(wire.update({(1, 0): [wire.item(kinds.ANY, nested, parent="m", sub="k")]})).structs
    assert parse(wire.update({(1, 0): [wire.embed("[" * 32 + "]" * 32, parent="t")]})).structs


@pytest.mark.parametrize("json", ["", "nope", "NaN", '"\\ud83d"', '{"__proto__":1}', "1e999"])
def test_json_is_strict(json: str) -> None:
    malformed(wire.update({(1, 0): [wire.embed(json, parent="t")]}))


def test_undefined_in_old_json_content_is_read() -> None:
    content = b"\x02" + var_string("undefined") + var_string('{"a":1}')
    (struct,) = parse(wire.update({(1, 0): [wire.item(kinds.JSON, content, parent="a")]})).structs
    assert struct.length == 2


def test_a_prototype_is_no_key() -> None:
    malformed(wire.update({(1, 0): [wire.set_key("m", "k", {"__proto__": 1})]}))


def test_names_are_bounded() -> None:
    for key in ("k" * 1023, "k" * 1021):
        data = wire.update({(1, 0): [wire.set_key("m", key, 1)]})
        if len(key) + 2 <= UpdateLimits().name_bytes_max:
            assert parse(data).structs[0].parent_sub == key
        else:
            malformed(data)


def test_bytes_are_bounded() -> None:
    assert parse(ONE_KEY, UpdateLimits(update_bytes_max=len(ONE_KEY)))
    with pytest.raises(MalformedUpdate):
        parse(ONE_KEY, UpdateLimits(update_bytes_max=len(ONE_KEY) - 1))


def test_structs_and_ranges_are_bounded() -> None:
    limits = UpdateLimits(structs_max=2)
    for count, fits in ((2, True), (3, False)):
        for data in (
            wire.update({(1, 0): [wire.garbage(1)] * count}),
            wire.update({(client, 0): [wire.garbage(1)] for client in range(count)}),
            wire.update({}, {1: [(clock, 1) for clock in range(count)]}),
        ):
            if fits:
                assert parse(data, limits)
            else:
                with pytest.raises(MalformedUpdate, match="limit"):
                    parse(data, limits)
