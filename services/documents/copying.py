"""The content of a document made again by one client, so that nothing of its past comes along. Pure; native code.

What is written is read back and compared by whoever needs to be sure.
"""

from collections.abc import Callable
from typing import Any

from pycrdt import Array, Doc, Map, Text

from services.history.content import value_of

Translate = Callable[[Any], Any]
"""Of a plain value, of a key too."""
Keep = Callable[[str, str], bool]
"""Whether a key of an entity of a root comes along: (root, key)."""


def as_it_is(value: Any) -> Any:
    """Translates nothing."""
    return value


def everything(root: str, key: str) -> bool:
    """Keeps all keys."""
    return True


class Copier:
    """Shared types are made again, plain values are `translate`d, and so are keys."""

    def __init__(self, translate: Translate = as_it_is, keep: Keep = everything) -> None:
        self._translate = translate
        self._keep = keep

    def copy(self, old: Doc[Any], new: Doc[Any], roots: frozenset[str]) -> None:
        """In one transaction of `new`, in an order that depends on the content alone."""
        with new.transaction():
            for root in sorted(roots):
                source, target = old.get(root, type=Map), new.get(root, type=Map)
                for key in sorted(source.keys()):
                    self._put(source, target, key, root, 0)

    def _put(self, source: Map[Any], target: Map[Any], key: str, root: str, depth: int) -> None:
        """`depth`: 0 for an entity of the root, 1 for a key of it."""
        if depth == 1 and not self._keep(root, key):
            return
        shown, name = source[key], self._translate(key)
        target[name] = self._empty(shown)
        self._fill(shown, target[name], root, depth + 1)

    def _empty(self, shown: Any) -> Any:
        """What stands in the place of a value until it is filled; a plain value is whole at once."""
        match shown:
            case Text():
                return Text()
            case Map():
                return Map()
            case Array():
                return Array()
            case _:
                return self._translate(value_of(shown))

    def _fill(self, source: Any, target: Any, root: str, depth: int) -> None:
        match source:
            case Text():
                _copy_text(source, target)
            case Map():
                for key in sorted(source.keys()):
                    self._put(source, target, key, root, depth)
            case Array():
                for index in range(len(source)):
                    target.append(self._empty(source[index]))
                    self._fill(source[index], target[index], root, depth + 1)


def _copy_text(source: Text, target: Text) -> None:
    """First all of it, then what is formatted: what is inserted behind a format would take it on."""
    formatted: list[tuple[int, int, dict[str, Any]]] = []
    for content, attributes in source.diff():
        start = len(target)
        if isinstance(content, str):
            target.insert(start, content)
        else:
            target.insert_embed(start, content)
        if attributes:
            formatted.append((start, len(target), dict(attributes)))
    for start, end, wanted in formatted:
        target.format(start, end, wanted)
