"""The two dialects of `/collab` as its door sees them: how frames are read and written. Which one, the upgrade says."""

from collections.abc import Callable
from dataclasses import dataclass

from realtime.frames import Frames
from sync.dialects import hocuspocus, native
from sync.dialects.hocuspocus import Incoming, Outgoing
from sync.limits import Limits
from sync.messages import Ack, DocumentMessage, Edit, Ephemeral, Event, Follow, Nack, NativeMessage, Reset

FRAME_BYTES_MAX = Limits().fragment_bytes_max
"""Larger messages of the native dialect are cut."""


@dataclass(frozen=True, slots=True)
class CollabDialect:
    """`encode`: None for what it cannot say. `mark`: tells the frames of one dialect from those of another."""

    mark: str
    resets: bool
    decode: Callable[[bytes], tuple[str, Incoming | NativeMessage]]
    encode: Callable[[str, DocumentMessage | Outgoing], Frames | None]


def _stock(key: str, message: DocumentMessage | Outgoing) -> Frames | None:
    if isinstance(message, Edit | Ack | Nack | Reset | Ephemeral | Follow | Event):
        return None
    return Frames([hocuspocus.encode(key, message)])


def _native(key: str, message: DocumentMessage | Outgoing) -> Frames:
    return Frames(native.in_fragments(native.encode(key, message), FRAME_BYTES_MAX))


STOCK = CollabDialect("", False, hocuspocus.decode, _stock)
NATIVE = CollabDialect(native.SUBPROTOCOL, True, native.decode, _native)


def offered(subprotocols: str) -> CollabDialect:
    """The native dialect if it is among what the client offers, separated by commas."""
    return NATIVE if native.SUBPROTOCOL in [name.strip() for name in subprotocols.split(",")] else STOCK
