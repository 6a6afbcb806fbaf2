"""Values of documents as PostgreSQL can hold them, whatever a client has put there."""

import base64
import math
from typing import Any

from sync.registers import WHOLE_MAX

INT32_MAX = 2**31 - 1


def storable(value: Any) -> Any:
    """Text holds every character but NUL, `jsonb` no bytes and no number that is none; whole numbers are integers."""
    match value:
        case str():
            return value.replace("\x00", "\ufffd")
        case float():
            return _number(value)
        case dict():
            return {storable(key): storable(item) for key, item in value.items()}
        case list():
            return [storable(item) for item in value]
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case _:
            return value


def _number(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    return int(value) if abs(value) <= WHOLE_MAX and value == int(value) else value


def text(value: Any) -> str:
    """Empty for what is no text."""
    return str(storable(value)) if isinstance(value, str) else ""


def text_or_none(value: Any) -> str | None:
    return text(value) or None


def int32(value: int | None) -> int | None:
    """None for what an `integer` cannot hold."""
    return value if value is not None and abs(value) <= INT32_MAX else None
