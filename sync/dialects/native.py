"""The native dialect `storyforge.v1`: the Hocuspocus frames of `/collab`, and words for what those cannot say.

Edits have names, so each is acknowledged with its sequence or refused by itself; who is refused starts anew on the same
socket. Larger messages travel in fragments, one message at a time and nothing else in between.
"""

from sync.dialects import hocuspocus
from sync.dialects.hocuspocus import KEY_BYTES_MAX
from sync.errors import MalformedFrame
from sync.lib0 import Reader, write_var_bytes, write_var_string, write_var_uint
from sync.limits import Limits
from sync.messages import Ack, Close, Edit, Ephemeral, Event, Follow, Nack, NativeMessage, Reset

SUBPROTOCOL = "storyforge.v1"
EDIT, ACK, NACK, RESET, EPHEMERAL, FRAGMENT, EVENT = 32, 33, 34, 35, 36, 37, 38
NAME_BYTES = 16
LIVE, ANSWER = 0, 1

Message = hocuspocus.Incoming | hocuspocus.Outgoing | NativeMessage


def decode(frame: bytes) -> tuple[str, hocuspocus.Incoming | NativeMessage]:
    """As a hub reads a client's frame, which is no fragment. Raises `MalformedFrame`."""
    if frame == bytes([hocuspocus.PONG]):
        return "", hocuspocus.Pong()
    reader = Reader(frame)
    key, kind = _begin(reader)
    message: hocuspocus.Incoming | NativeMessage
    if kind == EDIT:
        message = _edit(reader)
    elif kind == EPHEMERAL:
        message = Ephemeral("", reader.var_bytes())
    elif kind == EVENT:
        message = Follow(_cursor(reader))
    else:
        message = hocuspocus.read_message(reader, kind)
    reader.end()
    return key, message


def decode_server(frame: bytes) -> tuple[str, hocuspocus.Outgoing | NativeMessage]:
    """As a client reads the hub's frame, which is no fragment. Raises `MalformedFrame`."""
    reader = Reader(frame)
    key, kind = _begin(reader)
    message: hocuspocus.Outgoing | NativeMessage
    if kind == ACK:
        message = Ack(_name(reader), reader.var_uint())
    elif kind == NACK:
        message = Nack(_name(reader), _status(reader.var_uint()), reader.var_string())
    elif kind == RESET:
        message = Reset(reader.var_string())
    elif kind == EPHEMERAL:
        message = Ephemeral(reader.var_string(), reader.var_bytes())
    elif kind == EVENT:
        message = Event(_cursor(reader), reader.var_string(), reader.var_string())
    else:
        message = hocuspocus.read_answer(reader, kind)
    reader.end()
    return key, message


def _begin(reader: Reader) -> tuple[str, int]:
    key = reader.var_string()
    if not key or len(key) > KEY_BYTES_MAX:
        raise MalformedFrame(f"a routing key has 1 to {KEY_BYTES_MAX} characters")
    return key, reader.var_uint()


def _edit(reader: Reader) -> Edit:
    how = reader.var_uint()
    if how not in (LIVE, ANSWER):
        raise MalformedFrame(f"an edit is live (0) or an answer (1), not {how}")
    return Edit(_name(reader), reader.var_bytes(), how == ANSWER)


def _name(reader: Reader) -> bytes:
    name = reader.var_bytes()
    if len(name) != NAME_BYTES:
        raise MalformedFrame(f"the name of an edit has {NAME_BYTES} bytes")
    return name


def _cursor(reader: Reader) -> int | None:
    """0 is none, any other number one more than the cursor."""
    number = reader.var_uint()
    return number - 1 if number else None


def _write_cursor(out: bytearray, cursor: int | None) -> None:
    write_var_uint(out, 0 if cursor is None else cursor + 1)


def _status(number: int) -> Close:
    try:
        return Close(number)
    except ValueError:
        raise MalformedFrame(f"{number} is no status") from None


def encode(key: str, message: Message) -> bytes:
    """One frame, whatever its size; `in_fragments` cuts it."""
    out = bytearray()
    match message:
        case Edit(batch, update, is_answer):
            _write_begin(out, key, EDIT)
            write_var_uint(out, ANSWER if is_answer else LIVE)
            write_var_bytes(out, batch)
            write_var_bytes(out, update)
        case Ack(batch, seq):
            _write_begin(out, key, ACK)
            write_var_bytes(out, batch)
            write_var_uint(out, seq)
        case Nack(batch, status, reason):
            _write_begin(out, key, NACK)
            write_var_bytes(out, batch)
            write_var_uint(out, int(status))
            write_var_string(out, reason)
        case Reset(reason):
            _write_begin(out, key, RESET)
            write_var_string(out, reason)
        case Ephemeral(user, payload):
            _write_begin(out, key, EPHEMERAL)
            if user:
                write_var_string(out, user)
            write_var_bytes(out, payload)
        case Follow(cursor):
            _write_begin(out, key, EVENT)
            _write_cursor(out, cursor)
        case Event(cursor, event, payload):
            _write_begin(out, key, EVENT)
            _write_cursor(out, cursor)
            write_var_string(out, event)
            write_var_string(out, payload)
        case hocuspocus.Token() | hocuspocus.Leave() | hocuspocus.Pong():
            return hocuspocus.encode_client(key, message)
        case _:
            return hocuspocus.encode(key, message)
    return bytes(out)


def _write_begin(out: bytearray, key: str, kind: int) -> None:
    write_var_string(out, key)
    write_var_uint(out, kind)


# Fragments ---------------------------------------------------------------------------------------------


def in_fragments(frame: bytes, bytes_max: int) -> list[bytes]:
    """The frame itself if it is small enough, else its fragments: key "-", type, index, count, bytes."""
    if len(frame) <= bytes_max:
        return [frame]
    pieces = [frame[at : at + bytes_max] for at in range(0, len(frame), bytes_max)]
    fragments = []
    for index, piece in enumerate(pieces):
        out = bytearray()
        _write_begin(out, FRAGMENTS_KEY, FRAGMENT)
        write_var_uint(out, index)
        write_var_uint(out, len(pieces))
        write_var_bytes(out, piece)
        fragments.append(bytes(out))
    return fragments


FRAGMENTS_KEY = "-"
"""Fragments are the socket's, not a document's."""
_FRAGMENT_BEGIN = b"\x01-" + bytes([FRAGMENT])


class Fragments:
    """Of one connection, in one direction. Holds one message at most."""

    __slots__ = ("_bytes", "_count", "_limits", "_pieces")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pieces: list[bytes] = []
        self._count = 0
        self._bytes = 0

    def take(self, frame: bytes) -> bytes | None:
        """The frame if it is no fragment, the whole message with its last one, else None. Raises `MalformedFrame`."""
        if not frame.startswith(_FRAGMENT_BEGIN):
            if self._pieces:
                raise MalformedFrame(f"fragment {len(self._pieces)} of {self._count} is missing")
            return frame
        reader = Reader(frame)
        _begin(reader)
        index, count, piece = reader.var_uint(), reader.var_uint(), reader.var_bytes()
        reader.end()
        return self._add(index, count, piece)

    def _add(self, index: int, count: int, piece: bytes) -> bytes | None:
        limits = self._limits
        if not self._pieces:
            self._count, self._bytes = count, 0
        if not 2 <= count <= limits.fragments_max:
            raise MalformedFrame(f"a message has 2 to {limits.fragments_max} fragments, not {count}")
        if index != len(self._pieces) or count != self._count:
            raise MalformedFrame(f"fragment {index} of {count} where {len(self._pieces)} of {self._count} is next")
        if not 0 < len(piece) <= limits.fragment_bytes_max:
            raise MalformedFrame(f"a fragment has 1 to {limits.fragment_bytes_max} bytes, not {len(piece)}")
        self._bytes += len(piece)
        if self._bytes > limits.answer_bytes_max + limits.fragment_bytes_max:
            raise MalformedFrame(f"fragments of more than {limits.answer_bytes_max} bytes")
        self._pieces.append(piece)
        if len(self._pieces) < count:
            return None
        whole, self._pieces = b"".join(self._pieces), []
        return whole
