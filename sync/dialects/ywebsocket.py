"""The y-websocket dialect of `/sync/{document}`: no document name on the wire, one message or several a frame."""

from typing import assert_never

from sync.errors import MalformedFrame
from sync.lib0 import Reader, write_var_bytes, write_var_uint
from sync.messages import (
    Ack,
    Awareness,
    AwarenessQuery,
    DocumentMessage,
    Edit,
    Ephemeral,
    Event,
    Follow,
    Nack,
    Reset,
    Stateless,
    Step1,
    Step2,
    StockMessage,
    SyncStatus,
    Update,
)

SYNC, AWARENESS, AUTH, QUERY_AWARENESS = 0, 1, 2, 3
STEP1, STEP2, UPDATE = 0, 1, 2


def decode(frame: bytes, messages_max: int) -> list[StockMessage]:
    """Raises `MalformedFrame`, also for more than `messages_max` messages."""
    reader = Reader(frame)
    messages: list[StockMessage] = []
    while reader.remaining:
        if len(messages) == messages_max:
            raise MalformedFrame(f"a frame has at most {messages_max} messages")
        messages.append(_message(reader))
    if not messages:
        raise MalformedFrame("an empty frame")
    return messages


def _message(reader: Reader) -> StockMessage:
    kind = reader.var_uint()
    if kind == SYNC:
        return read_sync(reader)
    if kind == AWARENESS:
        return Awareness(reader.var_bytes())
    if kind == QUERY_AWARENESS:
        return AwarenessQuery()
    raise MalformedFrame(f"message type {kind} is not of this dialect")


def read_sync(reader: Reader) -> Step1 | Step2 | Update:
    """The body of a sync message, the same in both stock dialects."""
    step = reader.var_uint()
    body = reader.var_bytes()
    if step == STEP1:
        return Step1(body)
    if step == STEP2:
        return Step2(body)
    if step == UPDATE:
        return Update(body)
    raise MalformedFrame(f"sync message type {step}")


def write_sync(out: bytearray, message: Step1 | Step2 | Update) -> None:
    write_var_uint(out, SYNC)
    match message:
        case Step1(state_vector):
            write_var_uint(out, STEP1)
            write_var_bytes(out, state_vector)
        case Step2(update):
            write_var_uint(out, STEP2)
            write_var_bytes(out, update)
        case Update(update):
            write_var_uint(out, UPDATE)
            write_var_bytes(out, update)
        case _:
            assert_never(message)


def encode(message: DocumentMessage) -> bytes | None:
    """One frame; None for what this dialect cannot say (it has no acknowledgement and no free messages)."""
    out = bytearray()
    match message:
        case Step1() | Step2() | Update():
            write_sync(out, message)
        case Awareness(update):
            write_var_uint(out, AWARENESS)
            write_var_bytes(out, update)
        case AwarenessQuery():
            write_var_uint(out, QUERY_AWARENESS)
        case SyncStatus() | Stateless() | Edit() | Ack() | Nack() | Reset() | Ephemeral() | Follow() | Event():
            return None
        case _:
            assert_never(message)
    return bytes(out)
