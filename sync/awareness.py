"""Awareness updates of y-protocols: a strict codec, and the rule by which states replace each other.

Not who may speak for which client: that is `presence`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from sync import strict_json
from sync.errors import MalformedFrame
from sync.lib0 import Reader, write_var_string, write_var_uint

STATE_BYTES_MAX: Final = 2 * 1024
STATE_DEPTH_MAX: Final = 32
ENTRIES_MAX: Final = 1_000
TIMEOUT_S: Final = 30.0


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


@dataclass(slots=True)
class _Seen:
    entry: AwarenessState
    at_s: float


class AwarenessStates:
    """The newest state of every client. Of those who left, the clock is kept for another `timeout_s`."""

    def __init__(self, *, entries_max: int = ENTRIES_MAX, timeout_s: float = TIMEOUT_S) -> None:
        self._entries_max = entries_max
        self._timeout_s = timeout_s
        self._seen: dict[int, _Seen] = {}

    def apply(self, entries: Iterable[AwarenessState], now_s: float) -> list[AwarenessState]:
        """Those that were news (y-protocols `applyAwarenessUpdate`). Raises `MalformedFrame` when full."""
        news: list[AwarenessState] = []
        for entry in entries:
            seen = self._seen.get(entry.client)
            if seen is None and len(self._seen) >= self._entries_max:
                raise MalformedFrame("too many awareness clients")
            if seen is not None:
                known = seen.entry
                leaves = entry.clock == known.clock and entry.state is None and known.state is not None
                if entry.clock <= known.clock and not leaves:
                    continue
            self._seen[entry.client] = _Seen(entry, now_s)
            news.append(entry)
        return news

    def expire(self, now_s: float) -> list[AwarenessState]:
        """Clients silent for `timeout_s` leave, with the clock they had; their departures, for the others."""
        left: list[AwarenessState] = []
        for client, seen in list(self._seen.items()):
            if now_s - seen.at_s < self._timeout_s:
                continue
            if seen.entry.state is None:
                del self._seen[client]
            else:
                gone = AwarenessState(client, seen.entry.clock, None)
                self._seen[client] = _Seen(gone, now_s)
                left.append(gone)
        return left

    def reclocked(self, entry: AwarenessState) -> AwarenessState:
        """`entry` with a clock that replaces what is known: a client that came back counts from 0 again."""
        seen = self._seen.get(entry.client)
        if seen is None or entry.clock > seen.entry.clock:
            return entry
        return entry._replace(clock=seen.entry.clock + 1)

    def states(self) -> list[AwarenessState]:
        """Of everyone present."""
        return [seen.entry for seen in self._seen.values() if seen.entry.state is not None]

    def encode(self, clients: Iterable[int] | None = None) -> bytes:
        """An awareness update of `clients` as far as known, by default of everyone present."""
        if clients is None:
            return encode(self.states())
        return encode(self._seen[client].entry for client in clients if client in self._seen)
