"""Strict parser of Yjs v1 updates (consistency.md C1): structs, lengths, content kinds, UTF-8, JSON depth, delete set.

Pure syntax of one update; what it would touch in a document is `index`. Layout: yjs `encoding.js`, `structs/*.js`.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Final

from sync import strict_json
from sync.errors import MalformedFrame, MalformedUpdate
from sync.lib0 import PROTO_KEY, AnyValue, any_at, bytes_at, skip_any, string_at, uint_at, var_uint, write_var_uint

GC: Final = 0
DELETED: Final = 1
JSON: Final = 2
BINARY: Final = 3
STRING: Final = 4
EMBED: Final = 5
FORMAT: Final = 6
TYPE: Final = 7
ANY: Final = 8
DOC: Final = 9
SKIP: Final = 10

TYPE_ARRAY: Final = 0
TYPE_MAP: Final = 1
TYPE_TEXT: Final = 2
NO_TYPE: Final = -1
_TYPE_REF_MAX: Final = TYPE_TEXT
"""XML types, hooks and links are known to Yjs but to no document of ours, so native code never sees them."""

Breathe = Callable[[], None]
"""Says that long work gets on (`announcer`)."""
BREATH_MASK: Final = 2047
"""A breath every 2,048 structs, a few milliseconds."""

_KIND_BITS: Final = 31
_HAS_ORIGIN: Final = 128
_HAS_RIGHT_ORIGIN: Final = 64
_HAS_PARENT_SUB: Final = 32
_NO_OFFSETS: Final[tuple[int, ...]] = ()


@dataclass(frozen=True, slots=True)
class UpdateLimits:
    """Nothing is counted beyond the bytes that are there. A struct costs about 5 us to judge: live edits need fewer."""

    update_bytes_max: int = 16 * 1024 * 1024
    structs_max: int = 2**20
    """And as many delete ranges."""
    clock_max: int = 2**31 - 1
    name_bytes_max: int = 1024
    json_depth_max: int = 32


DEFAULT_LIMITS: Final = UpdateLimits()


@dataclass(slots=True, init=False)
class ItemId:
    """One unit of content: the client that made it and its clock."""

    client: int
    clock: int

    def __init__(self, client: int, clock: int) -> None:
        self.client = client
        self.clock = clock


DeleteRange = tuple[int, int, int]
"""Client, clock and length: so many clocks of the client from that one."""


class Struct:
    """One struct of an update; `kind` is one of the constants above, lengths count UTF-16 code units."""

    __slots__ = (
        "client",
        "clock",
        "content_end",
        "content_start",
        "kind",
        "length",
        "low_halves",
        "origin",
        "parent",
        "parent_sub",
        "right_origin",
        "type_ref",
    )

    def __init__(self, kind: int, client: int, clock: int) -> None:
        self.kind = kind
        self.client = client
        self.clock = clock
        self.length = 1
        self.origin: ItemId | None = None
        self.right_origin: ItemId | None = None
        self.parent: str | ItemId | None = None
        """Root name, or id of the item that holds the parent type; None when an origin tells it."""
        self.parent_sub: str | None = None
        self.type_ref = NO_TYPE
        self.content_start = 0
        self.content_end = 0
        self.low_halves: tuple[int, ...] = _NO_OFFSETS
        """Offsets of the second halves of surrogate pairs."""

    @property
    def content_bytes(self) -> int:
        """Encoded size of the content."""
        return self.content_end - self.content_start


class Update:
    """A well-formed update. `sections`: index in `structs` at which each client begins, one section a client.

    `spans`: where each section's bytes begin; one more for the end of the last.
    """

    __slots__ = ("data", "deletes", "sections", "spans", "structs")

    def __init__(
        self, data: bytes, structs: list[Struct], sections: list[int], spans: list[int], deletes: list[DeleteRange]
    ) -> None:
        self.data = data
        self.spans = spans
        self.structs = structs
        self.sections = sections
        self.deletes = deletes

    def values(self, struct: Struct) -> list[AnyValue]:
        """What an ANY struct holds, decoded."""
        assert struct.kind == ANY
        count, pos = uint_at(self.data, struct.content_start)
        values: list[AnyValue] = []
        for _ in range(count):
            value, pos = any_at(self.data, pos)
            values.append(value)
        return values

    def json(self, struct: Struct) -> list[str]:
        """What a JSON struct holds: JSON, or `undefined`."""
        assert struct.kind == JSON
        count, pos = uint_at(self.data, struct.content_start)
        texts: list[str] = []
        for _ in range(count):
            text, pos = string_at(self.data, pos)
            texts.append(text)
        return texts

    def part_of(self, clients: Container[int]) -> bytes:
        """An update with what these clients made and which of it is deleted.

        The deletions matter: who has a struct alive that this update only knows as deleted learns it from them alone.
        """
        kept = [
            self.data[self.spans[number] : self.spans[number + 1]]
            for number, first in enumerate(self.sections)
            if self.structs[first].client in clients
        ]
        ranges: dict[int, list[tuple[int, int]]] = {}
        for client, clock, length in self.deletes:
            if client in clients:
                ranges.setdefault(client, []).append((clock, length))
        out = bytearray(var_uint(len(kept)) + b"".join(kept))
        write_var_uint(out, len(ranges))
        for client, deletions in ranges.items():
            write_var_uint(out, client)
            write_var_uint(out, len(deletions))
            for clock, length in deletions:
                write_var_uint(out, clock)
                write_var_uint(out, length)
        return bytes(out)

    def text(self, struct: Struct) -> str:
        """What a STRING struct holds."""
        assert struct.kind == STRING
        return string_at(self.data, struct.content_start)[0]


def parse(data: bytes, limits: UpdateLimits = DEFAULT_LIMITS, breathe: Breathe | None = None) -> Update:
    """The whole of `data` as one update. Raises `MalformedUpdate`. `breathe`: called now and then in a long one."""
    if len(data) > limits.update_bytes_max:
        raise MalformedUpdate("update too big")
    structs: list[Struct] = []
    sections: list[int] = []
    spans: list[int] = []
    try:
        pos = _read_structs(data, limits, structs, sections, spans, breathe)
        spans.append(pos)
        deletes, pos = _read_deletes(data, pos, limits)
    except (MalformedFrame, IndexError, UnicodeDecodeError) as error:
        raise MalformedUpdate(str(error)) from error
    if pos != len(data):
        raise MalformedUpdate("bytes behind the delete set")
    return Update(data, structs, sections, spans, deletes)


def _read_structs(
    data: bytes,
    limits: UpdateLimits,
    structs: list[Struct],
    sections: list[int],
    spans: list[int],
    breathe: Breathe | None,
) -> int:
    clients, pos = uint_at(data, 0)
    if clients > len(data):
        raise MalformedUpdate("more clients than bytes")
    seen: set[int] = set()
    clock_max = limits.clock_max
    for _ in range(clients):
        spans.append(pos)
        count, pos = uint_at(data, pos)
        client, pos = uint_at(data, pos)
        clock, pos = uint_at(data, pos)
        if client in seen or count == 0:
            raise MalformedUpdate("client repeated or without structs")
        if count > len(data) - pos or len(structs) + count > limits.structs_max:
            raise MalformedUpdate("more structs than bytes or the limit")
        seen.add(client)
        sections.append(len(structs))
        for _ in range(count):
            info = data[pos]
            kind = info & _KIND_BITS
            struct = Struct(kind, client, clock)
            if kind == GC or kind == SKIP:
                if info != kind:  # yjs looks at the low bits here, yrs at all of them
                    raise MalformedUpdate("garbage with item flags")
                struct.length, pos = uint_at(data, pos + 1)
            else:
                pos = _read_item(data, pos + 1, info, struct, limits)
            clock += struct.length
            if struct.length == 0 or clock > clock_max:
                raise MalformedUpdate("empty struct or clock overflow")
            structs.append(struct)
            if breathe is not None and len(structs) & BREATH_MASK == 0:
                breathe()
    return pos


def _read_id(data: bytes, pos: int) -> tuple[ItemId, int]:
    client, pos = uint_at(data, pos)
    clock, pos = uint_at(data, pos)
    return ItemId(client, clock), pos


def _read_name(data: bytes, pos: int, limits: UpdateLimits) -> tuple[str, int]:
    name, end = string_at(data, pos)
    if end - pos > limits.name_bytes_max:
        raise MalformedUpdate("name too long")
    return name, end


def _read_item(data: bytes, pos: int, info: int, struct: Struct, limits: UpdateLimits) -> int:
    if info & _HAS_ORIGIN:
        struct.origin, pos = _read_id(data, pos)
    if info & _HAS_RIGHT_ORIGIN:
        struct.right_origin, pos = _read_id(data, pos)
    if not info & (_HAS_ORIGIN | _HAS_RIGHT_ORIGIN):
        by_name = data[pos]
        if by_name == 1:
            struct.parent, pos = _read_name(data, pos + 1, limits)
        elif by_name == 0:
            struct.parent, pos = _read_id(data, pos + 1)
        else:
            raise MalformedUpdate("parent is neither name nor id")
        if info & _HAS_PARENT_SUB:
            struct.parent_sub, pos = _read_name(data, pos, limits)
    struct.content_start = pos
    kind = struct.kind
    if kind == ANY:
        pos = _read_any(data, pos, struct, limits)
    elif kind == STRING:
        pos = _read_string(data, pos, struct)
    elif kind == DELETED:
        struct.length, pos = uint_at(data, pos)
    elif kind == TYPE:
        struct.type_ref, pos = data[pos], pos + 1  # yrs reads one byte, however it continues
        if struct.type_ref > _TYPE_REF_MAX:
            raise MalformedUpdate("no such shared type here")
    elif kind == BINARY:
        pos = bytes_at(data, pos)[1]
    else:
        pos = _read_json(data, pos, struct, limits)
    struct.content_end = pos
    return pos


def _read_any(data: bytes, pos: int, struct: Struct, limits: UpdateLimits) -> int:
    count, pos = uint_at(data, pos)
    if count > len(data) - pos:
        raise MalformedUpdate("more values than bytes")
    struct.length = count
    for _ in range(count):
        pos = skip_any(data, pos, limits.json_depth_max)
    return pos


def _read_string(data: bytes, pos: int, struct: Struct) -> int:
    text, pos = string_at(data, pos)
    units = len(text)
    if not text.isascii():
        low_halves: list[int] = []
        units = 0
        for char in text:
            units += 1
            if char > "\uffff":
                low_halves.append(units)
                units += 1
        struct.low_halves = tuple(low_halves)
    struct.length = units
    return pos


def _read_json(data: bytes, pos: int, struct: Struct, limits: UpdateLimits) -> int:
    """JSON (old clients), EMBED and FORMAT; subdocuments and unknown kinds are refused."""
    kind = struct.kind
    if kind == EMBED:
        return _check_json(data, pos, limits)
    if kind == FORMAT:
        pos = _read_name(data, pos, limits)[1]
        return _check_json(data, pos, limits)
    if kind != JSON:
        raise MalformedUpdate("subdocument or unknown content")
    count, pos = uint_at(data, pos)
    if count > len(data) - pos:
        raise MalformedUpdate("more values than bytes")
    struct.length = count
    for _ in range(count):
        text, end = string_at(data, pos)
        pos = end if text == "undefined" else _check_json(data, pos, limits)
    return pos


def _check_json(data: bytes, pos: int, limits: UpdateLimits) -> int:
    text, pos = string_at(data, pos)
    value = strict_json.parse(text, limits.json_depth_max)
    if strict_json.has_lone_surrogate(text, value):
        raise MalformedUpdate("half a character in JSON")
    if PROTO_KEY in text:
        raise MalformedUpdate("__proto__ is not a key")
    return pos


def _read_deletes(data: bytes, pos: int, limits: UpdateLimits) -> tuple[list[DeleteRange], int]:
    deletes: list[DeleteRange] = []
    clients, pos = uint_at(data, pos)
    if clients > len(data):
        raise MalformedUpdate("more clients than bytes")
    seen: set[int] = set()
    for _ in range(clients):
        client, pos = uint_at(data, pos)
        count, pos = uint_at(data, pos)
        if client in seen or count == 0:
            raise MalformedUpdate("client repeated or without ranges")
        if count > len(data) - pos or len(deletes) + count > limits.structs_max:
            raise MalformedUpdate("more ranges than bytes or the limit")
        seen.add(client)
        for _ in range(count):
            clock, pos = uint_at(data, pos)
            length, pos = uint_at(data, pos)
            if length == 0 or clock + length > limits.clock_max:
                raise MalformedUpdate("empty range or clock overflow")
            deletes.append((client, clock, length))
    return deletes, pos
