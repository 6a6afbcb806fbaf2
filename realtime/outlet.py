"""What a session is to its room: a place to send messages to. Each dialect has its own; neither knows rooms."""

from typing import Protocol

from services.users.sockets import SocketIdentity
from sync.messages import Close, DocumentMessage


class Outlet(Protocol):
    """`identity`: who is at the other end and what they may do, as of the last check."""

    identity: SocketIdentity

    def send(self, message: DocumentMessage, frames: dict[str, bytes]) -> None:
        """`frames`: what this message is in each dialect already, shared by everybody who gets it."""

    def relay(self, message: DocumentMessage, frames: dict[str, bytes]) -> None:
        """The same for an edit or presence of somebody else: a resynchronisation would say it again."""

    def end(self, code: Close, reason: str) -> None:
        """The session is over."""

    def tell_scope(self, read_only: bool) -> None:
        """Rights have changed."""

    def ask_token(self, now_s: float) -> bool:
        """Asks for a fresh token; False when the time for it is over or the dialect cannot ask."""
