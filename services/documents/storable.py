"""Values of documents as PostgreSQL can hold them, whatever a client has put there."""

from typing import Any

from services.documents.canonical import as_json

INT32_MAX = 2**31 - 1


def storable(value: Any) -> Any:
    """As JSON (`canonical.as_json`); and text holds every character but NUL."""
    match value:
        case str():
            return value.replace("\x00", "\ufffd")
        case dict():
            return {storable(key): storable(item) for key, item in value.items()}
        case list():
            return [storable(item) for item in value]
        case _:
            return as_json(value)


def text(value: Any) -> str:
    """Empty for what is no text."""
    return str(storable(value)) if isinstance(value, str) else ""


def text_or_none(value: Any) -> str | None:
    return text(value) or None


def int32(value: int | None) -> int | None:
    """None for what an `integer` cannot hold."""
    return value if value is not None and abs(value) <= INT32_MAX else None
