"""The Hocuspocus dialect of `/collab`: every frame starts with a routing key, so one socket carries many documents."""

from dataclasses import dataclass
from typing import assert_never

from sync.dialects.ywebsocket import read_sync, write_sync
from sync.errors import MalformedFrame
from sync.lib0 import Reader, write_var_bytes, write_var_string, write_var_uint
from sync.messages import Awareness, AwarenessQuery, Stateless, Step1, Step2, StockMessage, SyncStatus, Update

SYNC, AWARENESS, AUTH, QUERY_AWARENESS, SYNC_REPLY, STATELESS = 0, 1, 2, 3, 4, 5
CLOSE, SYNC_STATUS, PING, PONG = 7, 8, 9, 10
TOKEN, PERMISSION_DENIED, AUTHENTICATED = 0, 1, 2
KEY_BYTES_MAX = 256
TOKEN_BYTES_MAX = 8192


@dataclass(frozen=True, slots=True)
class Token:
    """The client authenticates for one routing key, or answers a request for a fresh token."""

    token: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The client is done with this document; the socket stays."""


@dataclass(frozen=True, slots=True)
class Pong:
    """An answer to the socket's ping; it has no routing key."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The server asks for a fresh token."""


@dataclass(frozen=True, slots=True)
class Authenticated:
    """`read_only`: the session's updates will not be taken."""

    read_only: bool


@dataclass(frozen=True, slots=True)
class PermissionDenied:
    """Ends this document's session; `reason` is a stable code of PROTOCOL.md."""

    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    """Ends this document's session for a reason that passes."""

    reason: str


Incoming = StockMessage | Token | Leave | Pong
Outgoing = StockMessage | TokenRequest | Authenticated | PermissionDenied | Closed


def decode(frame: bytes) -> tuple[str, Incoming]:
    """The routing key and its message. Raises `MalformedFrame`."""
    if frame == bytes([PONG]):
        return "", Pong()
    reader = Reader(frame)
    key = reader.var_string()
    if not key or len(key) > KEY_BYTES_MAX:
        raise MalformedFrame(f"a routing key has 1 to {KEY_BYTES_MAX} characters")
    message = read_message(reader, reader.var_uint())
    reader.end()
    return key, message


def document_name(key: str) -> str:
    """Providers with session awareness append NUL and their session to the name."""
    return key.partition("\0")[0]


def read_message(reader: Reader, kind: int) -> Incoming:
    """What stands behind a routing key and its type `kind`. Raises `MalformedFrame`."""
    if kind in (SYNC, SYNC_REPLY):
        return read_sync(reader)
    if kind == AWARENESS:
        return Awareness(reader.var_bytes())
    if kind == AUTH:
        return _token(reader)
    if kind == QUERY_AWARENESS:
        return AwarenessQuery()
    if kind == STATELESS:
        return Stateless(reader.var_string())
    if kind == CLOSE:
        return Leave()
    raise MalformedFrame(f"message type {kind} is not a client's")


def _token(reader: Reader) -> Token:
    if reader.var_uint() != TOKEN:
        raise MalformedFrame("a client sends only tokens in an auth message")
    token = reader.var_string()
    if len(token) > TOKEN_BYTES_MAX:
        raise MalformedFrame(f"a token has at most {TOKEN_BYTES_MAX} characters")
    if reader.remaining:
        reader.var_string()  # the provider's version since its release 4; nothing depends on it
    return Token(token)


def read_answer(reader: Reader, kind: int) -> Outgoing:
    """What the hub says behind a routing key and its type `kind`. Raises `MalformedFrame`."""
    if kind in (SYNC, SYNC_REPLY):
        return read_sync(reader)
    if kind == AWARENESS:
        return Awareness(reader.var_bytes())
    if kind == QUERY_AWARENESS:
        return AwarenessQuery()
    if kind == STATELESS:
        return Stateless(reader.var_string())
    if kind == CLOSE:
        return Closed(reader.var_string())
    if kind == SYNC_STATUS:
        return SyncStatus(reader.var_uint() == 1)
    if kind == AUTH:
        return _auth(reader)
    raise MalformedFrame(f"message type {kind} is not a hub's")


def _auth(reader: Reader) -> Outgoing:
    subtype = reader.var_uint()
    if subtype == TOKEN:
        return TokenRequest()
    if subtype == PERMISSION_DENIED:
        return PermissionDenied(reader.var_string())
    if subtype == AUTHENTICATED:
        return Authenticated(reader.var_string() == "readonly")
    raise MalformedFrame(f"auth message type {subtype}")


def encode_client(key: str, message: Token | Leave | Pong) -> bytes:
    """What only a client says."""
    if isinstance(message, Pong):
        return bytes([PONG])
    out = bytearray()
    write_var_string(out, key)
    if isinstance(message, Token):
        _write_auth(out, TOKEN, message.token)
    else:
        write_var_uint(out, CLOSE)
    return bytes(out)


def encode(key: str, message: Outgoing) -> bytes:
    out = bytearray()
    write_var_string(out, key)
    match message:
        case Step1() | Step2() | Update():
            write_sync(out, message)
        case Awareness(update):
            write_var_uint(out, AWARENESS)
            write_var_bytes(out, update)
        case AwarenessQuery():
            write_var_uint(out, QUERY_AWARENESS)
        case SyncStatus(applied):
            write_var_uint(out, SYNC_STATUS)
            write_var_uint(out, int(applied))
        case Stateless(payload):
            write_var_uint(out, STATELESS)
            write_var_string(out, payload)
        case TokenRequest():
            _write_auth(out, TOKEN, None)
        case Authenticated(read_only):
            _write_auth(out, AUTHENTICATED, "readonly" if read_only else "read-write")
        case PermissionDenied(reason):
            _write_auth(out, PERMISSION_DENIED, reason)
        case Closed(reason):
            write_var_uint(out, CLOSE)
            write_var_string(out, reason)
        case _:
            assert_never(message)
    return bytes(out)


def _write_auth(out: bytearray, subtype: int, text: str | None) -> None:
    write_var_uint(out, AUTH)
    write_var_uint(out, subtype)
    if text is not None:
        write_var_string(out, text)
