"""What providers tell us, as JSON that PostgreSQL takes: no NUL, no half a surrogate pair, no NaN, nothing bottomless.

They are somebody else's words, and an end that cannot be written down would be a call that never ends.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

DEPTH_MAX = 6
"""What lies deeper is left out."""
FACTS_BYTES_MAX = 4 * 1024 * 1024
"""More are left out altogether: the result is what was paid for."""


def storable(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The same, as far as it can be kept."""
    kept = {_text(str(name)): _kept(value, 1) for name, value in facts.items()}
    return kept if len(json.dumps(kept)) <= FACTS_BYTES_MAX else {}


def _kept(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int)):
        return value
    if depth >= DEPTH_MAX:
        return None
    if isinstance(value, Mapping):
        return {_text(str(name)): _kept(inner, depth + 1) for name, inner in value.items()}
    return [_kept(inner, depth + 1) for inner in value] if isinstance(value, (list, tuple)) else _text(str(value))


def _text(text: str) -> str:
    return text.encode(errors="replace").decode().replace("\x00", "\ufffd")
