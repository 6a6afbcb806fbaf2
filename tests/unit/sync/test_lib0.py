"""lib0: the vectors of the JavaScript library, round trips, and every bound."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Map

from sync import lib0
from sync.errors import MalformedFrame
from sync.lib0 import UINT_MAX, Reader
from sync.update import parse

UINTS = {
    127: "7f",
    128: "8001",
    300: "ac02",
    16384: "808001",
    2**32 - 1: "ffffffff0f",
    UINT_MAX: "ffffffffffffff0f",
}
INTS = {-1: "41", 64: "8001", -64: "c001", -65: "c101"}

ANY_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(("value", "encoded"), UINTS.items())
def test_unsigned_vectors(value: int, encoded: str) -> None:
    assert lib0.var_uint(value).hex() == encoded
    assert Reader(bytes.fromhex(encoded)).var_uint() == value


@pytest.mark.parametrize(("value", "encoded"), INTS.items())
def test_signed_vectors(value: int, encoded: str) -> None:
    out = bytearray()
    lib0.write_var_int(out, value)
    assert out.hex() == encoded
    assert Reader(bytes(out)).var_int() == value


def test_strings_count_bytes() -> None:
    assert lib0.var_string("é").hex() == "02c3a9"
    assert Reader(bytes.fromhex("02c3a9")).var_string() == "é"


@given(st.integers(-UINT_MAX, UINT_MAX))
def test_integers_come_back(value: int) -> None:
    out = bytearray()
    lib0.write_var_int(out, value)
    lib0.write_var_uint(out, abs(value))
    reader = Reader(bytes(out))
    assert (reader.var_int(), reader.var_uint()) == (value, abs(value))
    reader.end()


@given(ANY_VALUES)
def test_any_values_come_back(value: Any) -> None:
    out = bytearray()
    lib0.write_any(out, value)
    data = bytes(out)
    assert lib0.any_at(data, 0) == (value, len(data))
    assert lib0.skip_any(data, 0) == len(data)


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused_alike(data: bytes) -> None:
    def outcome(read: Any) -> int | None:
        try:
            return int(read())
        except (MalformedFrame, IndexError, UnicodeDecodeError):
            return None

    assert outcome(lambda: lib0.any_at(data, 0)[1]) == outcome(lambda: lib0.skip_any(data, 0))


def test_any_values_of_pycrdt_are_read() -> None:
    doc: Doc[Any] = Doc()
    sent = [None, True, 3, 2**40, 0.1, 2.5, "é😀", [1, [2]], {"k": {"l": "m"}}]
    doc.get("m", type=Map)["k"] = sent
    update = parse(doc.get_update())
    assert update.values(update.structs[0]) == [sent]


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "80",
        "8080808080808080",  # cut
        "808080808080808000",  # 9 bytes
        "ffffffffffffff10",  # 2^53 and more
        "ffffffffffffffffff01",
    ],
)
def test_unsigned_out_of_bounds_is_refused(encoded: str) -> None:
    with pytest.raises(MalformedFrame):
        Reader(bytes.fromhex(encoded)).var_uint()


@pytest.mark.parametrize("encoded", ["", "80", "ff" * 8 + "01", "ffffffffffffff7f"])
def test_signed_out_of_bounds_is_refused(encoded: str) -> None:
    with pytest.raises(MalformedFrame):
        Reader(bytes.fromhex(encoded)).var_int()


@pytest.mark.parametrize("encoded", ["03c3a9", "01c3", "03eda080", "04f4908080", "02c0af"])
def test_strings_are_strict_utf8_within_the_message(encoded: str) -> None:
    with pytest.raises(MalformedFrame):
        Reader(bytes.fromhex(encoded)).var_string()


@pytest.mark.parametrize(
    "encoded",
    ["", "00", "73", "7b00", "7c00", "7a0000", "77", "7701ff", "75ffffff7f", "7601", "74057f"],
)
def test_malformed_any_values_are_refused(encoded: str) -> None:
    with pytest.raises(MalformedFrame):
        Reader(bytes.fromhex(encoded)).any_value()


def test_a_prototype_is_no_key() -> None:
    out = bytearray()
    lib0.write_any(out, {"__proto__": 1})
    with pytest.raises(MalformedFrame):
        lib0.any_at(bytes(out), 0)
    with pytest.raises(MalformedFrame):
        lib0.skip_any(bytes(out), 0)


def test_any_values_nest_32_deep_and_no_deeper() -> None:
    fits = b"\x75\x01" * 32 + b"\x7e"
    assert lib0.skip_any(fits, 0) == len(fits)
    assert Reader(fits).any_value() is not None
    for depth in (33, 30_000):
        deeper = b"\x75\x01" * depth + b"\x7e"
        with pytest.raises(MalformedFrame):
            lib0.skip_any(deeper, 0)
        with pytest.raises(MalformedFrame):
            lib0.any_at(deeper, 0)
    value: Any = None
    for _ in range(33):
        value = {"k": value}
    with pytest.raises(ValueError, match="deep"):
        lib0.write_any(bytearray(), value)


def test_a_reader_stops_at_the_end() -> None:
    reader = Reader(b"\x05\x01ab")
    assert (reader.uint8(), reader.var_bytes(), reader.remaining) == (5, b"a", 1)
    with pytest.raises(MalformedFrame):
        reader.end()
    assert reader.rest() == b"b"
    reader.end()
    with pytest.raises(MalformedFrame):
        reader.uint8()
    with pytest.raises(MalformedFrame):
        reader.var_bytes()
