"""The one place where an error becomes a close code of the WebSocket door (PROTOCOL.md, Refusals)."""

from dataclasses import dataclass

from services.users.errors import Forbidden, Missing, TokenExpired, TokenForeign, Unauthenticated
from storage.errors import DocumentMissing, EpochChanged, StorageError
from sync.errors import MalformedName
from sync.messages import Close


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a session ends, and the stable code that says why."""

    code: Close
    reason: str


EPOCH = Refusal(Close.EPOCH, "epoch")
NO_SUCH_DOCUMENT = Refusal(Close.NO_SUCH_DOCUMENT, "document.missing")
RESTART = Refusal(Close.RESTART, "restart")
OVERLOAD = Refusal(Close.TRY_LATER, "overload")
STORE_AWAY = Refusal(Close.TRY_LATER, "store.away")
RATE = Refusal(Close.RATE, "rate")
EXPIRED = Refusal(Close.EXPIRED, TokenExpired.code)
NO_TOKEN = Refusal(Close.FORGED, "token.missing")
FOREIGN_TOKEN = Refusal(Close.FORGED, TokenForeign.code)
TOO_MANY_DOCUMENTS = Refusal(Close.FORBIDDEN, "limit.documents")


class TooManyEnter(Exception):
    """More ask to be let in at once than this hub takes."""


EXPECTED = (Unauthenticated, Forbidden, Missing, StorageError, MalformedName, TooManyEnter)
"""What may go wrong when somebody asks to be let in."""


def refusal_of(error: BaseException) -> Refusal:
    """For the errors of `EXPECTED`; StorageErrors that are not about the document pass with time."""
    match error:
        case TokenExpired():
            return Refusal(Close.EXPIRED, error.code)
        case Unauthenticated():
            return Refusal(Close.FORGED, error.code)
        case Forbidden():
            return Refusal(Close.FORBIDDEN, error.code)
        case Missing() | DocumentMissing() | MalformedName():
            return NO_SUCH_DOCUMENT
        case EpochChanged():
            return EPOCH
        case TooManyEnter():
            return OVERLOAD
        case _:
            return STORE_AWAY
