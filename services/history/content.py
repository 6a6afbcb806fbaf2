"""The content of a document as plain values that remember which of them are shared types.

Reading and comparing; formatting of texts is no part of it.
"""

import base64
from collections.abc import Iterable
from typing import Any

from pycrdt import Array, Doc, Map, Text

WHOLE_MAX = 2**53
"""Up to here a float counts every integer."""


class SharedMap(dict[str, Any]):
    """A Y.Map; a plain dict is one JSON value."""


class SharedText(str):
    """A Y.Text; a plain str is one JSON value."""


class SharedArray(list[Any]):
    """A Y.Array; a plain list is one JSON value."""


Content = dict[str, SharedMap]
"""Every root of the document by name."""


def read(doc: Doc[Any], roots: Iterable[str]) -> Content:
    """A copy of all of it."""
    return {name: SharedMap(_items(doc.get(name, type=Map))) for name in sorted(roots)}


def value_of(shown: Any) -> Any:
    """One value as pycrdt hands it out, with whole numbers as integers again (documents.md A6)."""
    match shown:
        case Text():
            return SharedText(shown)
        case Map():
            return SharedMap(_items(shown))
        case Array():
            return SharedArray(value_of(shown[index]) for index in range(len(shown)))
        case float() if abs(shown) <= WHOLE_MAX and shown == int(shown):
            return int(shown)
        case dict():
            return {key: value_of(item) for key, item in shown.items()}
        case list():
            return [value_of(item) for item in shown]
        case bytearray():
            return bytes(shown)
        case _:
            return shown


def _items(shown: Map[Any]) -> dict[str, Any]:
    return {key: value_of(item) for key, item in shown.items()}


def same(one: Any, other: Any) -> bool:
    """Whether both are the same content: true is not 1, and a shared text is not a string."""
    if type(one) is not type(other):
        return False
    match one:
        case dict():
            return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
        case list():
            return len(one) == len(other) and all(map(same, one, other))
        case float():
            return bool(one == other or (one != one and other != other))  # no number is equal to itself when it is NaN
        case _:
            return bool(one == other)


def plain(value: Any) -> Any:
    """JSON: shared types lose their difference, bytes become base64."""
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case str():
            return str(value)
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case _:
            return value


def is_deleted(entity: Any) -> bool:
    """Whether an entity carries the mark of deletion; what is no entity cannot."""
    return isinstance(entity, SharedMap) and bool(entity.get("del"))
