"""What a session and a room say to each other, whatever the dialect on the wire."""

from dataclasses import dataclass
from enum import IntEnum


class Close(IntEnum):
    """Why a session of a document ends; the numbers are WebSocket close codes (PROTOCOL.md, Closing).

    44xx is permanent: y-websocket never comes back from it (consistency.md C19).
    """

    GOING_AWAY = 1001
    TOO_BIG = 1009
    RESTART = 1012
    TRY_LATER = 1013
    MALFORMED = 4400
    FORGED = 4401
    FORBIDDEN = 4403
    NO_SUCH_DOCUMENT = 4404
    EPOCH = 4409
    FULL = 4413
    REFUSED = 4422
    EXPIRED = 4501
    RATE = 4529


@dataclass(frozen=True, slots=True)
class Step1:
    """What the sender has; asks for the rest."""

    state_vector: bytes


@dataclass(frozen=True, slots=True)
class Step2:
    """What the other side lacked, in answer to its `Step1`."""

    update: bytes


@dataclass(slots=True, init=False)
class Update:
    """An edit, as it happens."""

    update: bytes

    def __init__(self, update: bytes) -> None:
        self.update = update


@dataclass(slots=True, init=False)
class Awareness:
    """Presence of one or more clients, as an awareness update."""

    update: bytes

    def __init__(self, update: bytes) -> None:
        self.update = update


@dataclass(frozen=True, slots=True)
class AwarenessQuery:
    """Asks for everybody's presence."""


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """`applied`: the next unanswered update of the session is committed; otherwise it was not taken."""

    applied: bool


@dataclass(frozen=True, slots=True)
class Stateless:
    """Free text beside the document; the hub keeps none of it."""

    payload: str


DocumentMessage = Step1 | Step2 | Update | Awareness | AwarenessQuery | SyncStatus | Stateless
