"""A document's JSON, kept while it changes: after an edit only the entities that it touched are read again."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pycrdt import Doc, Map, Subscription

Touched = dict[str, set[str]]
"""By root, the ids of its entities; of a flat root like `meta`, its keys."""


class LiveContent:
    """`json`: root -> key -> value, as `Map.to_py` gives it. A value is replaced, never changed: what you took stays.

    For a document that one owner changes and reads. `close` it before its document is let go.
    """

    def __init__(self, doc: Doc[Any], roots: Sequence[str]) -> None:
        self.json: dict[str, dict[str, Any]] = {}
        self._maps: dict[str, Map[Any]] = {}
        self._subscriptions: list[tuple[Map[Any], Subscription]] = []
        self._touched: Touched = {root: set() for root in roots}
        for root in roots:
            entities: Map[Any] = doc.get(root, type=Map)
            self._maps[root] = entities
            self.json[root] = entities.to_py() or {}
            self._subscriptions.append((entities, entities.observe_deep(_noting(self._touched[root]))))

    def follow(self) -> Mapping[str, set[str]]:
        """Reads what was touched since the last time, and says what it was."""
        touched: Touched = {root: set(keys) for root, keys in self._touched.items() if keys}
        for root, keys in touched.items():
            self._touched[root].clear()
            entities = self._maps[root]
            for key in keys:
                if key in entities:
                    value = entities[key]
                    self.json[root][key] = value.to_py() if hasattr(value, "to_py") else value
                else:
                    self.json[root].pop(key, None)
        return touched

    def close(self) -> None:
        """Its observers would keep the document alive."""
        for entities, subscription in self._subscriptions:
            entities.unobserve(subscription)
        self._subscriptions.clear()


def _noting(touched: set[str]) -> Callable[[Any], None]:
    def note(events: Sequence[Any]) -> None:
        for event in events:
            if event.path:
                touched.add(str(event.path[0]))
            else:
                touched.update(event.keys)  # of the root, which is a map

    return note
