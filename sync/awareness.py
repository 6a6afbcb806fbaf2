"""Awareness updates of y-protocols: a strict codec, and the rule by which states replace each other.

Not who may speak for which client: that is `presence`.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from sync import strict_json
from sync.errors import MalformedFrame
from sync.lib0 import Reader, write_var_string, write_var_uint

STATE_BYTES_MAX: Final = 2 * 1024
STATE_DEPTH_MAX: Final = 32
ENTRIES_MAX: Final = 1_000


class AwarenessState(NamedTuple):
    """What one client shows: JSON text, or None when it has left. A higher clock replaces a lower one."""

    client: int
    clock: int
    state: str | None


def decode(
    data: bytes, *, state_bytes_max: int = STATE_BYTES_MAX, entries_max: int = ENTRIES_MAX
) -> list[AwarenessState]:
    """The whole of `data` as one awareness update. Raises `MalformedFrame`."""
    reader = Reader(data)
    count = reader.var_uint()
    if count > entries_max or count > reader.remaining:
        raise MalformedFrame("too many awareness entries")
    entries: list[AwarenessState] = []
    for _ in range(count):
        client = reader.var_uint()
        clock = reader.var_uint()
        raw = reader.var_bytes()
        if len(raw) > state_bytes_max:
            raise MalformedFrame("awareness state too big")
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            raise MalformedFrame("awareness state is not UTF-8") from error
        value = strict_json.parse(text, STATE_DEPTH_MAX)
        entries.append(AwarenessState(client, clock, None if value is None else text))
    reader.end()
    return entries


def encode(entries: Iterable[AwarenessState]) -> bytes:
    """An awareness update of `entries`."""
    listed = list(entries)
    out = bytearray()
    write_var_uint(out, len(listed))
    for client, clock, state in listed:
        write_var_uint(out, client)
        write_var_uint(out, clock)
        write_var_string(out, "null" if state is None else state)
    return bytes(out)
