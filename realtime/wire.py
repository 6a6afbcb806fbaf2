"""What a door needs of a connection, and what a connection needs of a door: frames, close codes, nothing of a library.

Two transports carry doors; both are held to this and pass the same tests.
"""

from dataclasses import dataclass
from typing import Protocol

from realtime.frames import Frames
from realtime.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Handshake:
    """What is looked at of the upgrade request. `path`: decoded, without the query; `token`: the query's.

    The others are headers. `subprotocols`: all that are offered, separated by commas.
    """

    path: str
    token: str | None = None
    host: str | None = None
    origin: str | None = None
    authorization: str | None = None
    subprotocols: str = ""


class Wire(Protocol):
    """One connection, as its door sees it. Nothing here waits."""

    def relay(self, frames: Frames) -> None:
        """Repeatable, and the last of this tick for a connection with one document: need not wait for more."""

    def put(self, frames: Frames, *, unbounded: bool = False, repeatable: bool = False) -> None:
        """`unbounded`: an answer as large as the document may be. `repeatable`: a resynchronisation replaces it."""

    @property
    def waiting_bytes(self) -> int:
        """What the peer has not read, as far as this process knows."""

    def close(self, refusal: Refusal) -> None:
        """What was put before goes first, as far as the peer still reads."""


class Door(Protocol):
    """One dialect on one connection."""

    async def enter(self) -> None:
        """Before the first frame is read. May close the wire."""

    def receive(self, frame: bytes | None) -> float:
        """A message of the client, None for a text. Answers how many seconds not to read on."""

    def fall_behind(self) -> None:
        """From here on the peer may miss frames that are repeatable: what was put before now will reach it."""

    def resynchronise(self) -> None:
        """The peer has read what was kept; it lacks all that was repeatable since `fall_behind`, or since ever."""

    def leave(self) -> None:
        """The connection is gone."""
