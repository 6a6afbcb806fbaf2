"""Yjs updates written by hand, byte by byte, for tests that need one which no editor would write."""

from collections.abc import Mapping, Sequence
from typing import Any

from sync.lib0 import var_string, var_uint, write_any
from sync.update import ANY, DELETED, EMBED, GC, STRING, TYPE

Id = tuple[int, int]
Ranges = Mapping[int, Sequence[tuple[int, int]]]


def update(sections: Mapping[Id, Sequence[bytes]], deletes: Ranges | None = None) -> bytes:
    """`sections`: (client, first clock) -> structs. `deletes`: client -> (clock, length)."""
    out = var_uint(len(sections))
    for (client, clock), structs in sections.items():
        out += var_uint(len(structs)) + var_uint(client) + var_uint(clock) + b"".join(structs)
    deletes = deletes or {}
    out += var_uint(len(deletes))
    for client, ranges in deletes.items():
        out += var_uint(client) + var_uint(len(ranges))
        for clock, length in ranges:
            out += var_uint(clock) + var_uint(length)
    return out


def item(
    kind: int,
    content: bytes,
    *,
    left: Id | None = None,
    right: Id | None = None,
    parent: str | Id | None = None,
    sub: str | None = None,
) -> bytes:
    """One item. `parent`: a root's name or an id; only without origins."""
    info = kind | (0x80 if left else 0) | (0x40 if right else 0) | (0x20 if sub is not None else 0)
    out = bytes([info])
    for origin in (left, right):
        if origin is not None:
            out += var_uint(origin[0]) + var_uint(origin[1])
    if isinstance(parent, str):
        out += b"\1" + var_string(parent)
    elif parent is not None:
        out += b"\0" + var_uint(parent[0]) + var_uint(parent[1])
    if sub is not None and parent is not None:
        out += var_string(sub)
    return out + content


def values(*items: Any) -> bytes:
    """Content of an ANY."""
    out = bytearray(var_uint(len(items)))
    for value in items:
        write_any(out, value)
    return bytes(out)


def set_key(root: str, key: str, value: Any) -> bytes:
    """The first value of a root's key."""
    return item(ANY, values(value), parent=root, sub=key)


def set_again(left: Id, value: Any) -> bytes:
    """The next value of the key that `left` set."""
    return item(ANY, values(value), left=left)


def create(type_ref: int, *, parent: str | Id, sub: str | None = None) -> bytes:
    """A shared type."""
    return item(TYPE, var_uint(type_ref), parent=parent, sub=sub)


def text(characters: str, **place: Any) -> bytes:
    """Characters; `place` as of `item`."""
    return item(STRING, var_string(characters), **place)


def embed(json: str, **place: Any) -> bytes:
    """An embed; `place` as of `item`."""
    return item(EMBED, var_string(json), **place)


def deleted(length: int, **place: Any) -> bytes:
    """Deleted content; `place` as of `item`."""
    return item(DELETED, var_uint(length), **place)


def garbage(length: int) -> bytes:
    """Collected garbage."""
    return bytes([GC]) + var_uint(length)
