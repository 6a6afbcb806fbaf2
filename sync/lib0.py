"""The lib0 encoding under every Yjs message: variable-length integers, strings, byte arrays and `any` values.

Strict and bounded, without recursion on input. Not the meaning of a message: that is `update`, `awareness`, `messages`.
"""

import struct
from typing import Final

from sync.errors import MalformedFrame

UINT_MAX: Final = 2**53 - 1
UINT_BYTES_MAX: Final = 8
ANY_DEPTH_MAX: Final = 32
PROTO_KEY: Final = "__proto__"
"""JavaScript would set the prototype of the object instead of a key, so the two sides would differ."""

ANY_BYTES: Final = 116
ANY_ARRAY: Final = 117
ANY_OBJECT: Final = 118
ANY_STRING: Final = 119
ANY_TRUE: Final = 120
ANY_FALSE: Final = 121
ANY_BIGINT: Final = 122
ANY_FLOAT64: Final = 123
ANY_FLOAT32: Final = 124
ANY_INTEGER: Final = 125
ANY_NULL: Final = 126
ANY_UNDEFINED: Final = 127

AnyValue = None | bool | int | float | str | bytes | list["AnyValue"] | dict[str, "AnyValue"]
"""A decoded `any`. `undefined` becomes None."""


def uint_at(data: bytes, pos: int) -> tuple[int, int]:
    """(value, next position). Raises `MalformedFrame`, or IndexError at the end of the data."""
    byte = data[pos]
    if byte < 128:
        return byte, pos + 1
    value = byte & 127
    shift = 7
    end = pos + UINT_BYTES_MAX
    while True:
        pos += 1
        if pos == end:
            raise MalformedFrame("integer longer than 8 bytes")
        byte = data[pos]
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    if value > UINT_MAX:
        raise MalformedFrame("integer above 2^53 - 1")
    return value, pos + 1


def int_at(data: bytes, pos: int) -> tuple[int, int]:
    """Signed: bit 6 of the first byte is the sign. Raises as `uint_at`."""
    byte = data[pos]
    value = byte & 63
    negative = byte & 64 != 0
    shift = 6
    end = pos + UINT_BYTES_MAX
    while byte >= 128:
        pos += 1
        if pos == end:
            raise MalformedFrame("integer longer than 8 bytes")
        byte = data[pos]
        value |= (byte & 127) << shift
        shift += 7
    if value > UINT_MAX:
        raise MalformedFrame("integer beyond 2^53 - 1")
    return -value if negative else value, pos + 1


def bytes_at(data: bytes, pos: int) -> tuple[bytes, int]:
    """A length and that many bytes. Raises as `uint_at`."""
    length, pos = uint_at(data, pos)
    end = pos + length
    if end > len(data):
        raise MalformedFrame("bytes reach beyond the end")
    return data[pos:end], end


def string_at(data: bytes, pos: int) -> tuple[str, int]:
    """A length in bytes and strict UTF-8. Raises as `uint_at`, or UnicodeDecodeError."""
    raw, pos = bytes_at(data, pos)
    return raw.decode(), pos


def _count_at(data: bytes, pos: int) -> tuple[int, int]:
    count, pos = uint_at(data, pos)
    if count > len(data) - pos:  # every element takes a byte or more
        raise MalformedFrame("count beyond the end")
    return count, pos


def _key_at(data: bytes, pos: int) -> tuple[str, int]:
    key, pos = string_at(data, pos)
    if key == PROTO_KEY:
        raise MalformedFrame("__proto__ is not a key")
    return key, pos


def _scalar_at(data: bytes, pos: int, tag: int) -> tuple[AnyValue, int]:
    """The value of a tag that is neither array nor object. Raises as `string_at`."""
    if tag == ANY_STRING:
        return string_at(data, pos)
    if tag == ANY_INTEGER:
        return int_at(data, pos)
    if tag == ANY_NULL or tag == ANY_UNDEFINED:
        return None, pos
    if tag == ANY_TRUE or tag == ANY_FALSE:
        return tag == ANY_TRUE, pos
    if tag == ANY_BYTES:
        return bytes_at(data, pos)
    end = pos + (4 if tag == ANY_FLOAT32 else 8)
    if end > len(data):
        raise MalformedFrame("number beyond the end")
    if tag == ANY_FLOAT64:
        return float(struct.unpack(">d", data[pos:end])[0]), end
    if tag == ANY_FLOAT32:
        return float(struct.unpack(">f", data[pos:end])[0]), end
    if tag == ANY_BIGINT:
        return int.from_bytes(data[pos:end], "big", signed=True), end
    raise MalformedFrame("unknown tag of an any value")


def any_at(data: bytes, pos: int, depth_max: int = ANY_DEPTH_MAX) -> tuple[AnyValue, int]:
    """Decodes one `any`; containers at most `depth_max` deep. Raises as `string_at`."""
    top: list[AnyValue] = []
    open_values: list[list[AnyValue] | dict[str, AnyValue]] = [top]  # outermost first; no recursion on input
    wanted: list[int] = [1]
    while wanted:
        if wanted[-1] == 0:
            wanted.pop()
            open_values.pop()
            continue
        wanted[-1] -= 1
        inside = open_values[-1]
        key = ""
        if isinstance(inside, dict):
            key, pos = _key_at(data, pos)
        tag = data[pos]
        value: AnyValue
        if tag == ANY_ARRAY or tag == ANY_OBJECT:
            if len(wanted) > depth_max:
                raise MalformedFrame("any value nested too deep")
            count, pos = _count_at(data, pos + 1)
            opened: list[AnyValue] | dict[str, AnyValue] = [] if tag == ANY_ARRAY else {}
            value = opened
            open_values.append(opened)
            wanted.append(count)
        else:
            value, pos = _scalar_at(data, pos + 1, tag)
        if isinstance(inside, dict):
            inside[key] = value
        else:
            inside.append(value)
    return top[0], pos


def skip_any(data: bytes, pos: int, depth_max: int = ANY_DEPTH_MAX) -> int:
    """The position behind one `any`, checked like `any_at` but not built. Raises as `string_at`."""
    tag = data[pos]
    if tag == ANY_STRING:
        length, pos = uint_at(data, pos + 1)
        end = pos + length
        if end > len(data):
            raise MalformedFrame("bytes reach beyond the end")
        data[pos:end].decode()
        return end
    if tag != ANY_ARRAY and tag != ANY_OBJECT:
        return _scalar_at(data, pos + 1, tag)[1]
    wanted = [1]
    keyed = [False]
    while wanted:
        if wanted[-1] == 0:
            wanted.pop()
            keyed.pop()
            continue
        wanted[-1] -= 1
        if keyed[-1]:
            pos = _key_at(data, pos)[1]
        tag = data[pos]
        if tag == ANY_ARRAY or tag == ANY_OBJECT:
            if len(wanted) > depth_max:
                raise MalformedFrame("any value nested too deep")
            count, pos = _count_at(data, pos + 1)
            wanted.append(count)
            keyed.append(tag == ANY_OBJECT)
        else:
            pos = _scalar_at(data, pos + 1, tag)[1]
    return pos


class Reader:
    """Reads one message from front to back. Every method raises `MalformedFrame`."""

    __slots__ = ("_data", "_pos")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._pos = 0

    @property
    def remaining(self) -> int:
        """Bytes not yet read."""
        return len(self._data) - self._pos

    def uint8(self) -> int:
        if self._pos >= len(self._data):
            raise MalformedFrame("message ends early")
        self._pos += 1
        return self._data[self._pos - 1]

    def var_uint(self) -> int:
        try:
            value, self._pos = uint_at(self._data, self._pos)
        except IndexError as error:
            raise MalformedFrame("message ends early") from error
        return value

    def var_int(self) -> int:
        try:
            value, self._pos = int_at(self._data, self._pos)
        except IndexError as error:
            raise MalformedFrame("message ends early") from error
        return value

    def var_bytes(self) -> bytes:
        try:
            value, self._pos = bytes_at(self._data, self._pos)
        except IndexError as error:
            raise MalformedFrame("message ends early") from error
        return value

    def var_string(self) -> str:
        try:
            value, self._pos = string_at(self._data, self._pos)
        except (IndexError, UnicodeDecodeError) as error:
            raise MalformedFrame("message ends early or is not UTF-8") from error
        return value

    def any_value(self, depth_max: int = ANY_DEPTH_MAX) -> AnyValue:
        try:
            value, self._pos = any_at(self._data, self._pos, depth_max)
        except (IndexError, UnicodeDecodeError) as error:
            raise MalformedFrame("message ends early or is not UTF-8") from error
        return value

    def rest(self) -> bytes:
        """Everything that is left."""
        pos, self._pos = self._pos, len(self._data)
        return self._data[pos:]

    def end(self) -> None:
        """The message must be read to its end."""
        if self._pos != len(self._data):
            raise MalformedFrame("bytes behind the end of the message")


def write_var_uint(out: bytearray, value: int) -> None:
    """`value`: 0 .. 2^53 - 1."""
    assert 0 <= value <= UINT_MAX
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)


def write_var_int(out: bytearray, value: int) -> None:
    """`value`: -(2^53 - 1) .. 2^53 - 1."""
    size = abs(value)
    assert size <= UINT_MAX
    out.append((128 if size > 63 else 0) | (64 if value < 0 else 0) | size & 63)
    size >>= 6
    while size:
        out.append((128 if size > 127 else 0) | size & 127)
        size >>= 7


def write_var_bytes(out: bytearray, value: bytes) -> None:
    """The length, then the bytes."""
    write_var_uint(out, len(value))
    out += value


def write_var_string(out: bytearray, value: str) -> None:
    """The length in bytes, then UTF-8."""
    write_var_bytes(out, value.encode())


def write_any(out: bytearray, value: AnyValue, depth_max: int = ANY_DEPTH_MAX) -> None:
    """Integers beyond 2^53 - 1 travel as 64-bit big integers. Raises ValueError when nested deeper than `depth_max`."""
    if value is None:
        out.append(ANY_NULL)
    elif isinstance(value, bool):
        out.append(ANY_TRUE if value else ANY_FALSE)
    elif isinstance(value, int):
        if abs(value) <= UINT_MAX:
            out.append(ANY_INTEGER)
            write_var_int(out, value)
        else:
            out.append(ANY_BIGINT)
            out += value.to_bytes(8, "big", signed=True)
    elif isinstance(value, float):
        out.append(ANY_FLOAT64)
        out += struct.pack(">d", value)
    elif isinstance(value, str):
        out.append(ANY_STRING)
        write_var_string(out, value)
    elif isinstance(value, bytes):
        out.append(ANY_BYTES)
        write_var_bytes(out, value)
    else:
        _write_container(out, value, depth_max)


def _write_container(out: bytearray, value: list[AnyValue] | dict[str, AnyValue], depth_max: int) -> None:
    if depth_max < 1:
        raise ValueError("any value nested too deep")
    if isinstance(value, dict):
        out.append(ANY_OBJECT)
        write_var_uint(out, len(value))
        for key, inner in value.items():
            write_var_string(out, key)
            write_any(out, inner, depth_max - 1)
    else:
        out.append(ANY_ARRAY)
        write_var_uint(out, len(value))
        for inner in value:
            write_any(out, inner, depth_max - 1)


def var_uint(value: int) -> bytes:
    """`value` alone."""
    out = bytearray()
    write_var_uint(out, value)
    return bytes(out)


def var_string(value: str) -> bytes:
    """`value` alone."""
    out = bytearray()
    write_var_string(out, value)
    return bytes(out)


def var_bytes(value: bytes) -> bytes:
    """`value` alone."""
    out = bytearray()
    write_var_bytes(out, value)
    return bytes(out)
