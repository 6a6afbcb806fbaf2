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


@dataclass(slots=True, init=False)
class Edit:
    """An update with a name of its own, from who wants to hear of it. `is_answer`: to the server's `Step1`."""

    batch: bytes
    update: bytes
    is_answer: bool

    def __init__(self, batch: bytes, update: bytes, is_answer: bool) -> None:
        self.batch = batch
        self.update = update
        self.is_answer = is_answer


@dataclass(slots=True, init=False)
class Ack:
    """The edit is committed: the document at the sequence `seq` holds it."""

    batch: bytes
    seq: int

    def __init__(self, batch: bytes, seq: int) -> None:
        self.batch = batch
        self.seq = seq


@dataclass(frozen=True, slots=True)
class Nack:
    """The edit is refused: nothing of it is in the document, what was sent before it is, what was sent after is not."""

    batch: bytes
    status: Close
    reason: str


@dataclass(frozen=True, slots=True)
class Reset:
    """What the client holds is not the document any more: it starts anew with an empty replica and a new client id."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """Seen by who is here now and kept by nobody. `user`: who shows it, empty from the one who does."""

    user: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Follow:
    """Asks for the events of the document's project, those after `cursor` first; None: from now on."""

    cursor: int | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened in the document's project. `cursor`: its place; None of progress, which is kept nowhere.

    `payload`: JSON. `following` and `reset` tell where it goes on: what was before it is not told.
    """

    cursor: int | None
    kind: str
    payload: str


StockMessage = Step1 | Step2 | Update | Awareness | AwarenessQuery | SyncStatus | Stateless
"""What the stock dialects can say."""
NativeMessage = Edit | Ack | Nack | Reset | Ephemeral | Follow | Event
DocumentMessage = StockMessage | NativeMessage
