"""What an error means for a step: let go, try again, or give up. The only place where errors become decisions; pure.

Not the carrying out: `runner.py` does that.
"""

from enum import StrEnum

from services.documents.errors import DocumentsError
from services.generation.errors import Refusal, StepEnded
from services.projects.errors import CopyLost
from services.runs.errors import Fenced, GraphUnfit, RunStopped
from services.runs.model import ATTEMPTS_MAX
from storage.errors import DocumentMissing, ObjectMissing, StorageError, StoreAway


class Verdict(StrEnum):
    """What the worker does with its step."""

    CANCELLED = "cancelled"
    """Somebody stopped it; its end is written by whoever stopped it."""
    LOST = "lost"
    """Another worker has it."""
    WAIT = "wait"
    """A store is away: let the lease run out, so that the next try comes by itself and not at once."""
    AGAIN = "again"
    """Hand it back; this attempt counts."""
    AFRESH = "afresh"
    """As AGAIN, and nothing that was finished can be trusted: its objects are gone."""
    GIVE_UP = "give_up"
    """The same would happen again."""


def verdict(error: BaseException, attempt: int) -> Verdict:
    """`attempt` counts from 1."""
    match error:
        case RunStopped():
            return Verdict.CANCELLED
        case Fenced() | CopyLost():
            return Verdict.LOST
        case StoreAway():
            return Verdict.WAIT
        case Refusal() | StepEnded() | DocumentsError() | DocumentMissing() | GraphUnfit():
            return Verdict.GIVE_UP
        case _ if attempt >= ATTEMPTS_MAX:
            return Verdict.GIVE_UP
        case ObjectMissing():
            return Verdict.AFRESH
        case StorageError():
            return Verdict.WAIT
    return Verdict.AGAIN


def plain(error: BaseException) -> BaseException:
    """The first real error inside groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
