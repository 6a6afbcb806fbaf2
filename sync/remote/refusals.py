"""A refusal on its way to another process: its class by name, and what it was made with."""

from collections.abc import Iterator
from typing import Any

from sync.errors import Refused, SceneLocked


def told(refusal: Refused) -> dict[str, Any]:
    """As facts of an answer."""
    if isinstance(refusal, SceneLocked):
        arguments = [refusal.scene, refusal.locked_by, refusal.why]
    else:
        arguments = [str(refusal)] if refusal.args else []
    return {"refusal": type(refusal).__name__, "arguments": arguments}


def heard(name: str, arguments: list[str]) -> Refused:
    """The same refusal again."""
    return _BY_NAME[name](*arguments)


def _all(base: type[Refused]) -> Iterator[type[Refused]]:
    yield base
    for derived in base.__subclasses__():
        yield from _all(derived)


_BY_NAME = {refusal.__name__: refusal for refusal in _all(Refused)}
