"""What a session is to its room: a place to send messages to. Each dialect has its own; neither knows rooms."""

from typing import Protocol

from realtime.frames import Frames
from services.users.sockets import SocketIdentity
from sync.messages import Close, DocumentMessage


class Outlet(Protocol):
    """`identity`: who is at the other end and what they may do, as of the last check.

    `acknowledges`: the dialect has a word for it.
    `resets`: who is refused is told to start anew, and stays.
    `dialect`: outlets of a room with the same one encode every message to the same bytes.
    """

    identity: SocketIdentity

    @property
    def acknowledges(self) -> bool: ...

    @property
    def resets(self) -> bool: ...

    @property
    def dialect(self) -> str: ...

    @property
    def waiting_bytes(self) -> int:
        """On its connection, other documents of it included."""

    def encode(self, message: DocumentMessage) -> Frames | None:
        """None for what this dialect cannot say."""

    def send(self, message: DocumentMessage, shared: dict[str, Frames]) -> None:
        """`shared`: what this message is in each dialect already, for everybody who gets it."""

    def relay(self, frames: Frames) -> None:
        """Edits and presence of others: a resynchronisation would say them again."""

    def end(self, code: Close, reason: str) -> None:
        """The session is over."""

    def tell_scope(self, read_only: bool) -> None:
        """Rights have changed."""

    def ask_token(self, now_s: float) -> bool:
        """Asks for a fresh token; False when the time for it is over or the dialect cannot ask."""
