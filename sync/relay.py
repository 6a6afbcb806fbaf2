"""What the nodes that host a document tell each other on its channel: committed rows, presence, progress ticks.

Redis carries these; losing one costs latency, never content (consistency.md C10, C13, C14).
"""

import builtins
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sync.errors import MalformedFrame
from sync.lib0 import Reader, write_var_bytes, write_var_string, write_var_uint

ROWS, PRESENCE, PRESENCE_QUERY, TICK, EPHEMERAL = 1, 2, 3, 4, 5
TICK_BYTES_MAX = 2048


@dataclass(slots=True, init=False)
class CommittedRow:
    """One row of the document log as its node committed it."""

    seq: int
    origin: str
    bytes: bytes

    def __init__(self, seq: int, origin: str, bytes: builtins.bytes) -> None:
        self.seq = seq
        self.origin = origin
        self.bytes = bytes


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one commit in rising `seq`, not necessarily without gaps."""

    epoch: int
    rows: tuple[CommittedRow, ...]


@dataclass(frozen=True, slots=True)
class Presence:
    """An awareness update of `node`'s own sessions."""

    node: UUID
    epoch: int
    update: bytes


@dataclass(frozen=True, slots=True)
class PresenceQuery:
    """`node` has just opened the document and asks who is there."""

    node: UUID


@dataclass(frozen=True, slots=True)
class Tick:
    """Progress of a run; latest wins."""

    progress: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """What `user` shows to who is here now."""

    node: UUID
    epoch: int
    user: str
    payload: builtins.bytes


RelayMessage = Rows | Presence | PresenceQuery | Tick | Ephemeral


def encode_rows(epoch: int, rows: Sequence[CommittedRow]) -> bytes:
    out = bytearray()
    write_var_uint(out, ROWS)
    write_var_uint(out, epoch)
    write_var_uint(out, len(rows))
    for row in rows:
        write_var_uint(out, row.seq)
        write_var_string(out, row.origin)
        write_var_bytes(out, row.bytes)
    return bytes(out)


def encode_presence(node: UUID, epoch: int, update: bytes) -> bytes:
    out = bytearray()
    write_var_uint(out, PRESENCE)
    write_var_bytes(out, node.bytes)
    write_var_uint(out, epoch)
    write_var_bytes(out, update)
    return bytes(out)


def encode_presence_query(node: UUID) -> bytes:
    out = bytearray()
    write_var_uint(out, PRESENCE_QUERY)
    write_var_bytes(out, node.bytes)
    return bytes(out)


def encode_ephemeral(node: UUID, epoch: int, user: str, payload: builtins.bytes) -> builtins.bytes:
    out = bytearray()
    write_var_uint(out, EPHEMERAL)
    write_var_bytes(out, node.bytes)
    write_var_uint(out, epoch)
    write_var_string(out, user)
    write_var_bytes(out, payload)
    return bytes(out)


def encode_tick(progress: dict[str, Any]) -> bytes:
    """`progress`: {run, scn, st, stage, pct, att, seq, done}."""
    out = bytearray()
    write_var_uint(out, TICK)
    write_var_string(out, json.dumps(progress, separators=(",", ":")))
    return bytes(out)


def decode(data: bytes) -> RelayMessage:
    """Raises `MalformedFrame`."""
    reader = Reader(data)
    kind = reader.var_uint()
    message: RelayMessage
    if kind == ROWS:
        message = _rows(reader)
    elif kind == PRESENCE:
        message = Presence(_node(reader), reader.var_uint(), reader.var_bytes())
    elif kind == PRESENCE_QUERY:
        message = PresenceQuery(_node(reader))
    elif kind == TICK:
        message = _tick(reader)
    elif kind == EPHEMERAL:
        message = Ephemeral(_node(reader), reader.var_uint(), reader.var_string(), reader.var_bytes())
    else:
        raise MalformedFrame(f"relay message kind {kind}")
    reader.end()
    return message


def _rows(reader: Reader) -> Rows:
    epoch, count = reader.var_uint(), reader.var_uint()
    rows = []
    for _ in range(count):
        rows.append(CommittedRow(reader.var_uint(), reader.var_string(), reader.var_bytes()))
    return Rows(epoch, tuple(rows))


def _node(reader: Reader) -> UUID:
    raw = reader.var_bytes()
    if len(raw) != 16:
        raise MalformedFrame("a node id has 16 bytes")
    return UUID(bytes=raw)


def _tick(reader: Reader) -> Tick:
    text = reader.var_string()
    if len(text) > TICK_BYTES_MAX:
        raise MalformedFrame(f"a tick has at most {TICK_BYTES_MAX} characters")
    try:
        progress = json.loads(text)
    except ValueError as error:
        raise MalformedFrame("a tick is JSON") from error
    if not isinstance(progress, dict):
        raise MalformedFrame("a tick is a JSON object")
    return Tick(progress)
