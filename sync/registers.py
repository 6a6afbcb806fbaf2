"""Registers read strictly: what any client may have written, as a value of its type or not at all.

Every replica reads alike, in Python and in TypeScript (`registers.ts`): numbers are integers within a range, ids are
ASCII, and what cannot be read has one default. What a register means is said where its document is read.
"""

import re
from collections.abc import Mapping
from typing import Any

WHOLE_MAX = 2**53 - 1
"""The largest number that JavaScript counts exactly."""

Raw = Mapping[str, Any]
"""One entity: register -> value."""
Content = Mapping[str, Any]
"""Root -> entity id -> register -> value, as JSON."""

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_NO_ID = "__proto__"
"""JavaScript cannot have it as a key of its objects."""
_ORDER_KEY = re.compile(r"[0-9A-Za-z]{1,256}")


def whole(value: Any, default: int, low: int, high: int) -> int:
    """An integer in the range, also where pycrdt hands it out as a float; everything else is `default`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return default
    if not low <= value <= high or value != int(value):
        return default
    return int(value)


def is_id(value: Any) -> bool:
    return isinstance(value, str) and value != _NO_ID and _ID.fullmatch(value) is not None


def id_or_none(value: Any) -> str | None:
    return value if is_id(value) else None


def order_key(value: Any) -> str:
    return value if isinstance(value, str) and _ORDER_KEY.fullmatch(value) is not None else ""


def entities(content: Content, root: str) -> dict[str, Raw]:
    """Of a root, by id; what has no proper id or is no map is not there."""
    found = content.get(root)
    if not isinstance(found, Mapping):
        return {}
    return {key: value for key, value in found.items() if is_id(key) and isinstance(value, Mapping)}


def is_deleted(raw: Raw) -> bool:
    return raw.get("del") is not None and raw.get("del") is not False
