"""The content of a document as JSON of which there is one form, so that equal contents are equal texts.

Keys are sorted, nothing is spaced, whole numbers are integers (documents.md A6), bytes are base64, and a number that
JSON does not have is null.
"""

import base64
import json
import math
from collections.abc import Mapping
from typing import Any

from sync.registers import WHOLE_MAX


class CanonicalContent:
    """Writes a content that changes: only entities that are another object than last time are written again."""

    def __init__(self) -> None:
        self._written: dict[str, dict[str, tuple[Any, str]]] = {}

    def write(self, content: Mapping[str, Mapping[str, Any]]) -> str:
        """All of it. A value that was given once must not be changed, only replaced."""
        self._written = {root: self._entities(root, content[root]) for root in sorted(content)}
        roots = [
            f"{canonical(root)}:{{{','.join(text for _, text in written.values())}}}"
            for root, written in self._written.items()
        ]
        return f"{{{','.join(roots)}}}"

    def _entities(self, root: str, entities: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
        known = self._written.get(root, {})
        written = {}
        for key in sorted(entities):
            value = entities[key]
            old = known.get(key)
            is_same = old is not None and old[0] is value
            written[key] = old if old is not None and is_same else (value, f"{canonical(key)}:{canonical(value)}")
        return written


def canonical(value: Any) -> str:
    """One value."""
    return json.dumps(as_json(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def as_json(value: Any) -> Any:
    """The value with only what JSON has."""
    match value:
        case float():
            return _number(value)
        case dict():
            return {key: as_json(item) for key, item in value.items()}
        case list():
            return [as_json(item) for item in value]
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case _:
            return value


def _number(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    return int(value) if abs(value) <= WHOLE_MAX and value == int(value) else value
