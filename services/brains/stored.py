"""A brain as JSON and back: how versions are stored, sent and compared by their digest."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from services.brains.model import Brain


def to_json(brain: Brain) -> dict[str, Any]:
    """Plain values under the names of the record."""
    plain: dict[str, Any] = TypeAdapter(Brain).dump_python(brain, mode="json")
    return plain


def from_json(plain: Mapping[str, Any]) -> Brain:
    """Inverse of `to_json`; checks every type. Raises `pydantic.ValidationError`, `BadColourDecision`."""
    return TypeAdapter(Brain).validate_python(dict(plain))


def digest(brain: Brain) -> str:
    """SHA-256 of the canonical JSON, lower-case hex: the same for the same look and version."""
    spelled = json.dumps(to_json(brain), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(spelled.encode()).hexdigest()
