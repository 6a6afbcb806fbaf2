"""JSON from a stranger: bounded depth, finite numbers, no constants outside the standard, checked without recursion.

Not a schema: what the values mean is for the rules of each document.
"""

import json
import re
from typing import Final

from sync.errors import MalformedFrame
from sync.lib0 import AnyValue

DEPTH_MAX: Final = 32
# The closing quote is optional so that an unterminated string is eaten once: every other form is quadratic.
_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


def parse(text: str, depth_max: int = DEPTH_MAX) -> AnyValue:
    """Raises `MalformedFrame`. Escaped lone surrogates are left in: see `has_lone_surrogate`."""
    if text.count("[") + text.count("{") > depth_max:
        _check_depth(text, depth_max)
    try:
        value: AnyValue = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except ValueError as error:
        raise MalformedFrame("not JSON") from error
    return value


def has_lone_surrogate(text: str, value: AnyValue) -> bool:
    """Whether an escape in `text`, which was parsed to `value`, is half a character."""
    if "\\ud" not in text and "\\uD" not in text:
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _check_depth(text: str, depth_max: int) -> None:
    depth = 0
    for token in _TOKENS.finditer(text):
        char = text[token.start()]
        if char == "[" or char == "{":
            depth += 1
            if depth > depth_max:
                raise MalformedFrame("JSON nested too deep")
        elif char != '"':
            depth -= 1


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if value - value != 0.0:
        raise ValueError("number beyond a double")
    return value
